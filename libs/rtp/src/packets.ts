/** RTP has a header of twelve bytes (RFC 3550 §5.1), RTCP one of eight (§6.4). */
const SHORTEST_RTP = 12
const SHORTEST_RTCP = 8

/** What a datagram looks like at a glance: version 2 and a type that is one (RFC 3550 §5.1, RFC 5761 §4). */
export function kindOfMedia(bytes: Uint8Array, at: number, end: number): 'rtp' | 'rtcp' | undefined {
  if (end - at < SHORTEST_RTCP || bytes[at]! >> 6 !== 2) return undefined
  const second = bytes[at + 1]!
  if (second >= 200 && second <= 207) return 'rtcp'
  return end - at >= SHORTEST_RTP && isPayloadType(second & 0x7f) ? 'rtp' : undefined
}

/** Assigned ones and dynamic ones (RFC 3551 §6). */
const isPayloadType = (type: number): boolean => type <= 34 || type >= 96
