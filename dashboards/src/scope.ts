import { catalogue } from '@earshot/telemetry'
import { and, compare, sum, type Query } from './query.ts'
import { increase, matching, not, over, rate, select, type Selection } from './selection.ts'

/*
 * Queries for what the dashboard's variables choose: group and peer. Traffic between our own equipment is no peer's and
 * left out.
 */

/** The chosen peers, of metrics without direction. */
export const ofPeer = { peer: matching('$peer') } as const

/** The chosen peers' own traffic. */
export const ofPeers = { ...ofPeer, direction: not('internal') } as const

/** Those of the chosen groups. */
export const inGroup = <Label extends string>(query: Query<Label | 'peer'>): Query<Label | 'peer'> =>
  and(query, select(catalogue.peerInfo, { ...ofPeer, group: matching('$group') }), ['peer'])

/** The window of a rate: what Grafana finds right for the step of the graph and the interval of scraping. */
export const window = '$__rate_interval'

/** Of the chosen groups per second, over the step of the graph. */
export const perSecond = <Label extends string>(of: Selection<'counter', Label | 'peer'>): Query<Label | 'peer'> =>
  inGroup(rate(of, window))

/** Of the chosen groups in the whole time shown. */
export const inAll = <Label extends string>(of: Selection<'counter', Label | 'peer'>): Query<Label | 'peer'> =>
  inGroup(increase(of, '$__range'))

/** The mean over an hour. */
export const hourly = <Label extends string>(of: Selection<'gauge', Label | 'peer'>): Query<Label | 'peer'> =>
  inGroup(over('1h', 'avg_over_time', of))

/** Rates by labels, without those of which nothing came in the whole time shown. */
export function ratesSeen<Label extends string, const By extends Label>(
  of: Selection<'counter', Label>,
  by: readonly By[]
): Query<By> {
  return and(sum(rate(of, window), by), compare(sum(increase(of, '$__range'), by), '>', 0), by)
}
