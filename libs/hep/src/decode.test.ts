import { deflateSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { hepFields } from './arbitraries.testing.ts'
import { decodeHep, maxPayloadLength } from './decode.ts'
import { encodeHep } from './encode.ts'

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex')

const compressed = (payload: Buffer): string => {
  const length = (size: number): string => size.toString(16).padStart(4, '0')
  return `48455033 ${length(payload.length + 12)} 0000 0010 ${length(payload.length + 6)} ${payload.toString('hex')}`
}

describe('decodeHep', () => {
  it.each([
    { name: 'an empty datagram', bytes: '', error: { code: 'truncated', offset: 0 } },
    { name: 'another protocol', bytes: '4f505449 4f4e53', error: { code: 'not-hep', offset: 0 } },
    { name: 'HEP of a later version', bytes: '48455034 0006', error: { code: 'not-hep', offset: 0 } },
    { name: 'the beginning of "HEP3"', bytes: '4845', error: { code: 'truncated', offset: 2 } },
    { name: 'the beginning of another word', bytes: '4847', error: { code: 'not-hep', offset: 0 } },
    { name: 'half a length', bytes: '48455033 00', error: { code: 'truncated', offset: 5 } },
    {
      name: 'a length below that of the header',
      bytes: '48455033 0005 0000',
      error: { code: 'bad-length', offset: 4 }
    },
    { name: 'a length of zero', bytes: '48455033 0000', error: { code: 'bad-length', offset: 4 } },
    { name: 'a header that promises more', bytes: '48455033 00ff', error: { code: 'truncated', offset: 6 } },
    {
      name: 'a frame that lacks its last byte',
      bytes: '48455033 000d 0000 000b 0007',
      error: { code: 'truncated', offset: 12 }
    },
    {
      name: 'a chunk of length 0, which hangs hep-js',
      bytes: '48455033 000c 0000 000b 0000',
      error: { code: 'bad-chunk-length', offset: 6 }
    },
    {
      name: 'a chunk shorter than its header',
      bytes: '48455033 000c 0000 000b 0005',
      error: { code: 'bad-chunk-length', offset: 6 }
    },
    {
      name: 'a chunk that crosses the end of the frame',
      bytes: '48455033 000d 0000 000b 0008 0101',
      error: { code: 'bad-chunk-length', offset: 6 }
    },
    {
      name: 'a frame that ends inside the header of a chunk',
      bytes: '48455033 0010 0000 000b 0007 01 0000 00',
      error: { code: 'bad-chunk-length', offset: 13 }
    },
    {
      name: 'a chunk of a vendor that crosses the end',
      bytes: '48455033 000d 0003 000b 0008 01',
      error: { code: 'bad-chunk-length', offset: 6 }
    },
    {
      name: 'a port of one byte',
      bytes: '48455033 000d 0000 0007 0007 13',
      error: { code: 'bad-chunk-length', offset: 6 }
    },
    {
      name: 'an IPv4 address of 16 bytes',
      bytes: `48455033 001c 0000 0003 0016 ${'00'.repeat(16)}`,
      error: { code: 'bad-chunk-length', offset: 6 }
    },
    {
      name: 'an IPv6 address of 4 bytes',
      bytes: '48455033 0010 0000 0006 000a 00000000',
      error: { code: 'bad-chunk-length', offset: 6 }
    },
    {
      name: 'seconds of 8 bytes',
      bytes: '48455033 0014 0000 0009 000e 0000000000000000',
      error: { code: 'bad-chunk-length', offset: 6 }
    },
    {
      name: 'a capture id of 2 bytes',
      bytes: '48455033 000e 0000 000c 0008 07d1',
      error: { code: 'bad-chunk-length', offset: 6 }
    },
    {
      name: 'a wrong size in the second chunk',
      bytes: '48455033 0013 0000 000b 0007 01 0000 0002 0006',
      error: { code: 'bad-chunk-length', offset: 13 }
    },
    {
      name: 'a compressed payload that is not compressed',
      bytes: compressed(Buffer.from('OPTIONS')),
      error: { code: 'bad-compression', offset: 12 }
    },
    {
      name: 'an empty compressed payload',
      bytes: compressed(Buffer.alloc(0)),
      error: { code: 'bad-compression', offset: 12 }
    },
    {
      name: 'a compressed payload cut short',
      bytes: compressed(deflateSync(Buffer.from('OPTIONS sip:b SIP/2.0')).subarray(0, 15)),
      error: { code: 'bad-compression', offset: 12 }
    },
    {
      name: 'a compressed payload longer than an IP packet',
      bytes: compressed(deflateSync(Buffer.alloc(maxPayloadLength + 1))),
      error: { code: 'bad-compression', offset: 12 }
    },
    {
      name: 'a compressed payload that would fill the memory',
      bytes: compressed(deflateSync(Buffer.alloc(50 << 20), { level: 9 })),
      error: { code: 'bad-compression', offset: 12 }
    },
    { name: 'the byte 2, which ends heplify-server', bytes: '02', error: { code: 'truncated', offset: 1 } },
    { name: 'the byte 1', bytes: '01', error: { code: 'truncated', offset: 1 } },
    {
      name: 'HEPv1 of another family than IP',
      bytes: '01 10 01 11 13c4 13c4 00000000 00000000',
      error: { code: 'bad-family', offset: 2 }
    },
    {
      name: 'HEPv1 without its last address byte',
      bytes: '01 10 02 11 13c4 13c4 0a000001 0a0000',
      error: { code: 'truncated', offset: 15 }
    },
    {
      name: 'HEPv2 without the end of its time',
      bytes: '02 1c 02 11 13c4 13c4 0a000001 0a000002 00f15365 d0070000 d207 00',
      error: { code: 'truncated', offset: 27 }
    },
    {
      name: 'HEPv2 of IPv6 that is as long as one of IPv4',
      bytes: '02 1c 0a 11 13c4 13c4 0a000001 0a000002 00f15365 d0070000 d207 0000',
      error: { code: 'truncated', offset: 28 }
    }
  ])('refuses $name', ({ bytes, error }) => {
    expect(decodeHep(hex(bytes))).toEqual({ kind: 'error', ...error })
  })

  it.each([
    { name: 'a frame without chunks', bytes: '48455033 0006' },
    { name: 'an empty payload', bytes: '48455033 000c 0000 000f 0006' },
    { name: 'an empty payload after a full one', bytes: '48455033 0013 0000 000f 0007 41 0000 000f 0006' },
    { name: 'nothing but the header of HEPv1', bytes: '01 10 02 11 13c4 13c4 0a000001 0a000002' }
  ])('takes as a packet without payload: $name', ({ bytes }) => {
    const packet = decodeHep(hex(bytes))
    expect(packet.kind === 'packet' && packet.payload.length).toBe(0)
  })

  it.each([
    { name: 'neither seconds nor microseconds', chunks: '', time: undefined },
    { name: 'microseconds alone', chunks: '0000 000a 000a 00000001', time: undefined },
    { name: 'seconds alone', chunks: '0000 0009 000a 00000002', time: 2_000_000 },
    { name: 'both', chunks: '0000 0009 000a 00000002 0000 000a 000a 000f423f', time: 2_999_999 },
    { name: 'a second of microseconds', chunks: '0000 0009 000a 00000002 0000 000a 000a 000f4240', time: 2_000_000 }
  ])('tells the time of a frame with $name', ({ chunks, time }) => {
    const body = hex(chunks)
    const packet = decodeHep(Buffer.concat([hex('48455033 00'), Buffer.of(body.length + 6), body]))
    expect(packet.kind === 'packet' && packet.capturedAt).toBe(time)
  })

  it('takes a compressed payload of the greatest length', () => {
    const packet = decodeHep(hex(compressed(deflateSync(Buffer.alloc(maxPayloadLength)))))
    expect(packet.kind === 'packet' && packet.payload.length).toBe(maxPayloadLength)
  })
})

/** Everything that a packet tells, or the error; reads every property. */
const told = (datagram: Buffer): unknown => {
  const result = decodeHep(datagram)
  if (result.kind === 'error') return result
  return { ...result.fields(), version: result.version, frame: result.frame, vlan: result.chunk(0x12) }
}

/** The same bytes in the middle of others: what is read outside of them shows. */
const within = (filler: number, datagram: Buffer): Buffer => {
  const around = Buffer.alloc(64, filler)
  return Buffer.concat([around, datagram, around]).subarray(64, 64 + datagram.length)
}

const isInside = (view: Buffer, datagram: Buffer): boolean =>
  view.buffer === datagram.buffer &&
  view.byteOffset >= datagram.byteOffset &&
  view.byteOffset + view.length <= datagram.byteOffset + datagram.length

const anyDatagram = fc.uint8Array({ maxLength: 120 }).map(bytes => Buffer.from(bytes))

const anyBody = fc
  .tuple(fc.constantFrom('HEP3', '\x01\x10\x02', '\x02\x1c\x0a'), fc.uint8Array({ maxLength: 120 }))
  .map(([start, body]) => Buffer.concat([Buffer.from(start, 'latin1'), body]))

/** A good frame with a few bytes changed and its end cut off: what a fuzzer would find first. */
const damagedFrame = fc
  .tuple(hepFields, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }), fc.nat(20))
  .map(([fields, changes, cut]) => {
    const frame = encodeHep(fields)
    for (const [at, value] of changes) if (at < frame.length) frame[at] = value
    return frame.subarray(0, frame.length - cut)
  })

