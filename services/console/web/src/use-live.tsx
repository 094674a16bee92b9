import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import type { Agents, Alerts, History, Snapshot } from './api.ts'
import { rowsOf } from './problems.ts'
import type { Row } from './problems.ts'
import { follow } from './stream.ts'
import type { Stream } from './stream.ts'

/** Times are the browser's own: the server's cannot be asked when it is gone. */
export type Lost = { readonly since: Date; readonly reason: string; readonly retryAt: Date }

/** What the server's stream told last; it stands while the connection is lost. */
export type Live = {
  readonly snapshot: Snapshot | undefined
  readonly rows: readonly Row[]
  readonly alerts: Alerts | undefined
  readonly agents: Agents | undefined
  readonly history: History | undefined
  readonly lost: Lost | undefined
}

const nothing: Live = {
  snapshot: undefined,
  rows: [],
  alerts: undefined,
  agents: undefined,
  history: undefined,
  lost: undefined
}

const LiveContext = createContext<Live & { readonly retry: () => void }>({ ...nothing, retry: () => undefined })

export const useLive = () => useContext(LiveContext)

/** One stream for all pages. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [live, setLive] = useState(nothing)
  const stream = useRef<Stream>(undefined)
  useEffect(() => {
    const following = follow({
      open: () => new EventSource('api/events'),
      names: ['snapshot', 'alerts', 'agents', 'history'],
      onEvent: (name, told) => setLive(before => ({ ...withTold(before, name, told), lost: undefined })),
      onLost(retryInMs) {
        void askForToken()
        const retryAt = new Date(Date.now() + retryInMs)
        const reason = 'the server does not tell anything'
        setLive(before => ({ ...before, lost: { since: before.lost?.since ?? new Date(), reason, retryAt } }))
      },
      silentMs: 40_000,
      firstPauseMs: 1_000,
      longestPauseMs: 30_000
    })
    stream.current = following
    const wake = () => {
      if (!document.hidden) following.now()
    }
    addEventListener('online', wake)
    document.addEventListener('visibilitychange', wake)
    return () => {
      removeEventListener('online', wake)
      document.removeEventListener('visibilitychange', wake)
      following.stop()
    }
  }, [])
  const value = useMemo(() => ({ ...live, retry: () => stream.current?.now() }), [live])
  return <LiveContext value={value}>{children}</LiveContext>
}

function withTold(live: Live, name: string, told: unknown): Live {
  if (name !== 'snapshot') return { ...live, [name]: told }
  const snapshot = told as Snapshot
  return { ...live, snapshot, rows: rowsOf(snapshot.peers, live.rows) }
}

/** Where the stream ends because the token has, the page's own URL asks for one. */
async function askForToken(): Promise<void> {
  const status = await fetch('api/session', { cache: 'no-store' }).then(
    answer => answer.status,
    () => 0
  )
  if (status === 401) location.reload()
}
