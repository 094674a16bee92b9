import { expect, it } from '@jest/globals'
import { encodeHep } from '@earshot/hep'
import { ladder } from '@earshot/traffic'
import { epochMicros, millis, plus, type Captured } from '@earshot/units'
import { noCounts } from './counters.ts'
import { PacketFinder } from './packet-finder.ts'
import { ipv4, udp } from './testing/frames.ts'
import { pcapRecord } from './write.ts'

const now = epochMicros(1_700_000_000_000_000)
const RECORD_HEADER = 16

function find(packets: readonly Captured[], withMedia = true): readonly Captured[] {
  const finder = new PacketFinder(noCounts(), withMedia)
  for (const packet of packets) {
    const bytes = pcapRecord(packet).subarray(RECORD_HEADER)
    finder.packet(1, packet.capturedAt, bytes, 0, bytes.length, false)
  }
  finder.finish()
  return finder.found()
}

const stream = (line: string): Captured[] => ladder(`0 ${line} x150/20`, { start: now })
const secondsAfter = (found: readonly Captured[]): number[] => found.map(({ capturedAt }) => (capturedAt - now) / 1e6)

it('RTP is told of twice a second, whatever a stream sends, of IPv4 and IPv6', () => {
  for (const text of ['b>a rtp', 'b>a rtp\nb = [2001:db8::7]:5060\na = [2001:db8::8]:5060']) {
    const [line = '', ...participants] = text.split('\n')
    const found = find(ladder([...participants, `0 ${line} x150/20`].join('\n'), { start: now }))
    expect(secondsAfter(found)).toEqual([0, 0.5, 1, 1.5, 2, 2.5])
    expect(found[0]).toMatchObject({ source: { port: 20_000 }, media: { protocol: 4 }, transport: 'udp' })
  }
})

it('each stream by itself, both ways', () => {
  const both = [...stream('b>a rtp'), ...stream('a>b rtp'), ...stream('b>a rtp port=31000')]
  expect(find(both.toSorted((a, b) => a.capturedAt - b.capturedAt))).toHaveLength(18)
})

it('RTCP is told of each time, and reports in HEP as they came', () => {
  const control = { ...stream('b>a rtp')[0]!, payload: Buffer.from('80c9000100000001', 'hex') }
  const found = find([control, { ...control, capturedAt: plus(now, millis(5)) }])
  expect(found.map(({ media }) => media?.protocol)).toEqual([5, 5])

  const [report] = ladder('0 b>a rtcp packets=3', { start: now })
  const { agent: _agent, media, ...fields } = report!
  const frame = ipv4(17, udp(encodeHep({ ...fields, captureId: 7, protocol: 5, correlationId: media!.correlationId })))
  const finder = new PacketFinder(noCounts(), true)
  finder.packet(101, now, frame, 0, frame.length, false)
  expect(finder.found()).toEqual([{ ...report, agent: '7' }])
})

it('nobody who does not ask is told of media', () => {
  expect(find(stream('b>a rtp'), false)).toEqual([])
})