describe('whatever comes from the network', () => {
  const hostile = fc.oneof(anyDatagram, anyBody, damagedFrame)

  it('is told or refused, and nothing outside of it is read', () => {
    fc.assert(
      fc.property(hostile, datagram => {
        expect(told(within(0x00, datagram))).toEqual(told(within(0xff, datagram)))
      }),
      { numRuns: 1000 }
    )
  })

  it('is refused at an offset inside of it, or told in views of it', () => {
    fc.assert(
      fc.property(hostile, bytes => {
        const datagram = within(0xee, bytes)
        const result = decodeHep(datagram)
        if (result.kind === 'error') expect(result.offset).toBeLessThanOrEqual(datagram.length)
        else {
          const { frame, payload, authKey = payload } = result
          expect([frame, payload, authKey].every(view => isInside(view, datagram))).toBe(true)
        }
      }),
      { numRuns: 1000 }
    )
  })

  it('is handled the same for each of 100,000 changes to one frame', () => {
    const frame = encodeHep(fc.sample(hepFields, { seed: 7, numRuns: 1 })[0]!)
    let seed = 1
    const next = (below: number): number => (seed = (seed * 48271) % 0x7fffffff) % below
    for (let run = 0; run < 100_000; run++) {
      const at = next(frame.length)
      const before = frame[at]!
      frame[at] = next(256)
      const result = decodeHep(frame)
      if (result.kind === 'packet') result.fields()
      if (run % 5 === 0) frame[at] = before
    }
  })
})
