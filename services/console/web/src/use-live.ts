import { useEffect, useRef, useState } from 'react'
import { loadAgents, loadAlerts, loadHistory, loadSnapshot } from './api.ts'
import type { Agent, Alerts, History, Snapshot } from './api.ts'
import { poll } from './poll.ts'
import type { Poller } from './poll.ts'
import { rowsOf } from './problems.ts'
import type { Row } from './problems.ts'

/** Times are the browser's own: the server's cannot be asked when it is gone. */
export type Lost = { readonly since: Date; readonly reason: string; readonly retryAt: Date }

export type Live = {
  /** The newest there is, also while the connection is lost. */
  readonly snapshot: Snapshot | undefined
  readonly rows: readonly Row[]
  readonly lost: Lost | undefined
}

export function useLive(): Live & { readonly retry: () => void } {
  const [live, setLive] = useState<Live>({ snapshot: undefined, rows: [], lost: undefined })
  const poller = useRef<Poller>(undefined)
  useEffect(() => {
    const polling = poll({
      load: loadSnapshot,
      everyMs: 2_000,
      timeoutMs: 8_000,
      longestPauseMs: 30_000,
      onAnswer: snapshot =>
        setLive(before => ({ snapshot, rows: rowsOf(snapshot.peers, before.rows), lost: undefined })),
      onFailure: (reason, retryInMs) =>
        setLive(before => ({
          ...before,
          lost: { since: before.lost?.since ?? new Date(), reason, retryAt: new Date(Date.now() + retryInMs) }
        }))
    })
    poller.current = polling
    const wake = () => {
      if (!document.hidden) polling.now()
    }
    addEventListener('online', wake)
    document.addEventListener('visibilitychange', wake)
    return () => {
      removeEventListener('online', wake)
      document.removeEventListener('visibilitychange', wake)
      polling.stop()
    }
  }, [])
  return { ...live, retry: () => poller.current?.now() }
}

/** Each agent at each collector; undefined where the server does not tell: what the snapshot says of agents is shown then. */
export function useAgents(): readonly Agent[] | undefined {
  const [agents, setAgents] = useState<readonly Agent[]>()
  useEffect(() => {
    const polling = poll({
      load: loadAgents,
      everyMs: 5_000,
      timeoutMs: 8_000,
      longestPauseMs: 60_000,
      onAnswer: setAgents,
      onFailure: () => setAgents(undefined)
    })
    return polling.stop
  }, [])
  return agents
}

/** A decision holds moments after the server's answer. */
const decisionMs = 300

/** Undefined where the server detects nothing; `decided` asks it again soon. */
export function useAlerts(): { readonly alerts: Alerts | undefined; readonly decided: () => void } {
  const [alerts, setAlerts] = useState<Alerts>()
  const poller = useRef<Poller>(undefined)
  useEffect(() => {
    const polling = poll({
      load: loadAlerts,
      everyMs: 5_000,
      timeoutMs: 8_000,
      longestPauseMs: 60_000,
      onAnswer: setAlerts,
      onFailure: () => setAlerts(undefined)
    })
    poller.current = polling
    return polling.stop
  }, [])
  return { alerts, decided: () => void setTimeout(() => poller.current?.now(), decisionMs) }
}

/** Undefined where the server keeps no history: the page works without it. */
export function useHistory(): History | undefined {
  const [history, setHistory] = useState<History>()
  useEffect(() => {
    const polling = poll({
      load: loadHistory,
      everyMs: 10_000,
      timeoutMs: 20_000,
      longestPauseMs: 300_000,
      onAnswer: setHistory,
      onFailure: () => setHistory(undefined)
    })
    return polling.stop
  }, [])
  return history
}
