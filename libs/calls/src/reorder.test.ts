import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { epochMicros, plus, seconds, type Captured } from '@earshot/units'
import fc from 'fast-check'
import { messagesOf, ReorderBuffer, type Observed } from './index.ts'

const [sample] = ladder('0 a>b INVITE')
const start = sample!.capturedAt
const at = (micro: number): Captured => ({ ...sample!, capturedAt: epochMicros(start + micro) })
const offsets = (packets: readonly Captured[]): number[] => packets.map(({ capturedAt }) => capturedAt - start)

/** What each message is, by its status; 0 is the request. */
const kinds = (items: readonly Observed[]): number[] => items.map(({ message }) => message.status)

describe('the reorder buffer', () => {
  it('gives out in event order what is not newer than the watermark, and keeps the rest', () => {
    const buffer = new ReorderBuffer<Captured>()
    for (const time of [300_000, 99_999, 100_000, 250_000, 1]) buffer.push(at(time))
    expect(offsets(buffer.release(epochMicros(start + 250_000)))).toEqual([1, 99_999, 100_000, 250_000])
    expect(buffer.size).toBe(1)
    expect(offsets(buffer.release(epochMicros(Infinity)))).toEqual([300_000])
    expect([buffer.size, buffer.bytes]).toEqual([0, 0])
  })

  it('refuses what its watermark has passed, and never goes back', () => {
    const buffer = new ReorderBuffer<Captured>()
    expect(buffer.push(at(5))).toBe(true)
    expect(offsets(buffer.release(at(10).capturedAt))).toEqual([5])
    expect([buffer.push(at(10)), buffer.push(at(11))]).toEqual([false, true])
    expect(buffer.release(at(3).capturedAt)).toEqual([])
    expect([buffer.released, buffer.size]).toEqual([at(10).capturedAt, 1])
  })

  it('continues where a former one was', () => {
    const buffer = new ReorderBuffer<Captured>()
    buffer.restore(at(10).capturedAt)
    expect([buffer.push(at(10)), buffer.push(at(11)), buffer.size]).toEqual([false, true, 1])
  })

  it('takes the request first at equal times, then the lower status, then the lower bytes (TX-5)', () => {
    const text = ['0 b>a 200 tt=x', '0 b>a 183 tt=y', '0 b>a 183 tt=x', '0 b>a 100', '0 a>b INVITE'].join('\n')
    const messages = messagesOf(ladder(`0 a>b INVITE b1 call=2\n${text}`))
    expect(kinds(messages)).toEqual([0, 0, 100, 183, 183, 200])
    expect(messages.slice(3, 5).map(({ message }) => message.toTag)).toEqual(['x', 'y'])
  })

  it('gives out the earliest as far as it may', () => {
    const buffer = new ReorderBuffer<Captured>()
    for (const time of [900_000, 0, 450_000, 1_500_000]) buffer.push(at(time))
    const given = Array.from({ length: 4 }, () => offsets(buffer.releaseEarliest(plus(start, seconds(1)))))
    expect(given).toEqual([[0], [450_000], [900_000], []])
    expect(buffer.size).toBe(1)
  })

  it('loses nothing and sorts all, however it is released', () => {
    const time = fc.integer({ min: 0, max: 2_000_000 })
    fc.assert(
      fc.property(fc.array(time), fc.array(time), (times, watermarks) => {
        const buffer = new ReorderBuffer<Captured>()
        for (const each of times) buffer.push(at(each))
        const released = [...watermarks, 2_000_000].flatMap(each => buffer.release(at(each).capturedAt))
        expect(offsets(released)).toEqual(times.toSorted((a, b) => a - b))
        expect(buffer.size).toBe(0)
      })
    )
  })
})
