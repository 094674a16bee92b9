import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Cluster } from '../cluster.ts'
import { sameLive } from '../figures.ts'
import { comparable, ids, missing } from './compare.ts'
import { runWithFaults } from './run.ts'

/*
 * The long run: a three-node Kafka, two or three of each service, traffic of known truth, some thirty kills at random
 * moments, and a minute without Kafka.
 *
 *   npm run faults                     SEED=… FAULTS=… for another one
 */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
const faults = Number(process.env.FAULTS ?? 32)
const tell = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`)

const folder = mkdtempSync(join(tmpdir(), 'earshot-faults-'))
tell(`SEED=${seed} FAULTS=${faults}`)
const size = { nodes: 3, partitions: 12, collectors: 3, correlators: 3, monitors: 2 }
const cluster = await Cluster.start(size, folder)
try {
  const run = {
    seed,
    trafficSeconds: faults * 14,
    attemptsPerSecond: 25,
    faults,
    quietMs: 5000,
    outageMs: 60_000,
    tell
  }
  const { expected, found, summary, peers, calls, faults: happened } = await runWithFaults(cluster, run)
  tell(`happened: ${JSON.stringify(happened)}`)
  tell(`expected ${JSON.stringify(ids(expected))}, found ${JSON.stringify(ids(found))}`)
  const right =
    isDeepStrictEqual(comparable(found), comparable(expected)) &&
    isDeepStrictEqual({ calls, peers: sameLive(peers) }, { calls: summary.calls, peers: sameLive(summary.peers) })
  tell(right ? 'none lost, none double, figures as of analyze' : 'NOT as expected')
  if (!right) {
    process.exitCode = 1
    tell(`missing, by partition of packets: ${JSON.stringify(missing(expected, found, size.partitions))}`)
    for (const { name, running } of cluster.all()) tell(`${name} said\n  ${running.said.slice(-15).join('\n  ')}`)
  }
} finally {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
}
