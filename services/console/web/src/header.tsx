import { age, timeOfDay, timeOn } from './format.ts'
import { Link } from './link.tsx'
import { ThemeToggle } from './theme-toggle.tsx'
import { useLive } from './use-live.tsx'
import { useSession } from './use-session.ts'

type Place = { readonly page: string; readonly name: string; readonly also?: readonly string[] }

const places: readonly Place[] = [
  { page: '', name: 'Overview', also: ['peer'] },
  { page: 'calls', name: 'Calls', also: ['call'] },
  { page: 'alerts', name: 'Alerts' },
  { page: 'capacity', name: 'Capacity' },
  { page: 'pipeline', name: 'Pipeline' }
]

export function Header({ page }: { readonly page: string }) {
  const { snapshot, alerts, lost } = useLive()
  const lasting = alerts?.active.filter(({ silence }) => !silence).length ?? 0
  return (
    <header className="header">
      <Mark />
      <h1>
        <Link page="">Earshot</Link>
      </h1>
      <nav aria-label="Pages">
        <ul>
          {places.map(place => (
            <li key={place.page}>
              <Link page={place.page} current={place.page === page || place.also?.includes(page) === true}>
                {place.name}
                {place.page === 'alerts' && lasting > 0 && (
                  <span className="badge">
                    {lasting}
                    <span className="hidden"> last</span>
                  </span>
                )}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {snapshot?.now && (
        <Times
          since={new Date(snapshot.since ?? snapshot.now)}
          now={new Date(snapshot.now)}
          lost={lost !== undefined}
        />
      )}
      <Who />
      <ThemeToggle />
    </header>
  )
}

/** Whose decisions they are; with a token of one's own, it can be given back. */
function Who() {
  const session = useSession()
  if (session?.name === undefined) return undefined
  return (
    <p className="who">
      {session.name}
      {session.by === 'token' && (
        <button type="button" onClick={() => void fetch('session', { method: 'DELETE' }).then(() => location.reload())}>
          Sign out
        </button>
      )}
    </p>
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
