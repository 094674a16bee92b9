import { describe, expect, it } from '@jest/globals'
import { encodeHep } from '@earshot/hep'
import type { HepFields } from '@earshot/hep'
import { epochMicros } from '@earshot/units'
import { noCounts } from './counters.ts'
import { PacketFinder } from './packet-finder.ts'
import { ipv4, join, options, tcp, udp } from './testing/frames.ts'

const now = epochMicros(1_700_000_000_000_000)
const seenByAgent = epochMicros(1_699_999_999_123_456)
const message = options()

const packet: HepFields = {
  capturedAt: seenByAgent,
  captureId: 2001,
  protocol: 1,
  transport: 'tls',
  source: { address: '203.0.113.7', port: 5061 },
  destination: { address: '2001:db8::9', port: 5061 },
  payload: message
}
const frame = encodeHep({ ...packet, destination: { address: '203.0.113.8', port: 5061 } })
const hepV1 = join('01100211 13c413c4 cb007107 cb007108', message)
const hepV2 = join('02100211 13c413c4 cb007107 cb007108 00f15365 40e20100 d107 0000', message)

function find(...packets: readonly Buffer[]) {
  const counters = noCounts()
  const finder = new PacketFinder(counters)
  for (const bytes of packets) finder.packet(101, now, bytes, 0, bytes.length, false)
  finder.finish()
  return { counters, found: finder.found() }
}

describe('HEP in a capture is unwrapped', () => {
  it.each([
    {
      name: 'HEPv3 over UDP',
      bytes: ipv4(17, udp(frame)),
      agent: '2001',
      capturedAt: seenByAgent,
      transport: 'tls'
    },
    {
      name: 'HEPv3 over TCP',
      bytes: ipv4(6, tcp(1, frame)),
      agent: '2001',
      capturedAt: seenByAgent,
      transport: 'tls'
    },
    {
      name: 'HEPv2',
      bytes: ipv4(17, udp(hepV2)),
      agent: '2001',
      capturedAt: 1_700_000_000_123_456,
      transport: 'udp'
    },
    { name: 'HEPv1, which has no time', bytes: ipv4(17, udp(hepV1)), agent: '0', capturedAt: now, transport: 'udp' }
  ])('$name', ({ bytes, agent, capturedAt, transport }) => {
    const { found, counters } = find(bytes)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ agent, capturedAt, transport, payload: message })
    expect(found[0]!.source.address).toBe('203.0.113.7')
    expect(found[0]!.destination.address).toBe('203.0.113.8')
    expect(counters.hepPackets).toBe(1)
  })

  it.each([
    { name: 'RTCP reports', fields: { protocol: 5 } },
    { name: 'SIP under another protocol type', fields: { protocol: 100 } },
    { name: 'something that is not SIP', fields: { payload: Buffer.from('{"rtcp": 1}') } }
  ])('and $name in it are left out', ({ fields }) => {
    const { found, counters } = find(ipv4(17, udp(encodeHep({ ...packet, ...fields }))))
    expect(found).toEqual([])
    expect(counters).toMatchObject({ hepPackets: 1, captured: 0, bad: {} })
  })
})
