import { useEffect, useState } from 'react'
import { age, timeOfDay } from './format.ts'
import type { Lost } from './use-live.tsx'

type Props = { readonly lost: Lost; readonly now: string | undefined; readonly retry: () => void }

/** Says since when the figures stand still. Only its first sentence is announced: the rest changes every second. */
export function ConnectionBanner({ lost, now, retry }: Props) {
  const [clock, setClock] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setClock(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const wait = Math.ceil((+lost.retryAt - clock) / 1_000)
  return (
    <div className="banner">
      <span role="alert">
        <strong>Connection lost since {timeOfDay(lost.since)} UTC:</strong> {lost.reason}.
      </span>{' '}
      <span>
        {now === undefined
          ? 'There are no figures yet.'
          : `For ${age((clock - +lost.since) / 1_000)} now the figures stand at ${timeOfDay(new Date(now))} UTC.`}{' '}
        {wait > 0 ? `Next try in ${wait} s.` : 'Trying …'}
      </span>
      <button type="button" onClick={retry}>
        Try now
      </button>
    </div>
  )
}
