import { describe, expect, it } from '@jest/globals'
import { epochMicros, millis, plus, seconds } from '@earshot/units'
import type { EpochMicros } from '@earshot/units'
import fc from 'fast-check'
import { noCounts } from './counters.ts'
import { PacketFinder } from './packet-finder.ts'
import { ipv4, options, syn, tcp } from './testing/frames.ts'

const now = epochMicros(1_700_000_000_000_000)
const messages = [options('one@a'), options('two@a'), options('three@a')]
const stream = Buffer.concat(messages)
const none = Buffer.alloc(0)

function finder() {
  const counters = noCounts()
  const sip = new PacketFinder(counters)
  const feed = (segment: Buffer, at: EpochMicros = now, missing = 0): void => {
    const bytes = ipv4(6, segment)
    sip.packet(101, at, bytes, 0, bytes.length - missing, missing > 0)
  }
  const found = (): string[] => sip.found().map(({ payload }) => payload.toString())
  return { counters, sip, feed, found }
}

const texts = messages.map(String)
const [first, second, third] = messages as [Buffer, Buffer, Buffer]

describe('the messages of a TCP stream', () => {
  it('are the same however it is cut, in any order of its segments, with overlaps and repetitions, over any sequence number', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 12 })
    const keys = fc.array(fc.nat(), { minLength: 13, maxLength: 13 })
    const overlaps = fc.array(fc.nat({ max: 40 }), { minLength: 13, maxLength: 13 })
    fc.assert(
      fc.property(cuts, keys, overlaps, fc.integer({ min: 0, max: 0xffffffff }), (cut, order, overlap, initial) => {
        const { feed, found } = finder()
        const starts = [0, ...cut.toSorted((a, b) => a - b)]
        const segments = starts.map((start, index) => ({
          start,
          end: Math.min(stream.length, (starts[index + 1] ?? stream.length) + overlap[index]!),
          key: order[index]!
        }))
        feed(tcp(initial, none, syn))
        for (const { start, end } of segments.toSorted((a, b) => a.key - b.key)) {
          feed(tcp((initial + 1 + start) >>> 0, stream.subarray(start, end)))
        }
        expect(found()).toEqual(texts)
      })
    )
  })

  it('have the time of the packet that completed them', () => {
    const { feed, sip } = finder()
    const half = first.length + 20
    feed(tcp(1, none, syn))
    feed(tcp(2, stream.subarray(0, half)), now)
    feed(tcp(2 + half + 30, stream.subarray(half + 30)), plus(now, millis(10)))
    feed(tcp(2 + half, stream.subarray(half, half + 30)), plus(now, millis(20)))
    expect(sip.found().map(captured => captured.capturedAt - now)).toEqual([0, 20_000, 20_000])
  })

  it('go on after a lost segment, a second later', () => {
    const { feed, found, counters } = finder()
    feed(tcp(1, first))
    feed(tcp(1 + first.length + 50, Buffer.concat([second.subarray(50), third])), plus(now, millis(1)))
    expect(found()).toEqual([texts[0]])
    feed(tcp(9, none, 0x10, '0001 0002'), plus(now, seconds(2)))
    expect(found()).toEqual([texts[2]])
    expect(counters.tcpGaps).toBe(1)
  })

  it('go on behind a lost segment where one begins', () => {
    const { feed, found, sip } = finder()
    feed(tcp(1, first))
    feed(tcp(1 + first.length + second.length, third))
    sip.finish()
    expect(found()).toEqual([texts[0], texts[2]])
  })

  it('go on after what the snap length cut off', () => {
    const { feed, found, counters } = finder()
    feed(tcp(1, Buffer.concat([first, second])), now, 20)
    feed(tcp(1 + first.length + second.length, third))
    expect(found()).toEqual([texts[0], texts[2]])
    expect(counters.tcpGaps).toBe(1)
  })

  it('are found in a stream whose start is missing', () => {
    const { feed, found } = finder()
    feed(tcp(500, Buffer.concat([first.subarray(70), second])))
    feed(tcp(500 + first.length - 70 + second.length, third))
    expect(found()).toEqual([texts[1], texts[2]])
  })

  it('are found again when the ports are used for another connection', () => {
    const { feed, found } = finder()
    feed(tcp(1, none, syn))
    feed(tcp(2, first))
    feed(tcp(100, none, syn))
    feed(tcp(101, first))
    feed(tcp(3_000_000_000, second))
    expect(found()).toEqual([texts[0], texts[0], texts[1]])
  })

  it('count once when a packet was captured twice, with its SYN too', () => {
    const { feed, found, counters } = finder()
    for (const segment of [tcp(1, none, syn), tcp(2, first), tcp(2 + first.length, none, 0x11)]) {
      feed(segment)
      feed(segment)
    }
    expect(found()).toEqual([texts[0]])
    expect(counters.tcpStreams).toBe(1)
  })

  it('are found among many other connections', () => {
    const { feed, found, counters } = finder()
    for (let port = 1; port <= 40_000; port++) {
      feed(tcp(1, Buffer.from('HELO'), 0x10, `${port.toString(16).padStart(4, '0')} 0019`))
      if (port % 10_000 === 0) feed(tcp((port / 10_000) * first.length, first))
    }
    expect(found()).toEqual([texts[0], texts[0], texts[0], texts[0]])
    expect(counters.tcpStreams).toBeGreaterThan(40_000)
  })

  it('do not come from what waits for ever: a window full of segments ends the wait', () => {
    const { feed, found } = finder()
    feed(tcp(1, first))
    const behind = 1 + first.length + 10
    feed(tcp(behind, second))
    for (let count = 0; count < 600; count++) feed(tcp(behind + second.length + count * 2 + 2, Buffer.from('x')))
    expect(found()).toEqual([texts[0], texts[1]])
  })
})
