import type { Component, Log } from '@earshot/bus'
import { PeerNames, type Alert, type Registry } from '@earshot/peers'
import type { Metrics } from '@earshot/telemetry'
import type { EpochMicros } from '@earshot/units'
import { topics } from '../pipeline.ts'
import { agentsWatch } from './agents-stage.ts'
import type { AlertBook } from './alert-book.ts'
import { Counted } from './counted.ts'
import type { Detection } from './detection.ts'
import { observeCapacity } from './observe-capacity.ts'
import { activeIn, observeDetection } from './observe-detection.ts'
import { observeFigures } from './observe-figures.ts'
import { observePeers } from './observe-peers.ts'
import type { PartitionFigures } from './partition-figures.ts'
import { MonitorStage } from './stage.ts'

/** The group whose state is what is known of the peers: see MonitorView. */
export const monitorGroup = 'monitor'

export type Monitor = Component & {
  /** Alerts that last, of the partitions that this process has now. */
  activeAlerts(): Alert[]
}

/** Sums what the correlators found, per peer, and shows as metrics what this process has summed. */
export function monitor(options: {
  readonly log: Log
  readonly metrics: Metrics
  readonly registry: () => Registry
  readonly maxPeers: number
  /** IANA name of the zone whose days and weeks traffic has. */
  readonly timeZone: string
  readonly now: () => EpochMicros
  readonly onAlert?: (alert: Alert) => void
  readonly onFailure: (error: Error) => void
}): Monitor {
  const { log, metrics, registry, maxPeers, timeZone, now, onAlert, onFailure } = options
  const counted = new Counted(metrics, now)
  const shown = new Set<PartitionFigures>()
  const detecting = new Set<Detection>()
  const watching = new Set<{ readonly book: AlertBook }>()
  const activeAlerts = (): Alert[] => activeIn([...detecting, ...watching])
  let partitions = 1
  let sources = 1
  // Each partition has its share, so that its names do not depend on the others that are worked in the same process.
  const names = (): PeerNames =>
    new PeerNames(Math.ceil(maxPeers / partitions), peer => registry().named(peer) !== undefined)
  const run = log.run({
    input: topics.calls,
    group: monitorGroup,
    stage: () =>
      new MonitorStage({
        names: names(),
        counted,
        shown,
        detecting,
        detection: {
          sources,
          timeZone,
          maintenanceOf: peer => registry().named(peer)?.maintenance ?? [],
          contractOf: peer => registry().named(peer),
          groupOf: peer => registry().named(peer)?.group
        },
        ...(onAlert && { onAlert })
      }),
    onFailure
  })
  observeFigures(metrics, { counted, shown })
  const agents = agentsWatch(
    log,
    {
      timeZone,
      watching,
      onAlert(alert) {
        counted.takeAlert(alert)
        onAlert?.(alert)
      }
    },
    onFailure
  )
  observeDetection(metrics, { detecting, active: activeAlerts })
  observeCapacity(metrics, { shown, detecting, registry })
  observePeers(metrics, { shown, registry })
  return {
    name: run.name,
    async start() {
      partitions = await log.partitions(topics.calls)
      sources = await log.partitions(topics.packets)
      await run.start()
      await agents.start()
    },
    async stop() {
      await agents.stop()
      await run.stop()
    },
    activeAlerts
  }
}
