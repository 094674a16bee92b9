import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { decodeHep } from './decode.ts'
import { encodeHep } from './encode.ts'
import type { HepPacket } from './packet.ts'

const testdata = new URL('../testdata/', import.meta.url)

const read = (file: string): string => readFileSync(new URL(file, testdata), 'utf8')

const bytesOf = (file: string): Buffer => Buffer.from(read(file).replace(/#.*|\s/g, ''), 'hex')

function decoded(datagram: Buffer): HepPacket {
  const packet = decodeHep(datagram)
  if (packet.kind === 'error') throw new Error(`${packet.code} at ${packet.offset}`)
  return packet
}

const readable = (packet: HepPacket): unknown => ({
  kind: packet.kind,
  version: packet.version,
  ...packet.fields(),
  authKey: packet.authKey?.toString(),
  payload: packet.payload.toString()
})

describe.each(readdirSync(testdata).filter(file => file.endsWith('.hex')))('%s', file => {
  const datagram = bytesOf(file)
  const golden: unknown = JSON.parse(read(file.replace('.hex', '.json')))

  it('reads as its golden file says', () => {
    expect(readable(decoded(datagram))).toEqual(golden)
  })

  it('says the same when it is encoded again, as version 3', () => {
    expect(readable(decoded(encodeHep(decoded(datagram))))).toEqual({ ...(golden as object), version: 3 })
  })
})

describe('a chunk without a property', () => {
  it.each([
    { name: 'MOS', type: 0x20, data: '01b5' },
    { name: 'one without data', type: 0x7777, data: '' },
    { name: 'one that is not there', type: 0x12, data: undefined },
    { name: 'a generic one, not the one of a vendor', type: 0x03, data: '0a000001' }
  ])('can be read: $name', ({ type, data }) => {
    expect(decoded(bytesOf('v3-vendor-chunk.hex')).chunk(type)?.toString('hex')).toBe(data)
  })

  it('is the last of its type', () => {
    expect(decoded(bytesOf('v3-duplicated-chunks.hex')).chunk(0x08)?.toString('hex')).toBe('13e2')
  })

  it('is never in a frame of version 1 or 2', () => {
    expect(decoded(bytesOf('v2-ipv4.hex')).chunk(0x03)).toBeUndefined()
  })
})

it('the frame ends where it says, whatever follows in the datagram', () => {
  const datagram = bytesOf('v3-trailing-bytes.hex')
  expect(decoded(datagram).frame.length).toBe(datagram.length - 4)
})
