import type { AllowChanges, Capabilities, Direction, Series } from '../api.ts'
import { keyOf } from '../api.ts'
import { AllowHistory } from '../allow-history.tsx'
import { AlertItem } from '../alert-item.tsx'
import { CapabilityTable } from '../capability-table.tsx'
import { PeerCharts } from '../peer-charts.tsx'
import { PeerCounts } from '../peer-counts.tsx'
import { PeerTiles } from '../peer-tiles.tsx'
import { PeriodChoice, usePeriodQuery } from '../period-choice.tsx'
import { nameOfPeriod, periodIn } from '../periods.ts'
import { Link } from '../link.tsx'
import { worst } from '../problems.ts'
import { placeOf } from '../router.ts'
import { SeverityMark } from '../severity-mark.tsx'
import { useLive } from '../use-live.tsx'
import { useLoaded } from '../use-loaded.ts'

const sides = ['both', 'outbound', 'inbound'] as const

/** One peer over time: what became of its attempts, what it rejects, and what it says that it takes. */
export function PeerPage({ query }: { readonly query: URLSearchParams }) {
  const name = query.get('name') ?? ''
  const side = sides.find(each => each === query.get('direction')) ?? 'both'
  const period = periodIn(query)
  const range = usePeriodQuery(period)
  const path = encodeURIComponent(name)
  const series = useLoaded<Series>(`api/series?${range}&direction=${side}&peer=${path}`)
  const capabilities = useLoaded<Capabilities>(`api/peers/${path}/capabilities`, 10_000)
  const changes = useLoaded<AllowChanges>(`api/peers/${path}/allow-history`, 60_000)
  const { answer } = series
  return (
    <article className="peer-page">
      <div className="title">
        <h2>{name}</h2>
        <Where name={name} />
        <nav className="segmented" aria-label="Direction">
          {sides.map(each => (
            <Link
              key={each}
              page="peer"
              query={{ ...Object.fromEntries(query), direction: each === 'both' ? undefined : each }}
              current={each === side}
              className={each === side ? 'chosen' : ''}
            >
              {each === 'both' ? 'both directions' : each}
            </Link>
          ))}
        </nav>
        <PeriodChoice page="peer" query={query} />
        <Link page="calls" query={{ peer: name }} className="button">
          Calls
        </Link>
        <a className="button" href={placeOf('api/reports/early-media/html', { peer: name })}>
          Report of 7 days
        </a>
      </div>
      <PeerAlerts name={name} />
      {series.trouble !== undefined && <p role="alert">{series.trouble}</p>}
      {answer && (
        <>
          <PeerTiles total={answer.total} period={nameOfPeriod(period)} />
          <PeerCharts series={answer} />
          <PeerCounts total={answer.total} peer={name} />
        </>
      )}
      <section className="panel">
        <h3>Methods, since they are counted</h3>
        {capabilities.answer ? (
          <CapabilityTable methods={capabilities.answer.methods} peer={name} />
        ) : (
          <p className="remark">{capabilities.trouble ?? 'Loading …'}</p>
        )}
      </section>
      {changes.answer && changes.answer.changes.length > 0 && <AllowHistory changes={changes.answer.changes} />}
    </article>
  )
}

function Where({ name }: { readonly name: string }) {
  const { rows } = useLive()
  const own = rows.filter(({ peer }) => peer.peer === name)
  const severity = worst(own.flatMap(({ problems }) => problems))
  const group = own[0]?.peer.group
  const directions = own.map(({ peer }) => peer.direction satisfies Direction)
  return (
    <p className="subtitle">
      {severity && <SeverityMark severity={severity} label={severity} />}
      {[own[0]?.peer.ours === true ? 'ours' : undefined, group, ...directions].filter(Boolean).join(' · ')}
    </p>
  )
}

/** What lasts at the peer, and what its figures of today say. */
function PeerAlerts({ name }: { readonly name: string }) {
  const { alerts, rows } = useLive()
  const lasting = alerts?.active.filter(({ peer }) => peer === name) ?? []
  const problems = rows.flatMap(row =>
    row.peer.peer === name
      ? row.problems.map(problem => ({ ...problem, key: `${keyOf(row.peer)} ${problem.headline}` }))
      : []
  )
  if (lasting.length + problems.length === 0) return undefined
  return (
    <section className="alerts" aria-label="What to look at">
      <ul>
        {lasting.map(alert => (
          <AlertItem key={alert.id} alert={alert} now={new Date(alerts?.now ?? Date.now())} />
        ))}
        {problems.map(({ key, severity, headline, advice }) => (
          <li key={key} className={severity}>
            <SeverityMark severity={severity} label={severity} />
            <span>
              <strong>{headline}.</strong> {advice}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
