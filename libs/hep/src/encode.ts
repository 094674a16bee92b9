import { addressBytes } from '@earshot/units'
import { chunkType, genericVendor, headerLength, maxFrameLength } from './chunk.ts'
import { numberOf } from './packet.ts'
import type { HepFields } from './packet.ts'

/**
 * Encodes a HEPv3 frame in memory of its own; `decodeHep` gives the same fields back. A decoded packet of any version
 * can be given as it is.
 *
 * Throws a RangeError on what no frame can hold: an address that is none, a number out of its range, more than
 * `maxFrameLength` bytes in all. The last can happen to a packet that was decoded: ask `encodedHepLength` first.
 */
export function encodeHep(fields: HepFields): Buffer {
  const writer = new ChunkWriter(encodedHepLength(fields))
  const source = addressBytes(fields.source.address)
  const destination = addressBytes(fields.destination.address)
  writer.uint8(chunkType.family, Math.max(source.length, destination.length) === 16 ? 10 : 2)
  writer.uint8(chunkType.transport, numberOf(fields.transport))
  if (source.length !== 0) writer.bytes(source.length === 4 ? chunkType.source4 : chunkType.source6, source)
  if (destination.length !== 0) {
    writer.bytes(destination.length === 4 ? chunkType.destination4 : chunkType.destination6, destination)
  }
  writer.uint16(chunkType.sourcePort, fields.source.port)
  writer.uint16(chunkType.destinationPort, fields.destination.port)
  if (fields.capturedAt !== undefined) {
    writer.uint32(chunkType.seconds, Math.floor(fields.capturedAt / 1e6))
    writer.uint32(chunkType.micros, Math.floor(fields.capturedAt % 1e6))
  }
  writer.uint8(chunkType.protocol, fields.protocol)
  writer.uint32(chunkType.captureId, fields.captureId)
  if (fields.node !== undefined) writer.text(chunkType.node, fields.node)
  if (fields.authKey !== undefined) writer.bytes(chunkType.authKey, fields.authKey)
  if (fields.correlationId !== undefined) writer.text(chunkType.correlationId, fields.correlationId)
  if (fields.payload.length !== 0) writer.bytes(chunkType.payload, fields.payload)
  return writer.frame
}

/** Length of the frame that `encodeHep` would make; it can make none above `maxFrameLength`. */
export function encodedHepLength(fields: HepFields): number {
  // The chunks that are always there: family, transport, protocol; both ports; the capture id.
  let length = headerLength + 3 * (headerLength + 1) + 2 * (headerLength + 2) + (headerLength + 4)
  length += chunkLength(addressLength(fields.source.address)) + chunkLength(addressLength(fields.destination.address))
  if (fields.capturedAt !== undefined) length += 2 * (headerLength + 4)
  if (fields.node !== undefined) length += headerLength + Buffer.byteLength(fields.node)
  if (fields.authKey !== undefined) length += headerLength + fields.authKey.length
  if (fields.correlationId !== undefined) length += headerLength + Buffer.byteLength(fields.correlationId)
  return length + chunkLength(fields.payload.length)
}

const addressLength = (address: string): number => (address === '' ? 0 : address.includes(':') ? 16 : 4)

const chunkLength = (size: number): number => (size === 0 ? 0 : headerLength + size)

class ChunkWriter {
  readonly frame: Buffer
  #at = headerLength

  constructor(length: number) {
    if (length > maxFrameLength) throw new RangeError(`a HEP frame cannot hold ${length} bytes`)
    this.frame = Buffer.allocUnsafe(length)
    this.frame.write('HEP3', 'latin1')
    this.frame.writeUInt16BE(length, 4)
  }

  uint8(type: number, value: number): void {
    this.frame.writeUInt8(value, this.#open(type, 1))
  }

  uint16(type: number, value: number): void {
    this.frame.writeUInt16BE(value, this.#open(type, 2))
  }

  uint32(type: number, value: number): void {
    this.frame.writeUInt32BE(value, this.#open(type, 4))
  }

  bytes(type: number, data: ArrayLike<number>): void {
    this.frame.set(data, this.#open(type, data.length))
  }

  text(type: number, text: string): void {
    this.frame.write(text, this.#open(type, Buffer.byteLength(text)))
  }

  /** Writes the header of the next chunk and says where its data goes. */
  #open(type: number, size: number): number {
    const data = this.#at + headerLength
    this.frame.writeUInt16BE(genericVendor, this.#at)
    this.frame.writeUInt16BE(type, this.#at + 2)
    this.frame.writeUInt16BE(headerLength + size, this.#at + 4)
    this.#at = data + size
    return data
  }
}
