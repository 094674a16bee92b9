import type { Busiest, Concurrent, Contract, GroupRow, PeerEntry, PeerRow } from '@earshot/peers'

/** How much of a peer or group is used in one direction, and what is left of what was contracted (K-4). */
export type Capacity = PeerRow['capacity'] & Partial<Busiest> & Partial<Headroom>

/** Of both directions together. */
type Headroom = {
  readonly contracted: Contract
  /** Below 0 where more is used; `cps` is what the busiest second of the day has left. */
  readonly headroom: Contract
}

/** The busiest of a peer, or of a group: MonitorView and CapacityWatch tell it. */
export type BusiestOf = (name: string, side: PeerRow['direction'] | 'both') => Busiest

/** @param rows of all peers in both directions */
export function withCapacity<Row extends PeerRow>(
  rows: readonly Row[],
  busiestOf: BusiestOf,
  contractOf: (peer: string) => Contract | undefined
): (Row & { readonly capacity: Capacity })[] {
  const calls = callsBy(rows, ({ peer }) => peer)
  return rows.map(row => {
    const { peer, direction, capacity } = row
    const used = { calls: calls.get(peer)!, cps: busiestOf(peer, 'both').busySecond?.attempts ?? 0 }
    return { ...row, capacity: { ...capacity, ...busiestOf(peer, direction), ...headroomOf(contractOf(peer), used) } }
  })
}

/** A group has contracted what its peers have together, if it is known of each. */
export function withGroupCapacity(
  rows: readonly GroupRow[],
  busiestOf: BusiestOf,
  entries: readonly PeerEntry[]
): (GroupRow & { readonly capacity: Capacity })[] {
  const calls = callsBy(rows, ({ group }) => group)
  return rows.map(row => {
    const { group, direction, capacity } = row
    const peers = entries.filter(entry => entry.group === group && !entry.ours)
    const cps = busiestOf(group, 'both').busySecond?.attempts
    const contract = { ...together(peers, 'calls'), ...together(peers, 'cps') }
    const used = { calls: calls.get(group)!, ...(cps !== undefined && { cps }) }
    return { ...row, capacity: { ...capacity, ...busiestOf(group, direction), ...headroomOf(contract, used) } }
  })
}

function together(peers: readonly PeerEntry[], name: keyof Contract): Contract {
  if (peers.length === 0) return {}
  const sum = peers.reduce<number | undefined>((all, peer) => {
    const own = peer[name]
    return all === undefined || own === undefined ? undefined : all + own
  }, 0)
  return sum === undefined ? {} : { [name]: sum }
}

function headroomOf(contract: Contract | undefined, used: Contract): Partial<Headroom> {
  const { calls, cps } = contract ?? {}
  if (calls === undefined && cps === undefined) return {}
  return {
    contracted: { ...(calls !== undefined && { calls }), ...(cps !== undefined && { cps }) },
    headroom: {
      ...(calls !== undefined && used.calls !== undefined && { calls: calls - used.calls }),
      ...(cps !== undefined && used.cps !== undefined && { cps: cps - used.cps })
    }
  }
}

function callsBy<Row extends { readonly capacity: { readonly concurrent: Concurrent } }>(
  rows: readonly Row[],
  nameOf: (row: Row) => string
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const row of rows) {
    const { setup, earlyMedia, established } = row.capacity.concurrent
    const name = nameOf(row)
    sums.set(name, (sums.get(name) ?? 0) + setup + earlyMedia + established)
  }
  return sums
}
