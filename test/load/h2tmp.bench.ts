/**
 * Packets per CPU-second of a process that takes HEP on 127.0.0.1 and has it in its log file: the collector alone, and
 * all of `earshot up`, where every packet is also correlated and counted. A sender in a process of its own makes its
 * frames first, no two alike (simpleCalls, 5,000 calls a second of event time). CPU-seconds are user and system time of
 * the receiving process, all its threads, from the first packet until all that came is worked; lost is what was sent and
 * not counted in. One warm-up and three rounds, the median of these; lost is the worst of them.
 *
 *   node test/load/collector.bench.ts
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { median, thousands } from './figures.ts'
import { collectorAlone, type Figures, type Receiver } from './receiver.ts'
import type { Sent } from './sender.ts'

const ROUNDS = 3
const SETTLED_MS = 1500
const sender = fileURLToPath(new URL('sender.ts', import.meta.url))

type Load = { readonly transport: 'tcp' | 'udp'; readonly packets: number; readonly perSecond: number }

const flatOut = (transport: Load['transport'], packets: number): Load => ({ transport, packets, perSecond: Infinity })

const loads: readonly Load[] = [
  flatOut('tcp', 400_000),

  { transport: 'udp', packets: 160_000, perSecond: 40_000 }
]

type Round = { readonly sent: Sent; readonly perCpuSecond: number; readonly lost: number; readonly busy: number }

console.table([...(await measure('collector alone', collectorAlone))])

async function measure(name: string, open: (folder: string) => Promise<Receiver>): Promise<object[]> {
  const rows: object[] = []
  for (const load of loads) {
    const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-'))
    try {
      rows.push({ receiver: name, ...(await row(load, await open(folder))) })
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  return rows
}

async function row(load: Load, receiver: Receiver): Promise<object> {
  try {
    const rounds: Round[] = []
    for (let round = 0; round <= ROUNDS; round++) rounds.push(await send(load, receiver))
    rounds.shift()
    const of = (figure: (round: Round) => number): number => median(rounds.map(figure))
    const offered = of(({ sent }) => sent.packets / sent.seconds)
    return {
      load: `${load.transport} ${Number.isFinite(load.perSecond) ? 'paced' : 'flat out'}`,
      'sent per second': thousands(offered),
      'bytes each': Math.round(of(({ sent }) => sent.bytes / sent.packets)),
      'packets per CPU-second': thousands(of(({ perCpuSecond }) => perCpuSecond)),
      'lost %': (Math.max(...rounds.map(({ lost }) => lost)) * 100).toFixed(2),
      'CPU-s per s of sending': of(({ busy }) => busy).toFixed(2)
    }
  } finally {
    await receiver.end()
  }
}

/** One round: sends, waits until all that arrived is worked, and says what that took. */
async function send({ transport, packets, perSecond }: Load, receiver: Receiver): Promise<Round> {
  // A minute back, so that no capture time is ahead of its arrival.
  const start = (Date.now() - 60_000) * 1e3
  const args = [transport, receiver.ports[transport], packets, perSecond, start].map(String)
  const child = fork(sender, args)
  await once(child, 'message')
  const before = await receiver.figures()
  child.send('go')
  const [sent] = (await once(child, 'message')) as [Sent]
  const after = await settled(receiver)
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds
  const received = after.packets - before.packets
  return {
    sent,
    perCpuSecond: received / cpuSeconds,
    lost: 1 - received / sent.packets,
    busy: cpuSeconds / sent.seconds
  }
}

/** The figures as they were when they moved for the last time. */
async function settled(receiver: Receiver): Promise<Figures> {
  let last = await receiver.figures()
  for (let since = performance.now(); performance.now() - since < SETTLED_MS;) {
    await sleep(100)
    const now = await receiver.figures()
    if (now.packets === last.packets && now.messages === last.messages) continue
    last = now
    since = performance.now()
  }
  return last
}
