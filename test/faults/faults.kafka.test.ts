import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '../temporary-folder.ts'
import { Cluster } from '../cluster.ts'
import { sameLive } from '../figures.ts'
import { comparable, ids } from './compare.ts'
import { runWithFaults } from './run.ts'

// The same faults in each run of CI; elsewhere new ones.
const seed = Number(process.env.SEED ?? (process.env.CI === 'true' ? 11 : Date.now() % 1_000_000))
const folder = temporaryFolder()
const said: string[] = []

describe(`a cluster of which parts are killed (SEED=${seed}, npm run faults for the long one)`, () => {
  let cluster: Cluster

  beforeAll(async () => {
    const size = { nodes: 3, partitions: 6, collectors: 2, correlators: 2, monitors: 2 }
    cluster = await Cluster.start(size, join(folder, 'faults'))
  }, 180_000)

  afterAll(() => cluster?.stop(), 60_000)

  it('gives every record once, and the figures of analyze', async () => {
    const found = await runWithFaults(cluster, {
      seed,
      trafficSeconds: 75,
      attemptsPerSecond: 15,
      faults: 8,
      quietMs: 3000,
      outageMs: 10_000,
      tell: line => said.push(line)
    })
    expect({ said, ...ids(found.found) }).toEqual({ said, ...ids(found.expected) })
    expect(comparable(found.found)).toEqual(comparable(found.expected))
    expect({ calls: found.calls, peers: sameLive(found.peers) }).toEqual({
      calls: found.summary.calls,
      peers: sameLive(found.summary.peers)
    })
  }, 600_000)
})
