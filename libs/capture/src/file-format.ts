import type { EpochMicros } from '@earshot/units'

/** Gets every packet of a file; `bytes[at, end)` begins with the link type's own header. */
export interface PacketSink {
  packet(linkType: number, capturedAt: EpochMicros, bytes: Buffer, at: number, end: number, snapped: boolean): void

  /** A HEP frame that stands in the file by itself. */
  hep(frame: Buffer): void

  /** A record that says of itself that it cannot be read. */
  badRecord(code: string): void
}

export interface FileFormat {
  /** Hands on every whole record of `bytes[at, end)`. */
  read(bytes: Buffer, at: number, end: number, sink: PacketSink): Progress
}

/**
 * How far a reader came. `at` is where the first record begins that is not whole; it lies behind the end of the bytes
 * if a block without packets is to be skipped. `corrupt`: what stands there cannot be a record.
 */
export type Progress = { readonly at: number; readonly corrupt: boolean }

/** libpcap's MAXIMUM_SNAPLEN: no record is longer unless its length is damaged. */
export const maxPacket = 262_144
