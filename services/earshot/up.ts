import { statSync } from 'node:fs'
import { join } from 'node:path'
import { LocalLog } from '@earshot/bus'
import type { Registry } from '@earshot/peers'
import type { Config } from '@earshot/runtime'
import { catalogue, type Metrics } from '@earshot/telemetry'
import { topics } from '../pipeline.ts'
import { instance, roles, type Backing, type Instance } from './instance.ts'

/** Everything in one process, over a local log. */
export const up = (config: Config, whenFailed: (error: Error) => void, peers?: Registry): Instance =>
  instance({
    config,
    roles,
    backing: ({ metrics }) => localBacking(config, metrics),
    ...(peers && { peers }),
    whenFailed
  })

function localBacking({ memory, dataDir, retention }: Config, metrics: Metrics): Backing {
  const file = memory ? undefined : join(dataDir, 'log.sqlite')
  const log = new LocalLog({
    ...(file !== undefined && { path: file }),
    topics: Object.fromEntries(Object.values(topics).map(topic => [topic, 1])),
    retention: { ageMs: retention.hours * 3600e3, bytes: retention.bytes }
  })
  metrics.observe(catalogue.logBytes, tell => {
    if (file !== undefined) tell(sizeOf(file))
  })
  return { log, remote: false, place: memory ? 'memory' : dataDir }
}

/** Of the log and what SQLite has written ahead of it. */
const sizeOf = (file: string): number =>
  [file, `${file}-wal`].reduce((sum, each) => sum + (statSync(each, { throwIfNoEntry: false })?.size ?? 0), 0)
