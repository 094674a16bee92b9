import { describe, expect, it } from '@jest/globals'
import { encodeHep } from '@earshot/hep'
import { epochMicros } from '@earshot/units'
import fc from 'fast-check'
import { noCounts } from './counters.ts'
import { PacketFinder } from './packet-finder.ts'
import {
  ethernet,
  gtpU,
  ipv4,
  ipv6,
  ipv6Fragment,
  join,
  options,
  sctp,
  sctpData,
  syn,
  tcp,
  udp,
  vlan
} from './testing/frames.ts'

const datagram = udp(options())
const frame = encodeHep({
  captureId: 1,
  protocol: 1,
  transport: 'udp',
  source: { address: '192.0.2.1', port: 5060 },
  destination: { address: '192.0.2.2', port: 5060 },
  payload: options()
})

const packets = [
  ethernet(0x8100, vlan(0x0800, ipv4(17, datagram))),
  ethernet(0x8847, join('00010140 00000000', ethernet(0x0800, ipv4(17, datagram)))),
  ethernet(0x8864, join('1100 0001 0200 0021', ipv4(17, datagram))),
  ethernet(0x86dd, ipv6Fragment(17, datagram.subarray(0, 64), { id: 1, offset: 0, more: true })),
  ethernet(0x86dd, ipv6Fragment(17, datagram.subarray(64), { id: 1, offset: 64, more: false })),
  ethernet(0x0800, ipv4(17, udp(gtpU(0x36, '0000 00 85 01 1000 40 01 0000 00', ipv6(17, datagram)), 2152, 2152))),
  ethernet(
    0x0800,
    ipv4(47, join('1000 88be 00000001 10000000 00000000', ethernet(0x0800, ipv4(6, tcp(1, options())))))
  ),
  ethernet(0x0800, ipv4(47, join('3081 880b 00000000 00000001 00000002 ff03 0021', ipv4(17, datagram)))),
  ethernet(0x0800, ipv4(6, tcp(1, Buffer.alloc(0), syn))),
  ethernet(0x0800, ipv4(6, tcp(2, options()))),
  ethernet(
    0x0800,
    ipv4(
      6,
      tcp(
        9,
        Buffer.from('HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n'),
        0x10,
        '0001 0002'
      )
    )
  ),
  ethernet(0x0800, ipv4(17, udp(frame))),
  ethernet(0x0800, ipv4(17, udp(join('02100211 13c413c4 cb007107 cb007108 00f15365 40e20100 d107 0000', options())))),
  ethernet(0x0800, ipv4(132, sctp(sctpData(3, options()), sctpData(2, options()))))
]

const linkTypes = [0, 1, 9, 12, 50, 51, 101, 104, 108, 113, 228, 276]

describe('whatever a file holds', () => {
  it('every packet is counted, nothing throws, and what is found lies inside its packet', () => {
    const edit = fc.tuple(fc.nat({ max: 120 }), fc.nat({ max: 255 }))
    const packet = fc.tuple(
      fc.constantFrom(...packets),
      fc.array(edit, { maxLength: 4 }),
      fc.nat(),
      fc.constantFrom(...linkTypes)
    )
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 20 }), list => {
        const counters = noCounts()
        const finder = new PacketFinder(counters)
        list.forEach(([bytes, edits, length, linkType], index) => {
          const changed = Buffer.from(bytes)
          for (const [at, value] of edits) changed[at % changed.length] = value
          const end = length % 3 === 0 ? length % changed.length : changed.length
          // Behind the packet the block goes on with another one, which must not be read.
          const block = Buffer.concat([changed.subarray(0, end), Buffer.alloc(2000, 0x53)])
          finder.packet(index % 2 === 0 ? 1 : linkType, epochMicros(index * 1e5), block, 0, end, end < changed.length)
        })
        finder.finish()
        expect(counters.packets).toBe(list.length)
        for (const { payload } of finder.found()) expect(payload.includes('SSSSSSSS')).toBe(false)
      }),
      { numRuns: 2000 }
    )
  })

  it('nothing throws on bytes without any order', () => {
    const bytes = fc.uint8Array({ maxLength: 200 })
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, fc.constantFrom(...linkTypes)), { maxLength: 5 }), list => {
        const counters = noCounts()
        const finder = new PacketFinder(counters)
        for (const [part, linkType] of list) {
          finder.packet(linkType, epochMicros(0), Buffer.from(part), 0, part.length, false)
        }
        finder.finish()
        expect(counters.packets).toBe(list.length)
      })
    )
  })
})
