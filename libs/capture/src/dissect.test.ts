import { describe, expect, it } from '@jest/globals'
import { epochMicros } from '@earshot/units'
import { noCounts } from './counters.ts'
import { PacketFinder } from './packet-finder.ts'
import * as frames from './testing/frames.ts'
import {
  ethernet,
  gtpU,
  hex,
  ipv4,
  ipv6,
  join,
  options,
  pppoeSession,
  sctp,
  sctpData,
  tcp,
  udp,
  vlan
} from './testing/frames.ts'

const now = epochMicros(1_700_000_000_000_000)
const message = options()
const datagram = udp(message)
const packet = ipv4(17, datagram)
const packet6 = ipv6(17, datagram)
const over4 = { source: '192.0.2.1', destination: '192.0.2.2' }
const over6 = { source: '2001:db8::1', destination: '2001:db8::2' }

function find(linkType: number, bytes: Buffer) {
  const counters = noCounts()
  const finder = new PacketFinder(counters)
  finder.packet(linkType, now, bytes, 0, bytes.length, false)
  finder.finish()
  return { counters, found: finder.found() }
}

const extension = (next: number, length = 0): Buffer => join(Buffer.from([next, length]), Buffer.alloc(6 + length * 8))

describe('a SIP message is found', () => {
  it.each([
    { name: 'in Ethernet', linkType: 1, bytes: ethernet(0x0800, packet) },
    {
      name: 'before the padding of a short Ethernet frame',
      linkType: 1,
      bytes: join(ethernet(0x0800, packet), Buffer.alloc(9, 0x41))
    },
    { name: 'behind a VLAN tag', linkType: 1, bytes: ethernet(0x8100, vlan(0x0800, packet)) },
    { name: 'behind two VLAN tags', linkType: 1, bytes: ethernet(0x88a8, vlan(0x8100, vlan(0x0800, packet))) },
    { name: 'in 802.3 with SNAP', linkType: 1, bytes: ethernet(500, join('aaaa03 000000 0800', packet)) },
    { name: 'behind MPLS labels', linkType: 1, bytes: ethernet(0x8847, join('00010040 00011140', packet)) },
    {
      name: 'in an MPLS pseudowire',
      linkType: 1,
      bytes: ethernet(0x8847, join('00010140 00000000', ethernet(0x0800, packet)))
    },
    { name: 'in a PPPoE session', linkType: 1, bytes: ethernet(0x8864, pppoeSession(join('0021', packet))) },
    { name: 'in Linux cooked capture', linkType: 113, bytes: join('0000 0001 0006 0200000000010000 0800', packet) },
    {
      name: 'in Linux cooked capture 2',
      linkType: 276,
      bytes: join('0800 0000 00000001 0001 00 06 0200000000010000', packet)
    },
    { name: 'in raw IP', linkType: 101, bytes: packet },
    { name: 'in raw IP as BSD numbers it', linkType: 12, bytes: packet },
    { name: 'in raw IPv4', linkType: 228, bytes: packet },
    { name: 'in raw IPv6', linkType: 229, bytes: packet6, ends: over6 },
    { name: 'on a loopback of a little-endian machine', linkType: 0, bytes: join('02000000', packet) },
    { name: 'on a loopback of a big-endian machine', linkType: 0, bytes: join('0000001e', packet6), ends: over6 },
    { name: 'on OpenBSD loopback', linkType: 108, bytes: join('00000002', packet) },
    { name: 'in PPP', linkType: 9, bytes: join('ff03 0021', packet) },
    { name: 'in PPP with a short protocol field', linkType: 9, bytes: join('21', packet) },
    { name: 'in PPP for IPv6', linkType: 50, bytes: join('ff03 0057', packet6), ends: over6 },
    { name: 'in Cisco HDLC', linkType: 104, bytes: join('0f00 0800', packet) },
    { name: 'in Cisco HDLC on a PPP link type', linkType: 50, bytes: join('0f00 0800', packet) },
    { name: 'in IPv4 with options', linkType: 101, bytes: ipv4(17, datagram, undefined, '94040000') },
    {
      name: 'in IPv6 with extension headers',
      linkType: 101,
      bytes: ipv6(0, join(extension(60, 1), extension(43, 2), extension(17), datagram)),
      ends: over6
    },
    {
      name: 'behind an authentication header',
      linkType: 101,
      bytes: ipv4(51, join('1104 0000 00000001 00000001 000000000000000000000000', datagram))
    },
    {
      name: 'in IPv6 with a fragment header but one piece',
      linkType: 101,
      bytes: frames.ipv6Fragment(17, datagram, { id: 1, offset: 0, more: false }),
      ends: over6
    },
    { name: 'in IP in IP', linkType: 101, bytes: ipv6(4, packet) },
    { name: 'in IPv6 in IP', linkType: 101, bytes: ipv4(41, packet6), ends: over6 },
    { name: 'in GRE', linkType: 101, bytes: ipv4(47, join('0000 0800', packet)) },
    {
      name: 'in GRE with checksum, key and sequence',
      linkType: 101,
      bytes: ipv4(47, join('b000 86dd 00000000 00000001 00000002', packet6)),
      ends: over6
    },
    { name: 'in GRE with Ethernet', linkType: 101, bytes: ipv4(47, join('0000 6558', ethernet(0x0800, packet))) },
    { name: 'in PPTP', linkType: 101, bytes: ipv4(47, join('3081 880b 00000000 00000001 00000002 ff03 0021', packet)) },
    { name: 'in ERSPAN I', linkType: 101, bytes: ipv4(47, join('0000 88be', ethernet(0x0800, packet))) },
    {
      name: 'in ERSPAN II',
      linkType: 101,
      bytes: ipv4(47, join('1000 88be 00000001 10000000 00000000', ethernet(0x0800, packet)))
    },
    {
      name: 'in ERSPAN III',
      linkType: 101,
      bytes: ipv4(47, join('1000 22eb 00000001 20000000 00000000 00000001 0000000000000000', ethernet(0x0800, packet)))
    },
    {
      name: 'in VXLAN',
      linkType: 101,
      bytes: ipv4(17, udp(join('08000000 00000100', ethernet(0x0800, packet)), 50000, 4789))
    },
    { name: 'in GTP-U', linkType: 101, bytes: ipv4(17, udp(gtpU(0x30, '', packet), 2152, 2152)) },
    {
      name: 'in GTP-U with a sequence number',
      linkType: 101,
      bytes: ipv4(17, udp(gtpU(0x32, '0001 00 00', packet), 2152, 2152))
    },
    {
      name: 'in GTP-U with extension headers',
      linkType: 101,
      bytes: ipv4(17, udp(gtpU(0x34, '0000 00 85 01 1000 40 01 0000 00', packet6), 2152, 2152)),
      ends: over6
    },
    { name: 'on the GTP-U port without GTP', linkType: 101, bytes: ipv4(17, udp(message, 5060, 2152)) },
    { name: 'behind leading line ends', linkType: 101, bytes: ipv4(17, udp(join('0d0a0d0a', message))) },
    { name: 'in TCP', linkType: 101, bytes: ipv4(6, tcp(1, message)), transport: 'tcp' },
    {
      name: 'in SCTP',
      linkType: 101,
      bytes: ipv4(132, sctp(sctpData(3, Buffer.from('x')), sctpData(3, message))),
      transport: 'sctp'
    }
  ])('$name', ({ linkType, bytes, ends = over4, transport = 'udp' }) => {
    const { found, counters } = find(linkType, bytes)
    expect(counters.bad).toEqual({})
    expect(found).toHaveLength(1)
    const [captured] = found
    expect(captured).toMatchObject({ capturedAt: now, agent: 'file', transport })
    expect([captured!.source.address, captured!.destination.address]).toEqual([ends.source, ends.destination])
    expect(captured!.source.port).toBe(5060)
    expect(captured!.payload.subarray(-message.length)).toEqual(message)
  })
})

