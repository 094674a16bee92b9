import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Headers, LogRecord } from './log.ts'
import { Repetitions, stamped } from './repetitions.ts'

const record = (offset: number, headers: Headers, replayed = false): LogRecord => ({
  partition: 0,
  appendedMs: 0,
  offset,
  key: undefined,
  headers,
  value: Buffer.alloc(0),
  replayed
})

/** For each sequence whether it counts as repeated. */
const judged = (sequences: readonly number[]): boolean[] => {
  const repetitions = new Repetitions()
  return sequences.map((sequence, offset) => repetitions.isRepeated(record(offset, stamped('a', sequence))))
}

describe('a record appended twice', () => {
  it.each([
    { name: 'is repeated the second time', sequences: [1, 2, 2, 1, 3], repeated: [2, 3] },
    { name: 'is not one that only came late', sequences: [1, 3, 2], repeated: [] },
    { name: 'may leave gaps behind', sequences: [10, 20, 15, 20], repeated: [3] },
    { name: 'counts as repeated when 32 newer ones are known', sequences: [...range(2, 33), 1], repeated: [32] },
    { name: 'does not when they are fewer', sequences: [...range(2, 32), 1], repeated: [] }
  ])('$name', ({ sequences, repeated }) => {
    const found = judged(sequences).flatMap((isRepeated, offset) => (isRepeated ? [offset] : []))
    expect(found).toEqual(repeated)
  })

  it('is known by producer and sequence together', () => {
    const repetitions = new Repetitions()
    const headers = [stamped('a', 1), stamped('b', 1), stamped('a', 1)]
    expect(headers.map((each, offset) => repetitions.isRepeated(record(offset, each)))).toEqual([false, false, true])
  })

  it.each<{ name: string; headers: Headers }>([
    { name: 'no stamp', headers: {} },
    { name: 'no sequence', headers: { producer: 'a' } },
    { name: 'a sequence that is no number', headers: { producer: 'a', sequence: 'x' } }
  ])('is never one with $name', ({ headers }) => {
    const repetitions = new Repetitions()
    expect([0, 1].map(offset => repetitions.isRepeated(record(offset, headers)))).toEqual([false, false])
  })

  it('is known after a restart anywhere, and so are the repetitions that are replayed', () => {
    const sequences = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 })
    fc.assert(
      fc.property(sequences, fc.nat(60), fc.nat(60), (appended, one, other) => {
        const [resumeFrom, committed] = [Math.min(one, other), Math.min(Math.max(one, other), appended.length)]
        const before = new Repetitions()
        const expected = judged(appended)
        appended.slice(0, committed).forEach((each, offset) => before.isRepeated(record(offset, stamped('a', each))))
        const after = new Repetitions(before.snapshot(resumeFrom))
        appended.forEach((each, offset) => {
          if (offset < resumeFrom) return
          const found = after.isRepeated(record(offset, stamped('a', each), offset < committed))
          expect(found).toBe(expected[offset])
        })
      })
    )
  })

  it('costs a bounded snapshot, however many producers there were', () => {
    const repetitions = new Repetitions()
    for (const producer of range(1, 1000)) {
      for (const sequence of range(1, 40)) repetitions.isRepeated(record(0, stamped(`producer ${producer}`, sequence)))
    }
    expect(repetitions.snapshot(1).length).toBeLessThan(20_000)
    const latest = [stamped('producer 1000', 40), stamped('producer 1', 40)]
    expect(latest.map(headers => repetitions.isRepeated(record(1, headers)))).toEqual([true, false])
  })

  it('reads the snapshot of format 1 and refuses a later one', () => {
    const repetitions = new Repetitions('{"format":1,"producers":[["a",[1,2,4]]],"repeated":[7]}')
    expect(repetitions.isRepeated(record(7, {}, true))).toBe(true)
    expect(repetitions.isRepeated(record(9, stamped('a', 4)))).toBe(true)
    expect(repetitions.isRepeated(record(10, stamped('a', 3)))).toBe(false)
    expect(() => new Repetitions('{"format":2}')).toThrow('format 2')
  })
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
