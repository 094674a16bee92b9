import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { maxValueBytes, type Emitted, type NewRecord } from '@earshot/bus'
import { byAddress, defaultLimits, noCounts, type Evidence } from '@earshot/calls'
import { encodeHep } from '@earshot/hep'
import { Figures } from '@earshot/peers'
import { carrierTraffic, ladder } from '@earshot/traffic'
import { epochMicros, micros, plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { packetsRecord, readCalls, tickRecord, type CallsOutput } from '../pipeline.ts'
import { TestPartition } from './partition.fixture.ts'
import { CorrelatorStage } from './stage.ts'

const start = epochMicros(1_767_225_600e6)
const after = (count: number): EpochMicros => plus(start, seconds(count))
const producer = { collector: 'edge', run: 'run-1' }

const stage = (): CorrelatorStage =>
  new CorrelatorStage(0, { parties: byAddress, limits: defaultLimits, callsPartitions: 1 })

const packets = (captured: readonly Captured[]): NewRecord =>
  packetsRecord(producer, 0, 0, Buffer.concat(captured.map(each => encodeHep({ ...each, captureId: 1, protocol: 1 }))))

const tick = (time: EpochMicros, collector = 'edge'): NewRecord => tickRecord({ ...producer, collector }, 0, 0, time)

const outputsOf = (emitted: readonly Emitted[]): CallsOutput[] =>
  emitted.map(({ headers = {}, value }) => readCalls({ headers, value }))

const answered = ladder('0 a>b INVITE +S\n480 b>a 183 tt=x +S\n9000 b>a 200\n9020 a>b ACK', { start })

describe('CorrelatorStage', () => {
  it('counts nothing before the watermark has passed it: the newest time told less 2 s', async () => {
    const partition = new TestPartition(
      [packets(answered), tick(after(2.4)), tick(after(2.48)), tick(after(11.02))],
      stage
    )
    const seen: (number | undefined)[] = []
    while (!partition.isDone) {
      await partition.work(1)
      seen.push(sumOf(outputsOf(partition.emitted)).sip)
    }
    expect(seen).toEqual([0, 1, 2, 4])
  })

  it('says after each tick how the attempts stand that are not over', async () => {
    const busy = ladder('0 a>b INVITE +S\n480 b>a 183 tt=x +S\n9000 b>a 486\n9020 a>b ACK', { start })
    const partition = new TestPartition([packets(busy), tick(after(3)), tick(after(12)), tick(after(60))], stage)
    const standing: unknown[] = []
    while (!partition.isDone) {
      await partition.work(1)
      standing.push(standingIn(partition).map(({ peer, outcomes, classes }) => ({ peer, outcomes, classes })))
    }
    const peer = '203.0.113.7'
    const classes = { early_media: 1 }
    expect(standing).toEqual([
      [],
      [{ peer, outcomes: { open: 1 }, classes }],
      [{ peer, outcomes: { busy: 1 }, classes }],
      []
    ])
    const attempts = outputsOf(partition.emitted).filter(({ kind }) => kind === 'attempt')
    expect(attempts).toMatchObject([{ peer, outcome: 'busy', class: 'early_media' }])
  })

  it('closes what it emitted four times a second, however many collectors tick, and however batches are cut', async () => {
    const records = Array.from({ length: 30 }, (_, each) => tick(after(each / 12), `edge ${each % 3}`))
    const partition = new TestPartition(records, stage)
    while (!partition.isDone) await partition.work(1)
    // The slowest of them has come to 2.25 s, from its first tick at 0 s.
    const watermarks = outputsOf(partition.emitted).map(output => output.kind === 'pending' && output.watermark)
    expect(watermarks.length).toBeGreaterThanOrEqual(9)
    expect(watermarks.length).toBeLessThanOrEqual(11)
    expect(watermarks.at(-1)).toBe(after(2.25 - 2))
  })

  it('closes every partition of calls', async () => {
    const wide = (): CorrelatorStage =>
      new CorrelatorStage(5, { parties: byAddress, limits: defaultLimits, callsPartitions: 3 })
    const partition = new TestPartition([packets(answered), tick(after(3))], wide)
    await partition.work(2)
    const pending = partition.emitted.filter(({ headers }) => headers?.kind === 'pending')
    expect(pending.map(({ partition: to, headers }) => [to, headers?.source])).toEqual([
      [0, '5'],
      [1, '5'],
      [2, '5']
    ])
    expect(outputsOf(pending).flatMap(output => (output.kind === 'pending' ? output.sums : []))).toHaveLength(1)
  })

  it('takes the time of the furthest when the clocks of all collectors stand', async () => {
    const [first, second] = [answered.slice(0, 2), answered.slice(2)]
    const ticks = [tick(after(3), 'one'), tick(after(20), 'other'), tick(after(20), 'other')]
    const partition = new TestPartition([packets(first), packets(second), ...ticks, tick(after(3), 'one')], stage)
    await partition.work(5)
    expect(sumOf(outputsOf(partition.emitted)).sip).toBe(2)
    await partition.work(1)
    expect(sumOf(outputsOf(partition.emitted)).sip).toBe(4)
  })

  it('settles when the clock stands, after a crash too', async () => {
    const rejected = ladder('0 a>b UPDATE tt=x\n10 b>a 501 UPDATE', { start })
    const partition = new TestPartition(
      [packets(rejected), ...[2.02, 2.02, 2.02].map(each => tick(after(each)))],
      stage
    )
    await partition.work(2, 'after commit')
    expect(outputsOf(partition.emitted).filter(({ kind }) => kind === 'rejection')).toHaveLength(0)
    await partition.work(2)
    expect(outputsOf(partition.emitted).filter(({ kind }) => kind === 'rejection')).toHaveLength(1)
  })

  it('needs again after a crash what waits, from the oldest record on', async () => {
    const records = [packets(answered.slice(2)), packets(answered.slice(0, 2)), tick(after(3)), tick(after(20))]
    const partition = new TestPartition(records, stage)
    const resumes: number[] = []
    while (!partition.isDone) {
      await partition.work(1)
      resumes.push(partition.resume)
    }
    expect(resumes).toEqual([0, 0, 0, 4])
  })

  it('counts what comes behind the watermark as late, and it starts nothing', async () => {
    const partition = new TestPartition([tick(after(100)), packets(answered), tick(after(200))], stage)
    while (!partition.isDone) await partition.work(1)
    expect(sumOf(outputsOf(partition.emitted))).toMatchObject({ sip: 4, late: 4, calls: 0 })
  })

  it('counts payloads that are no SIP', async () => {
    const noise = { ...answered[0]!, payload: Buffer.from('\r\n\r\n') }
    const partition = new TestPartition([packets([noise, ...answered]), tick(after(60))], stage)
    await partition.work(2)
    expect(sumOf(outputsOf(partition.emitted))).toMatchObject({ sip: 4, notSip: 1 })
  })

  it('refuses a format that a later version wrote', async () => {
    const later = { ...tick(start), headers: { kind: 'tick', format: '2' } }
    await expect(new TestPartition([later], stage).work(1)).rejects.toThrow('format 2')
  })
})

type Plan = readonly (readonly [records: number, crash: 'none' | 'before commit' | 'after commit'])[]

describe('whatever batches are cut and wherever it crashes', () => {
  const crash = fc.constantFrom('none', 'none', 'none', 'before commit', 'after commit')
  const plans = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), crash), { minLength: 1, maxLength: 40 })

  const check = (law: (seed: number, plan: Plan) => Promise<void>): Promise<void> =>
    fc.assert(fc.asyncProperty(fc.nat(1e6), plans, law), { numRuns: 60 })

  it('emits the same records, in the same order, and the same counts', async () => {
    await check(async (seed, plan) => {
      const records = trafficOf(seed)
      const whole = await unbroken(records)
      const broken = await disturbed(records, plan)
      expect(recordsOf(broken)).toEqual(recordsOf(whole))
      expect(sumOf(outputsOf(broken.emitted))).toEqual(sumOf(outputsOf(whole.emitted)))
      expect(standingIn(broken)).toEqual(standingIn(whole))
      expect(evidenceIn(broken)).toEqual(evidenceIn(whole))
      expect(evidenceIn(whole).size).toBeGreaterThan(10)
    })
  }, 60_000)

  it('has nothing left of the calls when their time has passed', async () => {
    await check(async (seed, plan) => {
      const records = [...trafficOf(seed), ...[400, 2000, 4000].map(each => tick(after(each)))]
      const whole = await unbroken(records)
      const broken = await disturbed(records, plan)
      expect(recordsOf(broken)).toEqual(recordsOf(whole))
      expect(new Map([...broken.state].sort(byKey))).toEqual(new Map([...whole.state].sort(byKey)))
      expect([...whole.state.keys()].filter(key => key.startsWith('call '))).toEqual([])
    })
  }, 60_000)

  async function unbroken(records: readonly NewRecord[]): Promise<TestPartition> {
    const partition = new TestPartition(records, stage)
    await partition.work(records.length)
    return partition
  }

  async function disturbed(records: readonly NewRecord[], plan: Plan): Promise<TestPartition> {
    const partition = new TestPartition(records, stage)
    for (let step = 0; !partition.isDone; step++) {
      const [count, crashes] = plan[step % plan.length]!
      // Each plan comes to an end: after one round of it there are no more crashes.
      await partition.work(count, step < plan.length ? crashes : 'none')
    }
    return partition
  }

  /** Twenty seconds of a carrier, in the order of arrival: up to 3 s late, so some of it is behind the watermark. */
  function trafficOf(seed: number): NewRecord[] {
    const { messages } = carrierTraffic({ seed, start, durationSeconds: 20, attemptsPerSecond: 2 })
    const arrivals = Array.from(messages, (captured, index) => ({
      captured,
      arrival: captured.capturedAt + ((index * 7919 + seed) % 3000) * 1e3
    })).sort((a, b) => a.arrival - b.arrival)
    const records: NewRecord[] = []
    let [gathered, second]: [Captured[], number] = [[], 0]
    for (const { captured, arrival } of arrivals) {
      if (gathered.length >= 1 + (arrival % 7)) records.push(packets(gathered.splice(0)))
      for (; arrival > after(second + 1); second++) records.push(tick(after(second + 1)))
      gathered.push(captured)
    }
    return [...records, packets(gathered), tick(after(second + 2)), tick(after(second + 3))]
  }

  const recordsOf = (partition: TestPartition): CallsOutput[] =>
    outputsOf(partition.emitted).filter(({ kind }) => kind !== 'counts' && kind !== 'pending' && kind !== 'evidence')

  /** How many of each row: what a batch has of it is its share. */
  function evidenceIn(partition: TestPartition): ReadonlyMap<string, number> {
    const sums = new Map<string, number>()
    for (const output of outputsOf(partition.emitted)) {
      for (const each of output.kind === 'evidence' ? output.rows : []) {
        for (const [row, count] of countsOf(each)) {
          const name = JSON.stringify(row)
          sums.set(name, (sums.get(name) ?? 0) + count)
        }
      }
    }
    return sums
  }

  function countsOf(each: Evidence): readonly (readonly [row: object, count: number])[] {
    if (each.kind !== 'load') {
      const { count, ...row } = each
      return [[{ ...row, callId: '' }, count]]
    }
    const { attempts, calls, ...row } = each
    return [
      [{ ...row, of: 'attempts' }, attempts],
      [{ ...row, of: 'calls' }, calls]
    ]
  }

  const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)
})

