import type { Component, Log } from '@earshot/bus'
import { PeerNames, type PeerRow, type Registry } from '@earshot/peers'
import type { Metrics } from '@earshot/telemetry'
import { topics } from '../pipeline.ts'
import { History } from './history.ts'
import { observeFigures } from './observe-figures.ts'
import { MonitorStage } from './stage.ts'

export type Monitor = Component & {
  /** The stage in force; undefined before the start. */
  readonly state: MonitorStage | undefined
  readonly history: History
  rows(): readonly PeerRow[]
}

/** Sums what the correlators found, per peer, and shows it as metrics. */
export function monitor(options: {
  readonly log: Log
  readonly metrics: Metrics
  readonly registry: () => Registry
  readonly maxPeers: number
  readonly onFailure: (error: Error) => void
}): Monitor {
  const { log, metrics, registry, maxPeers, onFailure } = options
  const names = new PeerNames(maxPeers, peer => registry().named(peer) !== undefined)
  const history = new History()
  let state: MonitorStage | undefined
  const run = log.run({
    input: topics.calls,
    group: 'monitor',
    stage: () => {
      state = new MonitorStage(names, ({ watermark }) => history.note(watermark!, () => state!.rows()))
      return state
    },
    onFailure
  })
  observeFigures(metrics, () => state)
  return {
    name: 'monitor',
    start: () => run.start(),
    stop: () => run.stop(),
    history,
    get state() {
      return state
    },
    rows: () => state?.rows() ?? []
  }
}
