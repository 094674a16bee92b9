import type { FileFormat } from './file-format.ts'
import { HepDump } from './hep-dump.ts'
import { PcapFile } from './pcap.ts'
import { PcapngFile } from './pcapng.ts'

/** Bytes that `formatOf` wants to see, and that every capture file has. */
export const magicLength = 8

export function formatOf(bytes: Buffer): FileFormat | undefined {
  return PcapFile.recognise(bytes) ?? PcapngFile.recognise(bytes) ?? HepDump.recognise(bytes)
}
