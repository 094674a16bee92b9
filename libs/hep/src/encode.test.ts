import { epochMicros } from '@earshot/units'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { hepFields } from './arbitraries.testing.ts'
import { maxFrameLength } from './chunk.ts'
import { decodeHep } from './decode.ts'
import { encodedHepLength, encodeHep } from './encode.ts'
import type { HepFields } from './packet.ts'

const options: HepFields = {
  capturedAt: epochMicros(1_700_000_000_000_001),
  captureId: 2001,
  protocol: 1,
  transport: 'udp',
  source: { address: '10.0.0.1', port: 5060 },
  destination: { address: '203.0.113.7', port: 5060 },
  payload: Buffer.from('OPTIONS sip:203.0.113.7 SIP/2.0\r\n\r\n')
}

describe('encodeHep', () => {
  it('makes frames that decode to the same fields', () => {
    fc.assert(
      fc.property(hepFields, fields => {
        const packet = decodeHep(encodeHep(fields))
        expect(packet.kind === 'packet' && packet.fields()).toEqual(fields)
      }),
      { numRuns: 1000 }
    )
  })

  it('makes frames as long as was said before', () => {
    fc.assert(
      fc.property(hepFields, fields => {
        expect(encodeHep(fields).length).toBe(encodedHepLength(fields))
      })
    )
  })

  it('fills a frame to its last byte', () => {
    const free = maxFrameLength - encodedHepLength({ ...options, payload: Buffer.of(0) }) + 1
    expect(encodeHep({ ...options, payload: Buffer.alloc(free) }).readUInt16BE(4)).toBe(maxFrameLength)
    expect(() => encodeHep({ ...options, payload: Buffer.alloc(free + 1) })).toThrow(RangeError)
  })

  it.each([
    { name: 'an address that is none', fields: { source: { address: 'localhost', port: 5060 } } },
    { name: 'a port past 65535', fields: { source: { address: '10.0.0.1', port: 65536 } } },
    { name: 'a protocol past 255', fields: { protocol: 256 } },
    { name: 'a capture id past 32 bits', fields: { captureId: 2 ** 32 } },
    { name: 'a time before 1970', fields: { capturedAt: epochMicros(-1) } }
  ])('throws on $name', ({ fields }) => {
    expect(() => encodeHep({ ...options, ...fields })).toThrow(/out of range|not an IP address/)
  })

  it('cuts a fraction of a microsecond', () => {
    const packet = decodeHep(encodeHep({ ...options, capturedAt: epochMicros(1_700_000_000_000_001.75) }))
    expect(packet.kind === 'packet' && packet.capturedAt).toBe(1_700_000_000_000_001)
  })
})
