import { chunkEnd, chunkType, genericVendor, headerLength, isHep3, uint16 } from './chunk.ts'

export type HepError = {
  readonly kind: 'error'
  readonly code:
    | 'not-hep'
    /** The bytes end before the header does, or before the length that it promises. */
    | 'truncated'
    /** A length of the frame below that of its own header. */
    | 'bad-length'
    /** Below the chunk's header, past the end of the frame, or not the size that the chunk type has. */
    | 'bad-chunk-length'
    /** HEPv1 and HEPv2: neither IPv4 nor IPv6. */
    | 'bad-family'
    /** The compressed payload is damaged, or longer than an IP packet. */
    | 'bad-compression'
  /** Byte at which decoding stopped. */
  readonly offset: number
}

export const hepError = (code: HepError['code'], offset: number): HepError => ({ kind: 'error', code, offset })

/** Where things lie in a frame: offsets of data, checked to be inside; 0 for what the frame does not tell. */
export class HepLayout {
  readonly kind = 'layout'
  readonly version: 1 | 2 | 3
  /** Length of the frame; a datagram may be longer. */
  readonly end: number
  source = 0
  sourceSize = 0
  destination = 0
  destinationSize = 0
  sourcePort = 0
  destinationPort = 0
  transport = 0
  seconds = 0
  micros = 0
  protocol = 0
  captureId = 0
  authKey = 0
  correlationId = 0
  node = 0
  payload = 0
  payloadEnd = 0
  compressed = false

  constructor(version: 1 | 2 | 3, end: number) {
    this.version = version
    this.end = end
  }

  /** Remembers the chunk whose data is `size` bytes at `at`; false if its type has another size. */
  note(type: number, at: number, size: number): boolean {
    switch (type) {
      case chunkType.transport:
        this.transport = at
        return size === 1
      case chunkType.source4:
        this.source = at
        this.sourceSize = 4
        return size === 4
      case chunkType.destination4:
        this.destination = at
        this.destinationSize = 4
        return size === 4
      case chunkType.source6:
        this.source = at
        this.sourceSize = 16
        return size === 16
      case chunkType.destination6:
        this.destination = at
        this.destinationSize = 16
        return size === 16
      case chunkType.sourcePort:
        this.sourcePort = at
        return size === 2
      case chunkType.destinationPort:
        this.destinationPort = at
        return size === 2
      case chunkType.seconds:
        this.seconds = at
        return size === 4
      case chunkType.micros:
        this.micros = at
        return size === 4
      case chunkType.protocol:
        this.protocol = at
        return size === 1
      case chunkType.captureId:
        this.captureId = at
        return size === 4
      case chunkType.authKey:
        this.authKey = at
        return true
      case chunkType.correlationId:
        this.correlationId = at
        return true
      case chunkType.node:
        this.node = at
        return true
      case chunkType.payload:
      case chunkType.compressedPayload:
        this.payload = at
        this.payloadEnd = at + size
        this.compressed = type === chunkType.compressedPayload
        return true
      default:
        return true
    }
  }
}

/** The layout of a frame of any version, told by its first bytes. */
export function layOutHep(datagram: Buffer): HepLayout | HepError {
  const first = datagram[0]
  if (first === 0x48) return layOutHep3(datagram)
  if (first === 1 || first === 2) return layOutLegacyHep(datagram, first)
  return hepError(first === undefined ? 'truncated' : 'not-hep', 0)
}

function layOutHep3(datagram: Buffer): HepLayout | HepError {
  const available = datagram.length
  if (available < 4) return startsLikeHep3(datagram) ? hepError('truncated', available) : hepError('not-hep', 0)
  if (!isHep3(datagram, 0)) return hepError('not-hep', 0)
  if (available < headerLength) return hepError('truncated', available)
  const end = uint16(datagram, 4)
  if (end < headerLength) return hepError('bad-length', 4)
  if (end > available) return hepError('truncated', available)
  const layout = new HepLayout(3, end)
  for (let at = headerLength; at < end;) {
    const next = chunkEnd(datagram, at, end)
    if (next === 0) return hepError('bad-chunk-length', at)
    const data = at + headerLength
    if (uint16(datagram, at) === genericVendor && !layout.note(uint16(datagram, at + 2), data, next - data)) {
      return hepError('bad-chunk-length', at)
    }
    at = next
  }
  return layout
}

const startsLikeHep3 = (bytes: Buffer): boolean => 'HEP3'.startsWith(bytes.toString('latin1'))

/**
 * HEPv1: version, header length, family, IP protocol, ports, addresses. HEPv2 adds the C struct of the time:
 * seconds, microseconds, 16-bit capture id and two bytes of padding, little-endian.
 *
 * The header length is not read: sngrep never sets it, Kamailio leaves the time out of it, and the rest of the header
 * says it all. Source: struct hep_hdr and hep_timehdr of Kamailio's sipcapture and sngrep.
 */
function layOutLegacyHep(datagram: Buffer, version: 1 | 2): HepLayout | HepError {
  if (datagram.length < 8) return hepError('truncated', datagram.length)
  const size = addressSize(datagram[2]!)
  if (size === 0) return hepError('bad-family', 2)
  const time = 8 + 2 * size
  const payload = version === 1 ? time : time + 12
  if (payload > datagram.length) return hepError('truncated', datagram.length)
  const layout = new HepLayout(version, datagram.length)
  layout.transport = 3
  layout.sourcePort = 4
  layout.destinationPort = 6
  layout.source = 8
  layout.destination = 8 + size
  layout.sourceSize = layout.destinationSize = size
  if (version === 2) {
    layout.seconds = time
    layout.micros = time + 4
    layout.captureId = time + 8
  }
  layout.payload = payload
  layout.payloadEnd = datagram.length
  return layout
}

/** By the agent's own AF_INET6: Linux 10, NetBSD 24, FreeBSD 28, macOS 30; 0 for any other family. */
function addressSize(family: number): 0 | 4 | 16 {
  if (family === 2) return 4
  return family === 10 || family === 24 || family === 28 || family === 30 ? 16 : 0
}
