import { concurrentIn, type Registry } from '@earshot/peers'
import { catalogue, type Metrics } from '@earshot/telemetry'
import type { Detection } from './detection.ts'
import { figuresOf, type PartitionFigures } from './partition-figures.ts'

type Observed = {
  /** The partitions that this process has now. */
  readonly shown: Iterable<PartitionFigures>
  readonly detecting: Iterable<Detection>
  readonly registry: () => Registry
}

/** Shows how much of each peer is used, and what was contracted. */
export function observeCapacity(metrics: Metrics, { shown, detecting, registry }: Observed): void {
  metrics.observe(catalogue.concurrentCalls, tell => {
    // What is answered leaves the pending sums and comes to the final ones with one record: both as they are now.
    for (const sums of figuresOf(shown).sums()) {
      const { peer, direction } = sums
      const { setup, earlyMedia, established } = concurrentIn(sums)
      tell(setup, { peer, direction, state: 'setup' })
      tell(earlyMedia, { peer, direction, state: 'early_media' })
      tell(established, { peer, direction, state: 'established' })
    }
  })
  metrics.observe(catalogue.busySecondAttempts, tell => {
    for (const { peer, direction, busySecond } of busiestIn(detecting)) {
      tell(busySecond?.attempts ?? 0, { peer, direction })
    }
  })
  metrics.observe(catalogue.peakCalls, tell => {
    for (const { peer, direction, peak } of busiestIn(detecting)) tell(peak?.calls ?? 0, { peer, direction })
  })
  metrics.observe(catalogue.contractedCalls, tell => {
    for (const { name, calls } of registry().entries) if (calls !== undefined) tell(calls, { peer: name })
  })
  metrics.observe(catalogue.contractedAttempts, tell => {
    for (const { name, cps } of registry().entries) if (cps !== undefined) tell(cps, { peer: name })
  })
}

const directions = ['inbound', 'outbound', 'both'] as const

function* busiestIn(detecting: Iterable<Detection>) {
  for (const { capacity } of detecting) {
    for (const peer of capacity.peers()) {
      for (const direction of directions) yield { peer, direction, ...capacity.busiest(peer, direction) }
    }
  }
}
