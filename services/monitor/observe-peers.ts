import type { Registry } from '@earshot/peers'
import { catalogue, type Metrics } from '@earshot/telemetry'
import type { PartitionFigures } from './partition-figures.ts'

type Observed = {
  /** The partitions that this process has now. */
  readonly shown: Iterable<PartitionFigures>
  readonly registry: () => Registry
}

/** Shows the group of every peer that the registry names or that has figures here, for queries to join with. */
export function observePeers(metrics: Metrics, { shown, registry }: Observed): void {
  metrics.observe(catalogue.peerInfo, tell => {
    const { entries } = registry()
    const groups = new Map(entries.filter(({ ours }) => !ours).map(({ name, group = '' }) => [name, group]))
    for (const { final, committed } of shown) {
      for (const { peer } of [...final.sums(), ...committed.pending]) if (!groups.has(peer)) groups.set(peer, '')
    }
    for (const [peer, group] of groups) tell(1, { peer, group })
  })
}
