import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { channelsFor, erlangB, offeredErlangs } from './erlang-b.ts'

describe('Erlang B', () => {
  /** From published tables of Erlang B. */
  it.each([
    { channels: 1, blocking: 0.01, erlangs: 0.0101 },
    { channels: 10, blocking: 0.01, erlangs: 4.461 },
    { channels: 30, blocking: 0.01, erlangs: 20.337 },
    { channels: 100, blocking: 0.01, erlangs: 84.064 },
    { channels: 10, blocking: 0.001, erlangs: 3.092 },
    { channels: 100, blocking: 0.05, erlangs: 95.24 }
  ])('$channels channels block $blocking of $erlangs erlangs', ({ channels, blocking, erlangs }) => {
    expect(erlangB(erlangs, channels)).toBeCloseTo(blocking, 4)
    expect(channelsFor(erlangs * 0.999, blocking)).toBe(channels)
    expect(channelsFor(erlangs * 1.001, blocking)).toBe(channels + 1)
  })

  it('needs the fewest channels that are enough', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 2000, noNaN: true }),
        fc.constantFrom(0.001, 0.01, 0.1),
        (erlangs, target) => {
          const channels = channelsFor(erlangs, target)
          expect(erlangB(erlangs, channels)).toBeLessThanOrEqual(target)
          expect(erlangB(erlangs, channels - 1)).toBeGreaterThan(target)
        }
      )
    )
  })

  it('needs one channel for nothing, for a call may come', () => {
    expect([channelsFor(0, 0.01), erlangB(0, 0), erlangB(0, 1)]).toEqual([1, 1, 0])
  })
})

describe('what is offered', () => {
  it.each([
    { carried: 9, attempts: 100, blocked: 0, offered: 9 },
    { carried: 9, attempts: 100, blocked: 10, offered: 10 },
    { carried: 0, attempts: 100, blocked: 100, offered: null },
    { carried: 0, attempts: 0, blocked: 0, offered: 0 }
  ])(
    'is $offered where $carried is carried and $blocked of $attempts are blocked',
    ({ carried, offered, ...counts }) => {
      expect(offeredErlangs(carried, counts)).toBe(offered)
    }
  )
})
