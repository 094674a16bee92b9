import { epochMicros } from '@earshot/units'
import type { FileFormat, PacketSink, Progress } from './file-format.ts'
import { maxPacket } from './file-format.ts'

type Variant = { readonly nanoseconds: boolean; readonly recordHeader: number }

const variants: Readonly<Record<number, Variant>> = {
  0xa1b2c3d4: { nanoseconds: false, recordHeader: 16 },
  0xa1b23c4d: { nanoseconds: true, recordHeader: 16 },
  // Kuznetzov's patched libpcap: interface, protocol and direction follow the lengths.
  0xa1b2cd34: { nanoseconds: false, recordHeader: 24 }
}

const fileHeader = 24

/** Reads the classic format in either byte order. Source: draft-ietf-opsawg-pcap. */
export class PcapFile implements FileFormat {
  readonly #littleEndian: boolean
  readonly #variant: Variant
  #linkType: number | undefined

  private constructor(littleEndian: boolean, variant: Variant) {
    this.#littleEndian = littleEndian
    this.#variant = variant
  }

  static recognise(bytes: Buffer): PcapFile | undefined {
    const little = variants[bytes.readUInt32LE(0)]
    if (little !== undefined) return new PcapFile(true, little)
    const big = variants[bytes.readUInt32BE(0)]
    return big && new PcapFile(false, big)
  }

  read(bytes: Buffer, at: number, end: number, sink: PacketSink): Progress {
    if (this.#linkType === undefined) {
      if (end - at < fileHeader) return { at, corrupt: false }
      // The upper bits tell whether a frame check sequence follows the frames; the IP length cuts it.
      this.#linkType = this.#u32(bytes, at + 20) & 0x03ff_ffff
      at += fileHeader
    }
    const { recordHeader, nanoseconds } = this.#variant
    while (end - at >= recordHeader) {
      const captured = this.#u32(bytes, at + 8)
      if (captured > maxPacket) return { at, corrupt: true }
      const data = at + recordHeader
      if (data + captured > end) break
      const fraction = this.#u32(bytes, at + 4)
      const time = this.#u32(bytes, at) * 1e6 + (nanoseconds ? Math.floor(fraction / 1000) : fraction)
      const snapped = this.#u32(bytes, at + 12) > captured
      sink.packet(this.#linkType, epochMicros(time), bytes, data, data + captured, snapped)
      at = data + captured
    }
    return { at, corrupt: false }
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
  }
}
