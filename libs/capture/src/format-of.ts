import type { FileFormat } from './file-format.ts'
import { PcapFile } from './pcap.ts'
import { PcapngFile } from './pcapng.ts'

/** Bytes that `formatOf` wants to see, and that every capture file has. */
export const magicLength = 4

export function formatOf(bytes: Buffer): FileFormat | undefined {
  return PcapFile.recognise(bytes) ?? PcapngFile.recognise(bytes)
}
