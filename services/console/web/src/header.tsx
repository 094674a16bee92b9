import type { Snapshot } from './api.ts'
import { age, timeOfDay, timeOn } from './format.ts'
import { ThemeToggle } from './theme-toggle.tsx'

type Props = { readonly snapshot: Snapshot | undefined; readonly lost: boolean }

export function Header({ snapshot, lost }: Props) {
  return (
    <header className="header">
      <Mark />
      <h1>Earshot</h1>
      <p className="subject">Early media and method rejections, by peer</p>
      {snapshot && <Times since={new Date(snapshot.since)} now={new Date(snapshot.now)} lost={lost} />}
      <ThemeToggle />
    </header>
  )
}

function Times({ since, now, lost }: { since: Date; now: Date; lost: boolean }) {
  return (
    <p className="times">
      <span className={lost ? 'pulse lost' : 'pulse'} aria-hidden="true" />
      <span>
        <b title="Event time: everything captured up to here is counted">{timeOfDay(now)}</b> UTC
      </span>
      <span className="since" title="The counters count since this time">
        since {timeOn(since, now)}
        {+now > +since && ` · ${age((+now - +since) / 1_000)}`}
      </span>
    </p>
  )
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M8 13v6M13 9v14M18 12v8" />
      <path className="waves" d="M22.5 11a8 8 0 0 1 0 10M26 8a13 13 0 0 1 0 16" />
    </svg>
  )
}
