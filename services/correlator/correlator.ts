import type { Component, Log } from '@earshot/bus'
import type { Limits, Parties } from '@earshot/calls'
import { topics } from '../pipeline.ts'
import { CorrelatorStage } from './stage.ts'

/** Turns packets into records of calls, once each. */
export function correlator(options: {
  readonly log: Log
  readonly parties: Parties
  readonly limits: Limits
  readonly onFailure: (error: Error) => void
}): Component {
  const { log, onFailure, parties, limits } = options
  return log.run({
    input: topics.packets,
    group: 'correlator',
    stage: partition => new CorrelatorStage(partition, { parties, limits }),
    onFailure
  })
}
