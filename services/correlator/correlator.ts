import type { Component, Log } from '@earshot/bus'
import type { LegHeaders, Limits, Parties } from '@earshot/calls'
import { topics } from '../pipeline.ts'
import { CorrelatorStage } from './stage.ts'

/** The group whose state is the open calls. */
export const correlatorGroup = 'correlator'

/** Turns packets into records of calls, once each. */
export function correlator(options: {
  readonly log: Log
  readonly parties: Parties
  readonly limits: Limits
  readonly legHeaders?: LegHeaders
  readonly onFailure: (error: Error) => void
}): Component {
  const { log, onFailure, ...parts } = options
  let callsPartitions = 1
  let mediaByAddress = true
  const run = log.run({
    input: topics.packets,
    group: correlatorGroup,
    stage: partition => new CorrelatorStage(partition, { ...parts, callsPartitions, mediaByAddress }),
    onFailure
  })
  return {
    name: run.name,
    async start() {
      callsPartitions = await log.partitions(topics.calls)
      mediaByAddress = (await log.partitions(topics.packets)) === 1
      await run.start()
    },
    stop: () => run.stop()
  }
}
