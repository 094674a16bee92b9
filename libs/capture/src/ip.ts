import type { EpochMicros } from '@earshot/units'
import type { Cursor, Layer } from './cursor.ts'
import type { Fragments } from './fragments.ts'

/** Strips an IPv4 or IPv6 header with its options and extensions, and cuts what the link layer padded behind it. */
export function ip(frame: Cursor, fragments: Fragments, now: EpochMicros): Layer {
  if (frame.length < 1) return frame.fail('short-ip-header')
  const version = frame.u8(0) >> 4
  if (version === 4) return ipv4(frame, fragments, now)
  return version === 6 ? ipv6(frame, fragments, now) : 'other'
}

/** Source: RFC 791 §3.1. */
function ipv4(frame: Cursor, fragments: Fragments, now: EpochMicros): Layer {
  if (frame.length < 20) return frame.fail('short-ip-header')
  const headerLength = (frame.u8(0) & 0x0f) * 4
  // A sending machine's own capture shows length 0 where its network card does the segmentation.
  const totalLength = frame.u16(2) || frame.length
  if (headerLength < 20 || totalLength < headerLength) return frame.fail('bad-ip-length')
  if (frame.length < headerLength) return frame.fail('short-ip-header')
  limit(frame, totalLength)
  address(frame, 4, 12)
  const fragmentation = frame.u16(6)
  const offset = (fragmentation & 0x1fff) * 8
  const more = (fragmentation & 0x2000) !== 0
  const identification = frame.u16(4)
  frame.skip(headerLength, 'ipProtocol', frame.u8(9))
  return offset > 0 || more ? fragments.take(frame, identification, offset, more, now) : 'ipProtocol'
}

/** Source: RFC 8200 §3, §4 (extension headers), §4.5 (fragments). */
function ipv6(frame: Cursor, fragments: Fragments, now: EpochMicros): Layer {
  if (frame.length < 40) return frame.fail('short-ip-header')
  const payloadLength = frame.u16(4)
  if (payloadLength > 0) limit(frame, 40 + payloadLength)
  address(frame, 6, 8)
  frame.skip(40, 'ipProtocol', frame.u8(6))
  while (isExtension(frame.protocol)) {
    if (frame.length < 8) return frame.fail('short-ip-header')
    const next = frame.u8(0)
    if (frame.protocol === 44) {
      const field = frame.u16(2)
      const identification = frame.u32(4)
      frame.skip(8, 'ipProtocol', next)
      if (field & 0xfff9) return fragments.take(frame, identification, field & 0xfff8, (field & 1) === 1, now)
      continue
    }
    const length = frame.u8(1) * 8 + 8
    if (frame.length < length) return frame.fail('short-ip-header')
    frame.skip(length, 'ipProtocol', next)
  }
  return 'ipProtocol'
}

/** Hop-by-hop, routing, fragment, destination options, mobility, HIP, shim6. */
const isExtension = (protocol: number): boolean =>
  protocol === 0 ||
  protocol === 43 ||
  protocol === 44 ||
  protocol === 60 ||
  protocol === 135 ||
  (protocol >= 139 && protocol <= 140)

function limit(frame: Cursor, length: number): void {
  const end = frame.at + length
  frame.missing = Math.max(0, end - frame.end)
  frame.end = Math.min(end, frame.end)
}

function address(frame: Cursor, version: 4 | 6, offset: number): void {
  frame.ipVersion = version
  frame.addresses = frame.bytes
  frame.addressesAt = frame.at + offset
}

/** By the IP protocol number before the position. */
export function ipProtocol(frame: Cursor): Layer {
  switch (frame.protocol) {
    case 17:
      return 'udp'
    case 6:
      return 'tcp'
    case 132:
      return 'sctp'
    case 4:
    case 41:
      return 'ip'
    case 47:
      return 'gre'
    case 137:
      return 'mpls'
    case 50:
      return 'esp'
    case 51:
      return authenticationHeader(frame)
    default:
      return 'other'
  }
}

/** Source: RFC 4302 §2; the only extension whose length counts words of four bytes. */
function authenticationHeader(frame: Cursor): Layer {
  const length = frame.length >= 12 ? frame.u8(1) * 4 + 8 : 12
  if (frame.length < length) return frame.fail('short-ip-header')
  return frame.skip(length, 'ipProtocol', frame.u8(0))
}

/** Strips a UDP header; two ports are known to carry tunnels. Source: RFC 768. */
export function udp(frame: Cursor): Layer {
  if (frame.length < 8) return frame.fail('short-transport-header')
  const length = frame.u16(4)
  if (length !== 0 && length < 8) return frame.fail('bad-transport-length')
  frame.sourcePort = frame.u16(0)
  frame.destinationPort = frame.u16(2)
  // 0 stands for a length that does not fit (RFC 2675 §4).
  if (length !== 0 && frame.at + length < frame.end) frame.end = frame.at + length
  frame.at += 8
  if (frame.destinationPort === 2152 || frame.sourcePort === 2152) return 'gtp'
  return frame.destinationPort === 4789 ? 'vxlan' : 'datagram'
}
