import { describe, expect, it } from '@jest/globals'
import { epochMicros, seconds, type EpochMicros } from '@earshot/units'
import fc from 'fast-check'
import { Watermark, type WatermarkSnapshot } from './watermark.ts'

const at = (second: number): EpochMicros => epochMicros(1_700_000_000_000_000 + second * 1e6)

/**
 * Ticks as text: `a10 b7` is collector a's newest time 10 s, then b's 7 s; `b0-60` is a tick of b each second. They are
 * appended when their time has come, from `@100` on all at 100 s.
 */
function after(ticks: string, watermark = new Watermark()): Watermark {
  let appended: number | undefined
  let reached = 0
  for (const word of ticks.split(' ')) {
    const [from = 0, to = from] = word.slice(1).split('-').map(Number)
    if (word.startsWith('@')) appended = from
    else
      for (let second = from; second <= to; second++) {
        reached = Math.max(reached, second)
        watermark.tick(word[0]!, at(second), (appended ?? reached) * 1e3)
      }
  }
  return watermark
}

describe('the watermark of a partition', () => {
  it.each([
    { name: 'follows one collector by the lateness', ticks: 'a10', second: 8 },
    { name: 'is that of the slowest collector', ticks: 'b7 a10 a11', second: 5 },
    { name: 'rises as the slowest does', ticks: 'b7 a10 b9', second: 7 },
    { name: 'never goes back for a new collector that is behind', ticks: 'a10 b3', second: 8 },
    { name: 'never goes back for a tick that does', ticks: 'a10 a4', second: 8 },
    { name: 'waits for a silent collector 60 s', ticks: 'a0 b0-60', second: -2 },
    { name: 'then leaves it out', ticks: 'a0 b0-61', second: 59 },
    { name: 'waits for a collector that ticks, however old its time', ticks: 'a0 b50 a1 b100', second: -1 },
    { name: 'waits for one whose clock is minutes behind', ticks: 'a0 b600 a1 b601', second: -1 },
    { name: 'waits again for one that came back', ticks: 'a0 b0-61 a60 b70', second: 59 },
    { name: 'stands still until one that came back has caught up', ticks: 'a0 b0-61 a2 b70', second: 59 },
    { name: 'leaves nobody out because the log was away', ticks: 'a0 b0 @100 a1-90', second: -2 },
    { name: 'goes on when all have told what they kept meanwhile', ticks: 'a0 b0 @100 a1-90 b1-90', second: 88 }
  ])('$name', ({ ticks, second }) => {
    expect(after(ticks).at).toBe(at(second))
  })

  it('is undefined before the first tick, when nothing is late', () => {
    expect(new Watermark().at).toBeUndefined()
    expect(new Watermark().isLate(at(0))).toBe(false)
  })

  it('makes late what is behind it, not what is on it', () => {
    const watermark = after('a10')
    expect([watermark.isLate(epochMicros(at(8) - 1)), watermark.isLate(at(8))]).toEqual([true, false])
  })

  it('takes lateness and absence as told', () => {
    const watermark = new Watermark({ lateness: seconds(5), absence: seconds(10) })
    expect(after('a0 b0-11', watermark).at).toBe(at(6))
  })

  it('never goes back, and goes on from its snapshot as if nothing had been', () => {
    const tick = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 200 }))
    fc.assert(
      fc.property(fc.array(tick), fc.array(tick), (before, then) => {
        const straight = new Watermark()
        for (const [collector, second] of before) straight.tick(collector, at(second), second * 1e3)
        const restored = new Watermark()
        restored.restore(JSON.parse(JSON.stringify(straight.snapshot())) as WatermarkSnapshot)
        for (const [collector, second] of then) {
          const last = straight.at ?? -Infinity
          const now = straight.tick(collector, at(second), second * 1e3)
          expect(now).toBeGreaterThanOrEqual(last)
          expect(restored.tick(collector, at(second), second * 1e3)).toBe(now)
        }
      })
    )
  })

  it('refuses a snapshot of a later format', () => {
    const later = { ...new Watermark().snapshot(), format: 3 } as unknown as WatermarkSnapshot
    expect(() => new Watermark().restore(later)).toThrow('format 3')
  })

  it('reads the snapshot of format 1', () => {
    const watermark = new Watermark()
    watermark.restore({ format: 1, at: at(8), collectors: [{ id: 'a', newest: at(10) }] })
    expect([watermark.at, watermark.tick('a', at(12), 12e3)]).toEqual([at(8), at(10)])
  })
})
