/**
 * The pipeline over Kafka on this machine: a sender, one collector, a Kafka of one node, correlators and a monitor, each
 * a process. CPU-seconds are user and system time of a process, all its threads, from the first packet until the last one
 * is in the metrics. A packet is a HEP frame of simpleCalls (seven messages a call) over TCP, none is lost or the run
 * fails.
 *
 *   npm run load                   all of it, some ten minutes
 *   npm run load -- saturation | scaling | latency [packets per second…]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { simpleCalls } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { Cluster, type Member } from '../cluster.ts'
import { sendInTime } from '../faults/agent.ts'
import { series, type Series } from '../prometheus.ts'
import { thousands } from './figures.ts'
import type { Sent } from './sender.ts'

const PACKETS = 1_000_000
const PARTITIONS = 12
const LATENCY_SECONDS = 40
const sender = fileURLToPath(new URL('sender.ts', import.meta.url))

const parts = { saturation, scaling, latency }
const chosen = process.argv.slice(2)
const rates = chosen.map(Number).filter(rate => rate > 0)
for (const [name, part] of Object.entries(parts)) {
  if (chosen.length === 0 || chosen.includes(name)) await part()
}

async function saturation(): Promise<void> {
  console.log(`\nSaturation: ${thousands(PACKETS)} packets flat out`)
  console.table([await flatOut(1)])
}

async function scaling(): Promise<void> {
  console.log(`\nScaling: the same over ${PARTITIONS} partitions`)
  const rows: object[] = []
  for (const correlators of [1, 2, 3]) rows.push(await flatOut(correlators))
  console.table(rows)
}

async function latency(): Promise<void> {
  console.log(`\nLatency, lateness (2 s) included, over ${LATENCY_SECONDS} s; seconds`)
  const rows: object[] = []
  for (const perSecond of rates.length > 0 ? rates : [2000, 5000, 10_000]) rows.push(await inTime(perSecond))
  console.table(rows)
}

/** Packets as fast as they are taken. Their clock is that of the packets, for they are faster than time. */
async function flatOut(correlators: number): Promise<object> {
  return withCluster(correlators, ['--clock', 'capture'], async cluster => {
    const child = fork(sender, ['tcp', cluster.ports[0]!, PACKETS, Infinity, (Date.now() - 600_000) * 1e3].map(String))
    await once(child, 'message')
    const before = cpuOf(cluster)
    const begun = performance.now()
    child.send('go')
    const [sent] = (await once(child, 'message')) as [Sent]
    await until(async () => (await messages(cluster)) >= PACKETS)
    const seconds = (performance.now() - begun) / 1e3
    const perMillion = (role: keyof Cpu) => Number((((cpuOf(cluster)[role] - before[role]) / PACKETS) * 1e6).toFixed(1))
    return {
      correlators,
      'packets per second': thousands(PACKETS / seconds),
      'taken at': thousands(sent.packets / sent.seconds),
      'CPU-s per million: collector': perMillion('collector'),
      correlator: perMillion('correlator'),
      monitor: perMillion('monitor'),
      Kafka: perMillion('kafka')
    }
  })
}

/** Packets at their time, and how long after the end of a call it is in the metrics. */
async function inTime(perSecond: number): Promise<object> {
  return withCluster(1, [], async cluster => {
    const callsPerSecond = perSecond / 7
    const start = epochMicros((Date.now() + 3000) * 1e3)
    const packets = simpleCalls({ count: Math.round(LATENCY_SECONDS * callsPerSecond), start, callsPerSecond })
    await sendInTime(packets, cluster.ports)
    await sleep(5000)
    const buckets = (await metrics(cluster, 'monitor')).filter(
      ({ name, labels }) => name === 'earshot_record_latency_seconds_bucket' && labels['kind'] === 'attempt'
    )
    return {
      'packets per second': perSecond,
      attempts: buckets.at(-1)!.value,
      p50: quantile(buckets, 0.5),
      p99: quantile(buckets, 0.99)
    }
  })
}

async function withCluster<Result>(
  correlators: number,
  flags: readonly string[],
  work: (cluster: Cluster) => Promise<Result>
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-load-'))
  const size = { nodes: 1, partitions: PARTITIONS, collectors: 1, correlators, monitors: 1, flags }
  const cluster = await Cluster.start(size, folder)
  try {
    return await work(cluster)
  } finally {
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Cpu = Readonly<Record<'collector' | 'correlator' | 'monitor' | 'kafka', number>>

function cpuOf(cluster: Cluster): Cpu {
  const of = (role: 'collector' | 'correlator' | 'monitor') =>
    sum(cluster.members(role).map(({ running }) => cpuSeconds(running.pid)))
  return {
    collector: of('collector'),
    correlator: of('correlator'),
    monitor: of('monitor'),
    kafka: sum(cluster.kafka.pids.map(cpuSeconds))
  }
}

/** User and system time so far; Linux counts it in hundredths. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function messages(cluster: Cluster): Promise<number> {
  const all = await metrics(cluster, 'monitor')
  return sum(
    all
      .filter(({ name, labels }) => name === 'earshot_messages_total' && labels['kind'] === 'sip')
      .map(each => each.value)
  )
}

async function metrics(cluster: Cluster, role: 'monitor'): Promise<Series[]> {
  const texts = await Promise.all(cluster.members(role).map(({ running }: Member) => running.metrics()))
  return texts.flatMap(series)
}

/** As Prometheus does it: linear inside of the bucket. */
function quantile(buckets: readonly Series[], part: number): number {
  const wanted = buckets.at(-1)!.value * part
  let [from, below] = [0, 0]
  for (const { labels, value } of buckets) {
    const to = Number(labels['le'])
    if (value >= wanted) return Number((from + ((to - from) * (wanted - below)) / (value - below)).toFixed(2))
    ;[from, below] = [to, value]
  }
  return Infinity
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 300_000
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error('not all packets have come after five minutes')
    await sleep(100)
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
