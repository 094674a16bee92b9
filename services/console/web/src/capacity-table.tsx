import type { WholePeer } from './api.ts'
import { count, timeOn } from './format.ts'
import { Link } from './link.tsx'

type Props = { readonly peers: readonly WholePeer[]; readonly query: URLSearchParams }

/** Each peer, both directions below each other, now and at its most of the day (UTC). */
export function CapacityTable({ peers, query }: Props) {
  const byPeer = Map.groupBy(
    peers.filter(({ direction }) => direction !== 'internal'),
    ({ peer }) => peer
  )
  const last = query.get('last') ?? undefined
  return (
    <div className="wide" role="region" aria-label="Capacity by peer" tabIndex={0}>
      <table className="small lined">
        <thead>
          <tr>
            <th scope="col">Peer</th>
            <th scope="col">Calls contracted</th>
            <th scope="col">Per second contracted</th>
            <th scope="col">Direction</th>
            <Head>In setup</Head>
            <Head>Early media</Head>
            <Head>Established</Head>
            <Head title="Calls at a time">Most today</Head>
            <Head title="Attempts">Busiest second</Head>
            <Head title="Talk time">Carried, E</Head>
            <Head title="Early media">Unbilled, E</Head>
          </tr>
        </thead>
        {Array.from(byPeer, ([peer, rows]) => (
          <tbody key={peer}>
            {rows.map((row, at) => (
              <tr key={row.direction}>
                {at === 0 && <PeerCells rows={rows} last={last} />}
                <Figures row={row} />
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  )
}

const Head = ({ children, title }: { readonly children: string; readonly title?: string }) => (
  <th scope="col" className="number" title={title}>
    {children}
  </th>
)

/** Contracts are of both directions together. */
function PeerCells({ rows, last }: { readonly rows: readonly WholePeer[]; readonly last: string | undefined }) {
  const { peer, capacity } = rows[0]!
  return (
    <>
      <th scope="rowgroup" rowSpan={rows.length}>
        <Link page="capacity" query={{ name: peer, last }}>
          {peer}
        </Link>
      </th>
      <Usage rows={rows.length} contracted={capacity.contracted?.calls} left={capacity.headroom?.calls} what="calls" />
      <Usage rows={rows.length} contracted={capacity.contracted?.cps} left={capacity.headroom?.cps} what="per second" />
    </>
  )
}

type UsageProps = {
  readonly rows: number
  readonly contracted: number | undefined
  readonly left: number | undefined
  readonly what: string
}

function Usage({ rows, contracted, left, what }: UsageProps) {
  if (contracted === undefined || left === undefined) return <td rowSpan={rows}>–</td>
  const used = contracted - left
  return (
    <td rowSpan={rows}>
      <span className="usage">
        <meter
          min={0}
          max={contracted}
          low={contracted * 0.8}
          high={contracted * 0.95}
          optimum={0}
          value={used}
          aria-label={`${count(used)} of ${count(contracted)} ${what}`}
        />
        <span>
          {count(used)} of {count(contracted)}
        </span>
      </span>
    </td>
  )
}

function Figures({ row: { direction, capacity, figures } }: { readonly row: WholePeer }) {
  const { concurrent, peak, busySecond, carriedErlangs } = capacity
  const now = new Date()
  const at = (time: unknown) => (typeof time === 'string' ? `at ${timeOn(new Date(time), now)} UTC` : undefined)
  return (
    <>
      <td>{direction}</td>
      <td className="number">{count(concurrent.setup)}</td>
      <td className="number">{count(concurrent.earlyMedia)}</td>
      <td className="number">{count(concurrent.established)}</td>
      <td className="number" title={at(peak?.at)}>
        {peak ? count(Number(peak.calls)) : '–'}
      </td>
      <td className="number" title={at(busySecond?.at)}>
        {busySecond ? count(Number(busySecond.attempts)) : '–'}
      </td>
      <td className="number">{carriedErlangs === null ? '–' : carriedErlangs.toFixed(2)}</td>
      <td className="number">{figures.earlyMediaErlangs === null ? '–' : figures.earlyMediaErlangs.toFixed(2)}</td>
    </>
  )
}
