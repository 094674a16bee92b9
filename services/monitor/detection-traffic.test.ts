import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { NewRecord } from '@earshot/bus'
import type { AttemptRecord } from '@earshot/calls'
import { PeerNames, TrafficWatch, type Alert } from '@earshot/peers'
import { Metrics } from '@earshot/telemetry'
import { minus, seconds, type EpochMicros } from '@earshot/units'
import { TestPartition } from '../correlator/partition.fixture.ts'
import { topics, type CallsOutput } from '../pipeline.ts'
import { Counted } from './counted.ts'
import { after, attempt, pending } from './monitor.fixture.ts'
import { MonitorStage } from './stage.ts'

const MINUTES = 150
/** From here on five times as many attempts come as before, for ten minutes. */
const RISE = 120

/** Attempts of a steady peer, with a rise. */
const traffic: readonly AttemptRecord[] = Array.from({ length: MINUTES }, (_, minute) => {
  const count = minute >= RISE && minute < RISE + 10 ? 100 : 20
  return Array.from({ length: count }, (__, index) => {
    const endedAt = after(minute * 60 + (index * 60) / count)
    return attempt('far', { id: `${minute} ${index}`, endedAt, closedAt: endedAt })
  })
}).flat()

/** What one source writes: its attempts when they are over, and how far it has come, so many seconds apart. */
function written(source: number, attempts: readonly AttemptRecord[], apart: number): NewRecord[] {
  const records: NewRecord[] = []
  const write = (output: CallsOutput): void => {
    const headers = { kind: output.kind, format: '1', source: String(source) }
    records.push({ partition: 0, headers, value: Buffer.from(JSON.stringify(output)) })
  }
  let told = 0
  // All of them divide the time.
  for (let at = apart; at <= MINUTES * 60; at += apart) {
    for (; told < attempts.length && attempts[told]!.closedAt! <= after(at); told++) write(attempts[told]!)
    const closing = pending(source, after(at))
    if (closing.kind === 'pending') write({ ...closing, settled: minus(after(at), seconds(2)) })
  }
  return records
}

/** The records of all sources, each in its own order; a source is ahead of the others for so many records. */
function interleaved(sources: readonly NewRecord[][], turns: readonly (readonly [number, number])[]): NewRecord[] {
  const left = sources.map(records => [...records])
  const all: NewRecord[] = []
  for (let turn = 0; left.some(({ length }) => length > 0); turn++) {
    const [source, count] = turns[turn % turns.length]!
    const open = left.filter(({ length }) => length > 0)
    all.push(...open[source % open.length]!.splice(0, count))
  }
  return all
}

const stage = (): MonitorStage =>
  new MonitorStage({
    names: new PeerNames(10),
    counted: new Counted(new Metrics({ version: 'test' }), () => after(0)),
    shown: new Set(),
    detecting: new Set(),
    detection: { sources: 3, timeZone: 'UTC' }
  })

describe('what a monitor finds unusual', () => {
  const expected = (): Alert[] => {
    const watch = new TrafficWatch({ timeZone: 'UTC' })
    for (const each of traffic) watch.observe(each)
    watch.advance(after(MINUTES * 60 - 5))
    return watch.alerts()
  }

  it('is a rise of attempts, and its end', () => {
    expect(expected()).toMatchObject([
      { kind: 'spike', signal: 'attempts', peer: 'far' },
      { kind: 'spike', signal: 'attempts', peer: 'far', endedAt: expect.any(Number) as unknown as EpochMicros }
    ])
  })

  it('is the same whatever source comes first, however batches are cut, and wherever it crashes', async () => {
    const crash = fc.constantFrom('none', 'before commit', 'after commit')
    const plan = fc.record({
      owners: fc.array(fc.nat(2), { minLength: 3, maxLength: 40 }),
      turns: fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 300 })), { minLength: 3, maxLength: 40 }),
      apart: fc.constantFrom(1, 8, 60, 600),
      batches: fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), crash), { minLength: 1, maxLength: 20 })
    })
    const wanted = expected()
    await fc.assert(
      fc.asyncProperty(plan, async ({ owners, turns, apart, batches }) => {
        const sources = [0, 1, 2].map(source =>
          written(
            source,
            traffic.filter((_, index) => owners[index % owners.length] === source),
            apart
          )
        )
        const partition = new TestPartition(interleaved(sources, turns), stage)
        for (let step = 0; !partition.isDone; step++) {
          const [count, crashes] = batches[step % batches.length]!
          await partition.work(count, step < batches.length ? crashes : 'none')
        }
        const alerts = partition.emitted.filter(({ topic }) => topic === topics.alerts)
        expect(alerts.map(({ value }) => JSON.parse(value.toString()) as Alert)).toEqual(wanted)
      }),
      { numRuns: 25 }
    )
  }, 120_000)
})
