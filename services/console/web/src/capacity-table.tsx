import type { WholePeer } from './api.ts'
import { count, percent, timeOn } from './format.ts'
import { Link } from './link.tsx'
import { keyOf } from './api.ts'

type Props = { readonly peers: readonly WholePeer[]; readonly query: URLSearchParams }

/** Each peer in each direction, now and at its most of the day (UTC). */
export function CapacityTable({ peers, query }: Props) {
  const shown = peers.filter(({ direction }) => direction !== 'internal')
  const last = query.get('last') ?? undefined
  return (
    <div className="wide" role="region" aria-label="Capacity by peer" tabIndex={0}>
      <table className="small lined">
        <thead>
          <tr>
            <th scope="col">Peer</th>
            <th scope="col">Direction</th>
            <th scope="col">In setup</th>
            <th scope="col">Early media</th>
            <th scope="col">Established</th>
            <th scope="col">Most of the day</th>
            <th scope="col">Busiest second</th>
            <th scope="col">Carried, erlangs</th>
            <th scope="col">Unbilled early media, erlangs</th>
            <th scope="col">Contracted calls, left</th>
            <th scope="col">Contracted per second, left</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(peer => (
            <Row key={keyOf(peer)} peer={peer} last={last} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ peer, last }: { readonly peer: WholePeer; readonly last: string | undefined }) {
  const { capacity, figures } = peer
  const { concurrent, peak, busySecond, carriedErlangs } = capacity
  const now = new Date()
  const at = (time: unknown) => (typeof time === 'string' ? timeOn(new Date(time), now) : '')
  return (
    <tr>
      <th scope="row">
        <Link page="capacity" query={{ name: peer.peer, last }}>
          {peer.peer}
        </Link>
      </th>
      <td>{peer.direction}</td>
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
      <Left contracted={capacity.contracted?.calls} left={capacity.headroom?.calls} />
      <Left contracted={capacity.contracted?.cps} left={capacity.headroom?.cps} />
    </tr>
  )
}

/** Of both directions together, as contracts are. */
function Left({ contracted, left }: { readonly contracted: number | undefined; readonly left: number | undefined }) {
  if (contracted === undefined || left === undefined) return <td className="number">–</td>
  const used = contracted > 0 ? 1 - left / contracted : 1
  return (
    <td className={used >= 0.8 ? 'number fault' : 'number'}>
      {count(contracted)}, {count(left)} <span className="remark">({percent(used)} used)</span>
    </td>
  )
}
