import type { FileFormat, PacketSink, Progress } from './file-format.ts'

const HEP3 = 0x48455033
const frameHeader = 6

/**
 * HEPv3 as it came over TCP and was saved (`nc -l 9060 > file`): one frame behind the other, each perhaps behind its
 * length in four bytes, big-endian.
 */
export class HepDump implements FileFormat {
  /** Bytes before each frame. */
  readonly #prefix: 0 | 4

  private constructor(prefix: 0 | 4) {
    this.#prefix = prefix
  }

  static recognise(bytes: Buffer): HepDump | undefined {
    if (bytes.readUInt32BE(0) === HEP3) return new HepDump(0)
    return bytes.readUInt32BE(0) < 0x10000 && bytes.readUInt32BE(4) === HEP3 ? new HepDump(4) : undefined
  }

  read(bytes: Buffer, at: number, end: number, sink: PacketSink): Progress {
    while (end - at >= this.#prefix + frameHeader) {
      const frame = at + this.#prefix
      const length = bytes.readUInt16BE(frame + 4)
      if (bytes.readUInt32BE(frame) !== HEP3 || length < frameHeader) return { at, corrupt: true }
      if (frame + length > end) break
      sink.hep(bytes.subarray(frame, frame + length))
      at = frame + length
    }
    return { at, corrupt: false }
  }
}
