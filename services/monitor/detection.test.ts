import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { NewRecord } from '@earshot/bus'
import type { Evidence, LoadEvidence, MethodEvidence } from '@earshot/calls'
import { MethodWatch, PeerNames, statesOf, type Alert } from '@earshot/peers'
import { Metrics } from '@earshot/telemetry'
import { minus, seconds } from '@earshot/units'
import { TestPartition } from '../correlator/partition.fixture.ts'
import { topics, type CallsOutput } from '../pipeline.ts'
import { Counted } from './counted.ts'
import { Detection } from './detection.ts'
import { after, noon, pending } from './monitor.fixture.ts'
import { MonitorStage } from './stage.ts'

const start = noon / 1e6

const method = (at: number, code: number, count = 1, peer = 'far'): MethodEvidence => ({
  kind: 'method',
  second: start + at,
  peer,
  agent: '',
  method: 'UPDATE',
  code,
  count,
  callId: `${at}-${code}@x`
})

const load = (at: number, calls: number, attempts: number, peer: string): LoadEvidence => ({
  kind: 'load',
  second: start + at,
  peer,
  direction: 'outbound',
  attempts,
  calls
})

const contractOf = () => ({ calls: 50, cps: 10 })

/** What one source writes: evidence in records of so many rows, and closings so many seconds apart. */
function written(source: number, rows: readonly Evidence[], every: number, apart: number, end: number): NewRecord[] {
  const records: NewRecord[] = []
  const write = (output: CallsOutput): void => {
    const headers = { kind: output.kind, format: '1', source: String(source) }
    records.push({ partition: 0, headers, value: Buffer.from(JSON.stringify(output)) })
  }
  let told = 0
  const inTime = rows.toSorted((a, b) => a.second - b.second)
  for (let at = apart; told < rows.length || at <= end + apart; at += apart) {
    // Evidence is told within the time that it takes to settle.
    const due = inTime.filter(({ second }) => second < start + at - 1).slice(told)
    for (let from = 0; from < due.length; from += every)
      write({ kind: 'evidence', rows: due.slice(from, from + every) })
    told += due.length
    const closing = pending(source, after(at))
    if (closing.kind === 'pending') write({ ...closing, settled: minus(after(at), seconds(2)) })
  }
  return records
}

/** Takes from the sources in turn, each in its own order. */
function interleaved(sources: readonly (readonly NewRecord[])[], turns: readonly number[]): NewRecord[] {
  const left = sources.map(records => [...records])
  const all: NewRecord[] = []
  for (let turn = 0; left.some(({ length }) => length > 0); turn++) {
    const open = left.filter(({ length }) => length > 0)
    all.push(open[turns[turn % turns.length]! % open.length]!.shift()!)
  }
  return all
}

function stage(sources: number): MonitorStage {
  const counted = new Counted(new Metrics({ version: 'test' }), () => after(0))
  return new MonitorStage({
    names: new PeerNames(10),
    counted,
    shown: new Set(),
    detecting: new Set(),
    detection: { sources, contractOf }
  })
}

const alertsIn = (partition: TestPartition): Alert[] =>
  partition.emitted
    .filter(({ topic }) => topic === topics.alerts)
    .map(({ value }) => JSON.parse(value.toString()) as Alert)
    .sort(byTime)

const byTime = (a: Alert, b: Alert): number =>
  (a.endedAt ?? a.startedAt) - (b.endedAt ?? b.startedAt) || (a.id < b.id ? -1 : 1)

/** The same rows looked at by one watch, in one go. */
function watched(rows: readonly Evidence[], until: number): Alert[] {
  const detection = new Detection({ sources: 1, contractOf })
  detection.holdRows(rows, 0)
  const closing = pending(0, after(until))
  if (closing.kind === 'pending') detection.settle({ ...closing, settled: after(until) })
  return detection.detect().sort(byTime)
}

const learnt = Array.from({ length: 20 }, (_, index) => method(index, 200))

