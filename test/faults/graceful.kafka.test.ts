import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { chart } from '../../deploy/helm/chart.ts'
import { Cluster } from '../cluster.ts'
import { STOP_MS } from '../earshot.ts'
import { sameLive } from '../figures.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { comparable, ids } from './compare.ts'
import { runWithFaults } from './run.ts'

// The same stops in each run of CI; elsewhere new ones.
const seed = Number(process.env.SEED ?? (process.env.CI === 'true' ? 12 : Date.now() % 1_000_000))
const folder = temporaryFolder()
const said: string[] = []

describe(`a cluster whose parts are stopped and started again, as an upgrade does (SEED=${seed})`, () => {
  let cluster: Cluster

  beforeAll(async () => {
    const size = { nodes: 1, partitions: 6, collectors: 2, correlators: 2, monitors: 2 }
    cluster = await Cluster.start(size, join(folder, 'graceful'))
  }, 180_000)

  afterAll(() => cluster?.stop(), 60_000)

  it('gives every record once, of packets that went to one collector each', async () => {
    const { found, expected, calls, peers, summary } = await runWithFaults(cluster, {
      seed,
      trafficSeconds: 60,
      attemptsPerSecond: 20,
      faults: 8,
      quietMs: 2000,
      outageMs: 0,
      graceful: true,
      tell: line => said.push(line)
    })
    expect({ said, ...ids(found) }).toEqual({ said, ...ids(expected) })
    expect(comparable(found)).toEqual(comparable(expected))
    expect({ calls, peers: sameLive(peers) }).toEqual({ calls: summary.calls, peers: sameLive(summary.peers) })
  }, 600_000)

  it('stops within the grace period of the chart', () => {
    const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Record<string, number>
    expect(STOP_MS).toBeLessThan((values.terminationGracePeriodSeconds! - values.preStopSeconds!) * 1e3)
  })
})
