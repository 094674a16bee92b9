import { describe, expect, it } from '@jest/globals'
import { epochMicros, plus, seconds } from '@earshot/units'
import fc from 'fast-check'
import { noCounts } from './counters.ts'
import { PacketFinder } from './packet-finder.ts'
import { gtpU, ipv4, ipv6Fragment, options, udp } from './testing/frames.ts'

const now = epochMicros(1_700_000_000_000_000)
const datagram = udp(options())

type Piece = { readonly offset: number; readonly bytes: Buffer; readonly more: boolean }

function cut(bytes: Buffer, at: readonly number[]): Piece[] {
  const offsets = [0, ...new Set(at.map(offset => offset * 8))].toSorted((a, b) => a - b)
  return offsets.map((offset, index) => {
    const end = offsets[index + 1] ?? bytes.length
    return { offset, bytes: bytes.subarray(offset, end), more: end < bytes.length }
  })
}

const fragment4 = ({ offset, bytes, more }: Piece, id = 7): Buffer => ipv4(17, bytes, { id, offset, more })
const fragment6 = ({ offset, bytes, more }: Piece, id = 7): Buffer => ipv6Fragment(17, bytes, { id, offset, more })

function finder() {
  const counters = noCounts()
  const sip = new PacketFinder(counters)
  const feed = (bytes: Buffer, at = now): void => sip.packet(101, at, bytes, 0, bytes.length, false)
  return { counters, sip, feed }
}

const twoPieces = cut(datagram, [5])

describe('a fragmented datagram', () => {
  it.each([
    { name: 'IPv4', fragment: fragment4 },
    { name: 'IPv6', fragment: fragment6 }
  ])('of $name comes out once, whatever the order of its fragments and whichever come twice', ({ fragment }) => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: Math.floor(datagram.length / 8) - 1 }), { maxLength: 6 })
    const order = fc.array(fc.nat(), { minLength: 7, maxLength: 7 })
    fc.assert(
      fc.property(cuts, order, fc.nat(), (at, keys, repeated) => {
        const pieces = cut(datagram, at)
        const sorted = pieces.map((piece, index) => ({ piece, key: keys[index]! })).toSorted((a, b) => a.key - b.key)
        const { feed, sip } = finder()
        const twice = sorted.length > 1 ? repeated % (sorted.length - 1) : -1
        sorted.forEach(({ piece }, index) => {
          feed(fragment(piece))
          if (index === twice) feed(fragment(piece))
        })
        expect(sip.found().map(captured => captured.payload)).toEqual([options()])
      })
    )
  })

  it('has the time of the fragment that completed it', () => {
    const { feed, sip } = finder()
    feed(fragment4(twoPieces[1]!))
    feed(fragment4(twoPieces[0]!), plus(now, seconds(2)))
    expect(sip.found().map(captured => captured.capturedAt)).toEqual([plus(now, seconds(2))])
  })

  it('is found inside a tunnel that is fragmented itself', () => {
    const { feed, sip } = finder()
    const tunnel = udp(gtpU(0x30, '', ipv4(17, datagram)), 2152, 2152)
    for (const piece of cut(tunnel, [3, 9])) feed(fragment4(piece))
    expect(sip.found()).toHaveLength(1)
  })

  it('is not mixed with another one', () => {
    const { feed, sip, counters } = finder()
    feed(fragment4(twoPieces[0]!, 7))
    feed(fragment4(twoPieces[1]!, 8))
    sip.finish()
    expect(sip.found()).toEqual([])
    expect(counters).toMatchObject({ fragments: 2, fragmentsLost: 2 })
  })

  it('is given up after 30 s of capture time', () => {
    const { feed, sip, counters } = finder()
    feed(fragment4(twoPieces[0]!))
    feed(fragment4(twoPieces[1]!), plus(now, seconds(31)))
    expect(sip.found()).toEqual([])
    expect(counters.fragmentsLost).toBe(1)
  })

  it('keeps a bounded number waiting', () => {
    const { feed, counters } = finder()
    for (let id = 0; id < 3000; id++) feed(fragment4(twoPieces[0]!, id))
    expect(counters.fragmentsLost).toBe(3000 - 1024)
  })

  it('never grows beyond an IP packet', () => {
    const { feed, sip, counters } = finder()
    feed(ipv4(17, Buffer.alloc(64), { id: 7, offset: 65_528, more: false }))
    feed(ipv4(17, Buffer.alloc(13), { id: 7, offset: 0, more: true }))
    expect(sip.found()).toEqual([])
    expect(counters.bad).toEqual({ 'bad-fragment': 2 })
  })
})
