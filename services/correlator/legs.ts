import type { Component, Log } from '@earshot/bus'
import type { Limits } from '@earshot/calls'
import { catalogue, type Metrics } from '@earshot/telemetry'
import { topics } from '../pipeline.ts'
import { LegsStage, noLegCounts } from './legs-stage.ts'

/** The group whose state is the legs that wait for others. */
export const legsGroup = 'legs'

/** Nobody waits for the second in which legs were joined; few commits cost less. */
const BATCH = { records: 1000, waitMs: 1000 }

/** Joins the legs of all partitions of packets, in one of the processes that have it. */
export function legs(options: {
  readonly log: Log
  readonly metrics: Metrics
  readonly limits: Limits
  readonly onFailure: (error: Error) => void
}): Component {
  const { log, metrics, limits, onFailure } = options
  const counted = noLegCounts()
  let sources = 1
  const run = log.run({
    input: topics.legs,
    group: legsGroup,
    stage: () => new LegsStage({ sources, limits, counted }),
    batch: BATCH,
    onFailure
  })
  metrics.observe(catalogue.joinedCalls, tell => tell(counted.calls))
  metrics.observe(catalogue.legsNotJoined, tell => {
    tell(counted.crowd, { reason: 'crowd' })
    tell(counted.full, { reason: 'full' })
  })
  return {
    name: run.name,
    async start() {
      sources = await log.partitions(topics.packets)
      await run.start()
    },
    stop: () => run.stop()
  }
}