describe('traffic that means harm', () => {
  const flood = (count: number, change: (text: string, index: number) => string): Captured[] =>
    Array.from({ length: count }, (_, index) => ({
      ...answered[0]!,
      capturedAt: plus(start, micros(index)),
      payload: Buffer.from(change(answered[0]!.payload.toString(), index))
    }))

  it.each([
    {
      name: 'one Call-ID with many transactions of long branches',
      traffic: () =>
        flood(600, (text, index) => text.replace(/branch=\S+/, `branch=z9hG4bK${index}${'x'.repeat(4000)}`))
    },
    {
      name: 'calls to many addresses',
      traffic: () =>
        flood(30_000, (text, index) => text.replace(/Call-ID: /, `Call-ID: ${index}-`)).map((captured, index) => ({
          ...captured,
          destination: { address: `198.18.${index >> 8}.${index & 255}`, port: 5060 }
        }))
    }
  ])('makes no value that the log refuses: $name', async ({ traffic }) => {
    const partition = new TestPartition([...inRuns(traffic()), tick(after(3)), tick(after(4))], stage)
    while (!partition.isDone) await partition.work(64)
    const values = [...partition.emitted.map(({ value }) => value), ...partition.state.values()]
    expect(Math.max(...values.map(({ length }) => length))).toBeLessThanOrEqual(maxValueBytes)
  })

  function inRuns(captured: readonly Captured[]): NewRecord[] {
    const runs: NewRecord[] = []
    for (let at = 0; at < captured.length; at += 50) runs.push(packets(captured.slice(at, at + 50)))
    return runs
  }
})

function sumOf(outputs: readonly CallsOutput[]): Record<string, number> {
  const sum: Record<string, number> = { ...noCounts(), notSip: 0 }
  for (const output of outputs) {
    if (output.kind !== 'counts') continue
    for (const [name, count] of Object.entries(output.counts)) sum[name] = (sum[name] ?? 0) + count
  }
  return sum
}

/** How the attempts stand that are not over, by what was said of them last. */
function standingIn(partition: TestPartition) {
  const last = outputsOf(partition.emitted).findLast(({ kind }) => kind === 'pending')
  const figures = new Figures()
  if (last?.kind === 'pending') figures.merge(last.sums)
  return figures.rows()
}
