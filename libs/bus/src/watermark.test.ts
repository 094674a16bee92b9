import { describe, expect, it } from '@jest/globals'
import { epochMicros, seconds, type EpochMicros } from '@earshot/units'
import fc from 'fast-check'
import { Watermark, type WatermarkSnapshot } from './watermark.ts'

const at = (second: number): EpochMicros => epochMicros(1_700_000_000_000_000 + second * 1e6)

/** Ticks as text: `a10 b7` is collector a's newest time 10 s, then b's 7 s. */
function after(ticks: string, watermark = new Watermark()): Watermark {
  for (const tick of ticks.split(' ')) watermark.tick(tick[0]!, at(Number(tick.slice(1))))
  return watermark
}

describe('the watermark of a partition', () => {
  it.each([
    { name: 'follows one collector by the lateness', ticks: 'a10', second: 8 },
    { name: 'is that of the slowest collector', ticks: 'b7 a10 a11', second: 5 },
    { name: 'rises as the slowest does', ticks: 'b7 a10 b9', second: 7 },
    { name: 'never goes back for a new collector that is behind', ticks: 'a10 b3', second: 8 },
    { name: 'never goes back for a tick that does', ticks: 'a10 a4', second: 8 },
    { name: 'waits for a silent collector 60 s of log time', ticks: 'a0 b0 b60', second: -2 },
    { name: 'then leaves it out', ticks: 'a0 b0 b60 b61', second: 59 },
    { name: 'waits for a collector that ticks, however old its time', ticks: 'a0 b50 a1 b100', second: -1 },
    { name: 'waits again for one that came back', ticks: 'a0 b61 a60 b70', second: 59 },
    { name: 'stands still until one that came back has caught up', ticks: 'a0 b61 a2 b70', second: 59 }
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
    expect(after('a0 b0 b11', watermark).at).toBe(at(6))
  })

  it('never goes back, and goes on from its snapshot as if nothing had been', () => {
    const tick = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 200 }))
    fc.assert(
      fc.property(fc.array(tick), fc.array(tick), (before, then) => {
        const straight = new Watermark()
        for (const [collector, second] of before) straight.tick(collector, at(second))
        const restored = new Watermark()
        restored.restore(JSON.parse(JSON.stringify(straight.snapshot())) as WatermarkSnapshot)
        for (const [collector, second] of then) {
          const last = straight.at ?? -Infinity
          const now = straight.tick(collector, at(second))
          expect(now).toBeGreaterThanOrEqual(last)
          expect(restored.tick(collector, at(second))).toBe(now)
        }
      })
    )
  })

  it('refuses a snapshot of a later format', () => {
    const later = { ...new Watermark().snapshot(), format: 2 } as unknown as WatermarkSnapshot
    expect(() => new Watermark().restore(later)).toThrow('format 2')
  })

  it('reads the snapshot of format 1', () => {
    const watermark = new Watermark()
    watermark.restore({ format: 1, at: at(8), collectors: [{ id: 'a', newest: at(10), heardAt: at(10) }] })
    expect([watermark.at, watermark.tick('a', at(12))]).toEqual([at(8), at(10)])
  })
})
