/** What one RTCP packet, with all that is compound in it, says of its sender. */
export type RtcpFacts = {
  /** Media packets that it has sent; 0 where it says that it sends none. */
  readonly sent: number
  /** It has received media since it said so last: there is a reception report (RFC 3550 §6.4.1). */
  readonly receives: boolean
}

export type RtcpError = 'not-rtcp' | 'truncated' | 'no-count'

const SENDER_REPORT = 200
const RECEIVER_REPORT = 201
const LAST_TYPE = 207

/**
 * Source: RFC 3550 §6.4. Of SRTCP the header is in the clear and its count is not, which is not 0 then either: whoever
 * has sent nothing makes receiver reports. Total, and linear in the length.
 */
export function readRtcp(bytes: Buffer): RtcpFacts | RtcpError {
  let sent: number | undefined
  let receives = false
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at < 4) break
    const type = bytes[at + 1]!
    if (bytes[at]! >> 6 !== 2 || type < SENDER_REPORT || type > LAST_TYPE) return at === 0 ? 'not-rtcp' : 'truncated'
    const isSender = type === SENDER_REPORT
    if (isSender || type === RECEIVER_REPORT) {
      if (bytes.length - at < (isSender ? 28 : 8)) return 'truncated'
      sent = Math.max(sent ?? 0, isSender ? bytes.readUInt32BE(at + 20) : 0)
      receives ||= (bytes[at]! & 0x1f) > 0
    }
    at += 4 + 4 * bytes.readUInt16BE(at + 2)
  }
  if (sent === undefined) return bytes.length < 4 ? 'truncated' : 'no-count'
  return { sent, receives }
}