describe('what a monitor detects', () => {
  const rows = fc.array(
    fc
      .tuple(
        fc.integer({ min: 30, max: 600 }),
        fc.constantFrom(200, 501, 501, 405),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('far', 'near')
      )
      .map(each => method(...each)),
    { minLength: 5, maxLength: 60 }
  )
  const loads = fc.array(
    fc
      .tuple(
        fc.integer({ min: 30, max: 600 }),
        fc.integer({ min: -40, max: 40 }),
        fc.nat(15),
        fc.constantFrom('far', 'near')
      )
      .map(each => load(...each)),
    { maxLength: 40 }
  )
  const crash = fc.constantFrom('none', 'none', 'before commit', 'after commit')
  const plan = fc.record({
    owners: fc.array(fc.nat(2), { minLength: 1, maxLength: 40 }),
    turns: fc.array(fc.nat(2), { minLength: 1, maxLength: 40 }),
    every: fc.integer({ min: 1, max: 9 }),
    apart: fc.constantFrom(1, 7, 60),
    batches: fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), crash), { minLength: 1, maxLength: 40 })
  })

  it('is the same whatever source comes first, however batches are cut, and wherever it crashes', async () => {
    await fc.assert(
      fc.asyncProperty(rows, loads, plan, async (methods, used, { owners, turns, every, apart, batches }) => {
        const all = [...learnt, ...learnt.map(row => ({ ...row, peer: 'near' })), ...methods, ...used]
        const parts = [0, 1, 2].map(source => all.filter((_, index) => owners[index % owners.length] === source))
        const sources = parts.map((own, source) => written(source, own, every, apart, 2400))
        const partition = new TestPartition(interleaved(sources, turns), () => stage(3))
        for (let step = 0; !partition.isDone; step++) {
          const [count, crashes] = batches[step % batches.length]!
          await partition.work(count, step < batches.length ? crashes : 'none')
        }
        expect(alertsIn(partition)).toEqual(watched(all, 2300))
      }),
      { numRuns: 60 }
    )
  }, 120_000)

  it('waits for a source that was never heard', async () => {
    const rejected = Array.from({ length: 5 }, (_, index) => method(100 + index, 501))
    const one = written(0, [...learnt, ...rejected], 9, 1, 200)
    const partition = new TestPartition([...one, ...written(1, [], 1, 10, 200)], () => stage(2))
    await partition.work(one.length)
    expect(alertsIn(partition)).toEqual([])
    await partition.work(100)
    expect(alertsIn(partition)).toHaveLength(1)
  })

  it('is one source that is far behind no longer when too much waits', () => {
    const detection = new Detection({ sources: 2, mostWaiting: 500 })
    const many = Array.from({ length: 501 }, (_, index) => method(index % 100, 200, 1, `peer ${index}`))
    const [ahead, behind] = [pending(0, after(300)), pending(1, after(0))]
    if (ahead.kind !== 'pending' || behind.kind !== 'pending') throw new Error()
    detection.settle(behind)
    detection.settle(ahead)
    detection.holdRows(many.slice(0, 500), 0)
    detection.detect()
    expect(detection.oldest).toBe(0)
    detection.holdRows(many, 0)
    detection.detect()
    expect(detection.oldest).toBeUndefined()
  })

  it('is kept, with what ended last', async () => {
    const rejected = Array.from({ length: 5 }, (_, index) => method(100 + index, 501))
    const again = Array.from({ length: 20 }, (_, index) => method(200 + index, 200))
    const records = written(0, [...learnt, ...rejected, ...again], 9, 1, 300)
    const partition = new TestPartition(records, () => stage(1))
    while (!partition.isDone) await partition.work(50, 'after commit')
    const detection = new Detection({ sources: 1 })
    for (const [key, value] of partition.state) if (Detection.isKey(key)) detection.restore({ key, value })
    detection.resume()
    expect([...detection.book.active()]).toEqual([])
    expect([...detection.book.all()]).toMatchObject([{ kind: 'method_regression', endedAt: after(219) }])
    expect(statesOf(detection.methods.capabilities('far'))).toEqual({ UPDATE: 'supported' })
  })

  it('is refused where a later version wrote it', () => {
    const later = Buffer.from('{"format":2}')
    const keys = ['detected', 'alert x', ...new MethodWatch().keys.map(word => `${word} ["far","UPDATE"]`)]
    for (const key of keys) {
      expect(() => new Detection({ sources: 1 }).restore({ key, value: later })).toThrow('format 2')
    }
  })
})
