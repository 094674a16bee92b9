import { describe, expect, it } from '@jest/globals'
import { epochMicros, type Captured } from '@earshot/units'
import fc from 'fast-check'
import { kindOfMedia, readMedia } from './index.ts'

const callee = { address: '203.0.113.7', port: 20_001 }
const caller = { address: '10.0.0.1', port: 30_001 }
const at = epochMicros(1.7e15)

const captured = (protocol: number, payload: Buffer | string | object): Captured => ({
  capturedAt: at,
  agent: '7',
  transport: 'udp',
  source: callee,
  destination: caller,
  payload: Buffer.from(
    typeof payload === 'string' || Buffer.isBuffer(payload) ? (payload as string) : JSON.stringify(payload)
  ),
  media: { protocol, correlationId: 'abc' }
})

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

/** Of the way that its sender sends, and of the other one. */
function told(protocol: number, payload: Buffer | string | object): unknown {
  const read = readMedia(captured(protocol, payload))
  if ('kind' in read) return read.code
  return read.map(({ source, packets }) => `${source === callee ? 'callee' : 'caller'} ${packets}`)
}

const senderReport = '80c80006 00000001 83aa7e80 00000000 00000000 0000008c 00005780'
const block = '00000002 00000000 00000064 00000000 00000000 00000000'
const description = '81ca0002 00000001 01026162'

describe('RTCP as bytes', () => {
  it.each([
    { name: 'a sender report', bytes: senderReport, says: ['callee 140', 'caller 0'] },
    {
      name: 'one with a report block',
      bytes: `81c8000c ${senderReport.slice(9)} ${block}`,
      says: ['callee 140', 'caller 1']
    },
    { name: 'a receiver report without blocks', bytes: '80c90001 00000001', says: ['callee 0', 'caller 0'] },
    { name: 'one with a block', bytes: `81c90007 00000001 ${block}`, says: ['callee 0', 'caller 1'] },
    { name: 'a compound packet', bytes: `${senderReport} ${description}`, says: ['callee 140', 'caller 0'] },
    { name: 'a description alone', bytes: description, says: 'no-count' },
    { name: 'a sender report cut off', bytes: senderReport.slice(0, 40), says: 'truncated' },
    { name: 'something else behind the first', bytes: `${senderReport} 00112233`, says: 'truncated' },
    { name: 'RTP', bytes: '8008 0001 00000000 00000001', says: 'not-rtcp' },
    { name: 'nothing', bytes: '', says: 'truncated' }
  ])('says of $name what was sent', ({ bytes, says }) => {
    expect(told(5, hex(bytes))).toEqual(says)
  })
})

describe('RTCP as agents write it', () => {
  const sender = (packets: unknown) => ({ ntp_timestamp_sec: 1, ntp_timestamp_usec: 0, packets, octets: 0 })
  it.each([
    {
      name: 'rtpengine',
      report: { sender_information: sender(140), ssrc: 1, type: 200, report_count: 0, report_blocks: [] },
      says: ['callee 140', 'caller 0']
    },
    {
      name: 'heplify, of a compound packet, whose type is that of its last',
      report: { sender_information: sender(7), ssrc: 1, type: 202, report_count: 1, report_blocks: null },
      says: ['callee 7', 'caller 0']
    },
    {
      name: 'a receiver with a block',
      report: { ssrc: 1, type: 201, report_count: 1, report_blocks: [{ source_ssrc: 2, highest_seq_no: 9 }] },
      says: ['callee 0', 'caller 1']
    },
    {
      name: 'zeros that heplify writes for what it has not read',
      report: { sender_information: sender(0), ssrc: 0, type: 202, report_count: 1, report_blocks: null },
      says: 'no-count'
    },
    { name: 'an extended report', report: { sender_information: sender(0), ssrc: 1, type: 207 }, says: 'no-count' },
    {
      name: 'a count that is none',
      report: { sender_information: sender('many'), ssrc: 1, type: 207 },
      says: 'no-count'
    },
    { name: 'an object without anything', report: {}, says: 'no-count' }
  ])('is read: $name', ({ report, says }) => {
    expect(told(5, report)).toEqual(says)
  })

  it.each(['{', '{"a":', `{"a":${'['.repeat(30_000)}`])('is refused where it is no JSON: %.20s', text => {
    expect(told(5, text)).toBe('not-json')
  })

  it('is refused where nobody told between whom', () => {
    expect(readMedia({ ...captured(5, hex(senderReport)), source: { address: '', port: 0 } })).toEqual({
      kind: 'error',
      code: 'no-address'
    })
  })
})

