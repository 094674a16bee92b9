import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { partitionOf } from './partition.ts'

describe('partitionOf', () => {
  // These numbers are where keys lie in every log there is: they never change.
  it.each([
    { key: '', hash: 2872998923 },
    { key: 'a', hash: 444641715 },
    { key: 'a84b4c76e66710@pc33.atlanta.com', hash: 169760029 },
    { key: 'ünï', hash: 922030949 }
  ])('puts "$key" where it always was', ({ key, hash }) => {
    expect(partitionOf(key, 2 ** 32)).toBe(hash)
  })

  it('is the same for a text and its bytes, and lies within the partitions', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 1000 }), (key, partitions) => {
        const partition = partitionOf(key, partitions)
        expect(partitionOf(Buffer.from(key), partitions)).toBe(partition)
        expect(partition >= 0 && partition < partitions).toBe(true)
      })
    )
  })

  it.each([2, 3, 8, 12])('spreads Call-IDs that only count up over %i partitions within five percent', partitions => {
    const counts = Array.from({ length: partitions }, () => 0)
    for (let call = 0; call < 60_000; call++) counts[partitionOf(`${call}@192.0.2.1`, partitions)]!++
    const fair = 60_000 / partitions
    expect(Math.max(...counts.map(count => Math.abs(count - fair) / fair))).toBeLessThan(0.05)
  })
})
