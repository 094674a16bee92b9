import { epochMicros } from '@earshot/units'
import type { EpochMicros } from '@earshot/units'
import type { FileFormat, PacketSink, Progress } from './file-format.ts'
import { maxPacket } from './file-format.ts'
import { microseconds } from './pcapng-time.ts'
import type { Clock } from './pcapng-time.ts'

type Interface = Clock & { readonly linkType: number; readonly snapLength: number }

const sectionHeader = 0x0a0d0d0a
const interfaceDescription = 1
const obsoletePacket = 2
const simplePacket = 3
const enhancedPacket = 6

const minimum: Readonly<Record<number, number>> = {
  [sectionHeader]: 28,
  [interfaceDescription]: 20,
  [obsoletePacket]: 32,
  [simplePacket]: 16,
  [enhancedPacket]: 32
}

// A packet with all its options, and any block that is skipped unread (names, decryption secrets, custom).
const maxReadBlock = 2 * maxPacket
const maxSkippedBlock = 16 << 20
const maxInterfaces = 65_536

const wellKnownClock = { resolution: 6, offsetSeconds: 0 }

/**
 * Reads pcapng: several sections in either byte order, enhanced, simple and obsolete packet blocks; other blocks are
 * skipped. A simple packet has no time of its own and gets that of the packet before it.
 *
 * Source: draft-ietf-opsawg-pcapng §3, §4.
 */
export class PcapngFile implements FileFormat {
  #littleEndian = true
  #interfaces: Interface[] = []
  #time = epochMicros(0)

  static recognise(bytes: Buffer): PcapngFile | undefined {
    return bytes.readUInt32BE(0) === sectionHeader ? new PcapngFile() : undefined
  }

  read(bytes: Buffer, at: number, end: number, sink: PacketSink): Progress {
    while (end - at >= 12) {
      if (bytes.readUInt32BE(at) === sectionHeader && !this.#openSection(bytes, at)) return { at, corrupt: true }
      const type = this.#u32(bytes, at)
      const length = this.#u32(bytes, at + 4)
      const least = minimum[type]
      const isSkipped = least === undefined
      const most = isSkipped ? maxSkippedBlock : maxReadBlock
      if (length % 4 !== 0 || length < (least ?? 12) || length > most) return { at, corrupt: true }
      if (at + length > end) return { at: isSkipped ? at + length : at, corrupt: false }
      if (this.#u32(bytes, at + length - 4) !== length) return { at, corrupt: true }
      if (!isSkipped && !this.#block(type, bytes, at, at + length - 4, sink)) return { at, corrupt: true }
      at += length
    }
    return { at, corrupt: false }
  }

  /** Byte order and interfaces hold for one section. */
  #openSection(bytes: Buffer, at: number): boolean {
    const order = bytes.readUInt32BE(at + 8)
    if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a) return false
    this.#littleEndian = order === 0x4d3c2b1a
    return true
  }

  #block(type: number, bytes: Buffer, at: number, end: number, sink: PacketSink): boolean {
    switch (type) {
      case sectionHeader:
        this.#interfaces = []
        return true
      case interfaceDescription:
        this.#interfaces.push(this.#interface(bytes, at, end))
        return this.#interfaces.length <= maxInterfaces
      case simplePacket:
        return this.#simple(bytes, at, end, sink)
      default:
        return this.#packet(type, bytes, at, end, sink)
    }
  }

  #packet(type: number, bytes: Buffer, at: number, end: number, sink: PacketSink): boolean {
    const captured = this.#u32(bytes, at + 20)
    const data = at + 28
    if (captured > maxPacket || data + captured > end) return false
    const id = type === enhancedPacket ? this.#u32(bytes, at + 8) : this.#u16(bytes, at + 8)
    const port = this.#interfaces[id]
    if (port === undefined) {
      sink.badRecord('unknown-interface')
      return true
    }
    const time = microseconds(this.#u32(bytes, at + 12), this.#u32(bytes, at + 16), port)
    this.#hand(port, time, bytes, data, data + captured, this.#u32(bytes, at + 24) > captured, sink)
    return true
  }

  #simple(bytes: Buffer, at: number, end: number, sink: PacketSink): boolean {
    const port = this.#interfaces[0]
    if (port === undefined) {
      sink.badRecord('unknown-interface')
      return true
    }
    const original = this.#u32(bytes, at + 8)
    const data = at + 12
    const captured = Math.min(original, port.snapLength || original, end - data)
    this.#hand(port, this.#time, bytes, data, data + captured, captured < original, sink)
    return true
  }

  #hand(
    port: Interface,
    time: EpochMicros,
    bytes: Buffer,
    at: number,
    end: number,
    snapped: boolean,
    sink: PacketSink
  ) {
    this.#time = time
    sink.packet(port.linkType, time, bytes, at, end, snapped)
  }

  #interface(bytes: Buffer, at: number, end: number): Interface {
    const clock = { ...wellKnownClock }
    for (let option = at + 16; option + 4 <= end;) {
      const code = this.#u16(bytes, option)
      const length = this.#u16(bytes, option + 2)
      const value = option + 4
      if (code === 0 || value + length > end) break
      if (code === 9 && length === 1) clock.resolution = bytes[value]!
      if (code === 14 && length === 8) clock.offsetSeconds = this.#i64(bytes, value)
      option = value + Math.ceil(length / 4) * 4
    }
    return { ...clock, linkType: this.#u16(bytes, at + 8), snapLength: this.#u32(bytes, at + 12) }
  }

  #u16(bytes: Buffer, at: number): number {
    return this.#littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
  }

  #i64(bytes: Buffer, at: number): number {
    return Number(this.#littleEndian ? bytes.readBigInt64LE(at) : bytes.readBigInt64BE(at))
  }
}
