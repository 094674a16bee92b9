import { setImmediate } from 'node:timers/promises'
import type { Contract, Registry } from '@earshot/peers'
import { everyPeer, type SeriesRow, type Store } from '@earshot/store'
import { hoursOf } from './hours.ts'
import type { LocalTime } from './local-time.ts'
import type { ReportRange } from './range.ts'

/** What a report is made of. */
export type ReportSource = {
  readonly store: Pick<Store, 'series' | 'peers' | 'alerts'>
  readonly registry: Registry
  readonly local: LocalTime
}

/** Of all peers without either. */
export type ReportQuery = ReportRange & {
  readonly peer?: string
  /** Its peers, and all of them together. */
  readonly group?: string
}

/** What a row is about: a peer, a group of peers, or all of them. */
export type Subject =
  | { readonly kind: 'peer'; readonly name: string }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'all' }

/** The hours of one subject, as they come out of the store. */
export type SubjectHours = {
  readonly subject: Subject
  /** In the order of time. Of a group an hour has a row of each of its peers. */
  readonly rows: readonly SeriesRow[]
  readonly contract: Contract | undefined
}

/**
 * The hours of each peer that was asked for, by name, and then of all of them together where there are several. One after
 * the other: those of a year and of many peers do not fit into memory together. SQLite answers in the thread that asks, which may be
 * that of the collector: between two of them others have their turn.
 */
export async function* subjectsOf({ store, registry }: ReportSource, query: ReportQuery): AsyncIterable<SubjectHours> {
  const peers = await peersOf({ store, registry }, query)
  for (const name of peers) {
    await setImmediate()
    const rows = await hoursOf(store, query, [name])
    if (rows.length > 0) yield { subject: { kind: 'peer', name }, rows, contract: registry.named(name) }
  }
  if (query.peer !== undefined || peers.length < 2) return
  await setImmediate()
  if (query.group === undefined) {
    const rows = await hoursOf(store, query, [everyPeer])
    yield { subject: { kind: 'all' }, rows, contract: undefined }
  } else {
    const rows = await hoursOf(store, query, peers)
    yield { subject: { kind: 'group', name: query.group }, rows, contract: contractOf(registry, query.group) }
  }
}

/** What our own equipment answers is in no report about peers. */
async function peersOf(
  { store, registry }: Pick<ReportSource, 'store' | 'registry'>,
  { peer, group, ...range }: ReportQuery
): Promise<readonly string[]> {
  if (peer !== undefined) return [peer]
  const known = await store.peers(range)
  return known.filter(name => {
    const entry = registry.named(name)
    return !entry?.ours && (group === undefined || entry?.group === group)
  })
}

/** What the peers of a group have contracted together, where it is known of each. */
function contractOf(registry: Registry, group: string): Contract | undefined {
  const entries = registry.entries.filter(entry => entry.group === group && !entry.ours)
  const calls = entries.map(entry => entry.calls)
  return calls.every(each => each !== undefined) ? { calls: calls.reduce((sum, each) => sum + each, 0) } : undefined
}