describe('a report of a stream', () => {
  it('tells between whom it was by itself', () => {
    const report = { TOTAL_PK: 1512, SRC_IP: '192.0.2.1', SRC_PORT: 26872, DST_IP: '2001:DB8::1', DST_PORT: '51354' }
    expect(readMedia(captured(34, report))).toEqual([
      {
        at,
        from: 'report',
        callId: 'abc',
        source: { address: '192.0.2.1', port: 26872 },
        destination: { address: '2001:db8::1', port: 51354 },
        packets: 1512
      }
    ])
  })

  it('has the Call-ID of its body where HEP has none', () => {
    const report = { TOTAL_PK: 0, RTP_SIP_CALL_ID: 'body', SRC_IP: 'nowhere', SRC_PORT: 99_999 }
    const packet = { ...captured(34, report), media: { protocol: 34, correlationId: undefined } }
    expect(readMedia(packet)).toMatchObject([{ callId: 'body', source: callee, destination: caller, packets: 0 }])
  })

  it.each([
    { name: 'without a count, as short ones are', report: { MOS: 4.4, RFACTOR: 93.2 }, says: 'no-count' },
    { name: 'with a negative count', report: { TOTAL_PK: -1 }, says: 'no-count' },
    { name: 'that is a list', report: [1], says: 'not-json' },
    { name: 'in words', report: 'VQSessionReport: CallTerm', says: 'not-json' }
  ])('says nothing $name', ({ report, says }) => {
    expect(told(35, report)).toBe(says)
  })
})

it('is a value, whatever the bytes', () => {
  const text = fc.oneof(fc.json(), fc.string()).map(each => Buffer.from(each))
  const control = fc.uint8Array({ maxLength: 100 }).map(tail => Buffer.concat([Buffer.from([0x81, 200, 0, 6]), tail]))
  const bytes = fc.oneof(
    text,
    control,
    fc.uint8Array({ maxLength: 100 }).map(each => Buffer.from(each))
  )
  fc.assert(
    fc.property(fc.constantFrom(5, 34, 35), bytes, (protocol, payload) => {
      const read = readMedia(captured(protocol, payload))
      for (const { packets, source } of 'kind' in read ? [] : read) {
        expect(packets).toBeGreaterThanOrEqual(0)
        expect(source.address).not.toBe('')
      }
    })
  )
})

describe('at a glance', () => {
  it.each([
    { name: 'RTP', bytes: `8008 ${'00'.repeat(10)}`, kind: 'rtp' },
    { name: 'RTP with a marker and a dynamic type', bytes: `80e5 ${'00'.repeat(10)}`, kind: 'rtp' },
    { name: 'RTCP', bytes: '80c90001 00000001', kind: 'rtcp' },
    { name: 'a header that is too short', bytes: '8008 0000 0000', kind: undefined },
    { name: 'a type that nobody assigned', bytes: `8032 ${'00'.repeat(10)}`, kind: undefined },
    { name: 'STUN', bytes: `0001 ${'00'.repeat(18)}`, kind: undefined }
  ])('$name is known', ({ bytes, kind }) => {
    const all = hex(bytes)
    expect(kindOfMedia(all, 0, all.length)).toBe(kind)
  })
})
