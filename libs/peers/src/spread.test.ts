import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { addValue, noSpread, percentileOf, type Spread } from './spread.ts'

function spreadOf(values: readonly number[]): Spread {
  const spread = noSpread()
  for (const value of values) addValue(spread, value, 1)
  return spread
}

describe('a spread', () => {
  it('knows percentiles to a bucket, which is 19 % wide', () => {
    const values = fc.array(fc.double({ min: 0.001, max: 90_000, noNaN: true }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.95), (all, share) => {
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1]!
        const found = percentileOf(spreadOf(all), share)!
        // It lies in the bucket of the exact one, whose bounds differ by 2^(1/4).
        expect(found / exact).toBeLessThan(1.1893)
        expect(exact / found).toBeLessThan(1.1893)
      })
    )
  })

  it('has a bounded number of buckets, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, noNaN: true }), { maxLength: 500 }), all => {
        const buckets = Object.keys(spreadOf(all).buckets).map(Number)
        expect(buckets.every(bucket => bucket >= 0 && bucket <= 106)).toBe(true)
      })
    )
  })

  it('of nothing has no percentile', () => {
    expect(percentileOf(noSpread(), 0.5)).toBeNull()
  })
})
