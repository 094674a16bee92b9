import type { Alert, Sums } from '@earshot/peers'
import { everyPeer, type SeriesRow, type Side } from '@earshot/store'
import { epochMicros } from '@earshot/units'
import type { ReportSource } from './subjects.ts'

export const HOUR = 3600e6
/** A Monday. */
export const start = epochMicros(Date.parse('2026-11-02T00:00Z') * 1e3)
export const after = (hours: number) => epochMicros(start + hours * HOUR)

/** What calls did in an hour, in erlangs. */
export type Spent = {
  readonly setup?: number
  readonly earlyMedia?: number
  readonly talk?: number
  readonly peak?: number
  readonly second?: number
  readonly sums?: Partial<Sums>
}

/** An hour of a peer, in a direction and in both. */
export function hour(peer: string, hours: number, direction: Side, spent: Spent): SeriesRow[] {
  const { setup = 0, earlyMedia = 0, talk = 0, peak = 0, second = 0, sums } = spent
  const occupancy = (erlangs: number) => ({ peak, seconds: erlangs * 3600 })
  const row: SeriesRow = {
    at: after(hours),
    peer,
    direction,
    sums: {
      peer,
      direction: direction === 'both' ? 'outbound' : direction,
      attempts: {},
      earlyMediaMicros: 0,
      withSdp: 0,
      withoutSdp: 0,
      rejections: {},
      ...sums
    },
    busySecond: second > 0 ? { attempts: second, at: epochMicros(after(hours) + 5e6) } : null,
    concurrent: {
      setup: occupancy(setup),
      earlyMedia: occupancy(earlyMedia),
      established: occupancy(talk),
      total: occupancy(setup + earlyMedia + talk)
    }
  }
  return direction === 'both' ? [row] : [row, { ...row, direction: 'both' }]
}

/** Answers from what it is given, as a store would. */
export function storeOf(
  rows: readonly SeriesRow[],
  { alerts = [] }: { readonly alerts?: readonly Alert[] } = {}
): ReportSource['store'] {
  const within = (at: number, { from = -Infinity, to = Infinity }: { from?: number; to?: number }): boolean =>
    at >= from && at < to
  const pageOf = <Row>(found: readonly Row[], { limit = 100, cursor = '0' }: { limit?: number; cursor?: string }) => {
    const next = Number(cursor) + limit
    return Promise.resolve({
      rows: found.slice(Number(cursor), next),
      ...(next < found.length && { next: String(next) })
    })
  }
  return {
    series: ({ peers = [everyPeer], ...range }) =>
      Promise.resolve(rows.filter(({ at, peer }) => peers.includes(peer) && within(at, range))),
    peers: range =>
      Promise.resolve(
        [
          ...new Set(rows.filter(({ at, peer }) => peer !== everyPeer && within(at, range)).map(({ peer }) => peer))
        ].sort()
      ),
    alerts: query =>
      pageOf(
        alerts
          .filter(({ startedAt, peer }) => within(startedAt, query) && (query.peers?.includes(peer) ?? true))
          .toSorted((a, b) => b.startedAt - a.startedAt),
        query
      )
  }
}
