import { unzipSync } from 'node:zlib'
import { hepError, layOutHep } from './layout.ts'
import type { HepError } from './layout.ts'
import { HepPacket } from './packet.ts'

/** A captured packet is an IP packet, so a longer payload is not one that was captured. */
export const maxPayloadLength = 0xffff

/**
 * Decodes one HEP frame of version 1, 2 or 3.
 *
 * Total: bytes come from the network, so bad input is a value and never an exception. Unknown chunks and those of
 * vendors are skipped, bytes after the end of the frame ignored. A compressed payload (zlib or gzip) is inflated here,
 * at most to `maxPayloadLength`; everything else is only located, and read by the getters of the packet.
 *
 * Source: HEP3 network protocol specification REV 37, chunk layout and generic chunk types.
 */
export function decodeHep(datagram: Buffer): HepPacket | HepError {
  const layout = layOutHep(datagram)
  if (layout.kind === 'error') return layout
  if (!layout.compressed) return new HepPacket(datagram, layout, undefined)
  const inflated = inflate(datagram.subarray(layout.payload, layout.payloadEnd))
  if (inflated === undefined) return hepError('bad-compression', layout.payload)
  return new HepPacket(datagram, layout, inflated)
}

function inflate(compressed: Buffer): Buffer | undefined {
  try {
    // Small chunks: with the default of 16 KiB a flood of damaged payloads makes the process larger by hundreds of MB.
    return unzipSync(compressed, { maxOutputLength: maxPayloadLength, chunkSize: 4096 })
  } catch {
    return undefined // zlib tells damage and excess only by throwing
  }
}