describe('a frame is counted and left alone', () => {
  const rtp = join('80080001', Buffer.alloc(160, 0xd5))
  const stun = hex('0101 0000 2112a442 000000000000000000000000')
  it.each([
    { name: 'ARP', linkType: 1, bytes: ethernet(0x0806, Buffer.alloc(46)), counts: { other: 1 } },
    { name: 'ICMP', linkType: 101, bytes: ipv4(1, Buffer.alloc(8)), counts: { other: 1 } },
    { name: 'ESP', linkType: 101, bytes: ipv4(50, Buffer.alloc(40)), counts: { esp: 1 } },
    { name: '802.11', linkType: 105, bytes: packet, counts: { unsupportedLink: 1 } },
    { name: 'RTP', linkType: 101, bytes: ipv4(17, udp(rtp)), counts: {} },
    { name: 'STUN', linkType: 101, bytes: ipv4(17, udp(stun)), counts: {} },
    {
      name: 'binary data that could be HEPv2',
      linkType: 101,
      bytes: ipv4(17, udp(join('021c0211 13c413c4', Buffer.alloc(40, 0x20)))),
      counts: {}
    },
    { name: 'an empty datagram', linkType: 101, bytes: ipv4(17, udp(Buffer.alloc(0))), counts: {} },
    { name: 'a keep-alive', linkType: 101, bytes: ipv4(17, udp(hex('0d0a0d0a'))), counts: {} },
    {
      name: 'a part of a message in SCTP',
      linkType: 101,
      bytes: ipv4(132, sctp(sctpData(2, message))),
      counts: { sctpFragments: 1 }
    },
    {
      name: 'PPTP without payload',
      linkType: 101,
      bytes: ipv4(47, hex('2081 880b 00000000 00000001')),
      counts: { other: 1 }
    },
    {
      name: 'a short Ethernet frame',
      linkType: 1,
      bytes: hex('02000000'),
      counts: { bad: { 'short-link-header': 1 } }
    },
    {
      name: 'a short IP header',
      linkType: 101,
      bytes: packet.subarray(0, 19),
      counts: { bad: { 'short-ip-header': 1 } }
    },
    {
      name: 'an IP header that claims 4 bytes',
      linkType: 101,
      bytes: join('41', packet.subarray(1)),
      counts: { bad: { 'bad-ip-length': 1 } }
    },
    {
      name: 'a UDP length of 7',
      linkType: 101,
      bytes: ipv4(17, hex('13c4 13c4 0007 0000')),
      counts: { bad: { 'bad-transport-length': 1 } }
    },
    {
      name: 'a short UDP header',
      linkType: 101,
      bytes: ipv4(17, hex('13c4')),
      counts: { bad: { 'short-transport-header': 1 } }
    },
    {
      name: 'a short TCP header',
      linkType: 101,
      bytes: ipv4(6, hex('13c4')),
      counts: { bad: { 'bad-tcp-header': 1 } }
    },
    {
      name: 'an SCTP chunk of length 0',
      linkType: 101,
      bytes: ipv4(132, sctp(hex('00030000'))),
      counts: { bad: { 'bad-sctp-chunk': 1 } }
    },
    {
      name: 'a GTP-U extension of length 0',
      linkType: 101,
      bytes: ipv4(17, udp(gtpU(0x34, '0000 00 85 00000000', packet), 2152, 2152)),
      counts: { bad: { 'short-tunnel-header': 1 } }
    },
    {
      name: 'endless nesting',
      linkType: 101,
      bytes: Array.from({ length: 40 }).reduce<Buffer>(inner => ipv4(4, inner), packet),
      counts: { bad: { 'too-many-layers': 1 } }
    },
    {
      name: 'a broken HEP3 frame',
      linkType: 101,
      bytes: ipv4(17, udp(hex('48455033 0009 000000'))),
      counts: { bad: { 'hep-bad-chunk-length': 1 } }
    }
  ])('$name', ({ linkType, bytes, counts }) => {
    const { found, counters } = find(linkType, bytes)
    expect(found).toEqual([])
    expect(counters).toEqual({ ...noCounts(), packets: 1, bytes: bytes.length, ...counts })
  })

  it('an IPv4-mapped IPv6 address is written as IPv4', () => {
    const bytes = Buffer.from(packet6)
    hex('00000000000000000000ffff c0000207').copy(bytes, 8)
    expect(find(101, bytes).found[0]!.source.address).toBe('192.0.2.7')
  })

  it('what the snap length left of a datagram is yielded', () => {
    const bytes = packet.subarray(0, packet.length - 30)
    expect(find(101, bytes).found[0]!.payload).toEqual(message.subarray(0, -30))
  })
})
