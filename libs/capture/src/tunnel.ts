import type { Cursor, Layer } from './cursor.ts'

/** Source: RFC 2784, RFC 2890 (key, sequence), RFC 2637 §4.1 (version 1, PPTP). */
export function gre(frame: Cursor): Layer {
  if (frame.length < 4) return frame.fail('short-tunnel-header')
  const flags = frame.u16(0)
  const protocol = frame.u16(2)
  const length = 4 + (flags & 0xc000 ? 4 : 0) + (flags & 0x2000 ? 4 : 0) + (flags & 0x1000 ? 4 : 0)
  const withAcknowledgment = (flags & 7) === 1 && flags & 0x0080 ? 4 : 0
  if (frame.length < length + withAcknowledgment) return frame.fail('short-tunnel-header')
  frame.at += length + withAcknowledgment
  if (protocol === 0x88be) return erspan(frame, flags & 0x1000 ? 8 : 0)
  if (protocol === 0x22eb) return erspan(frame, 12)
  if (frame.length === 0) return 'other' // PPTP's bare acknowledgment
  return frame.skip(0, 'etherType', protocol)
}

/** A mirrored Ethernet frame: type I without a header, II with 8 bytes, III with 12 and 8 more if its O bit says so. */
function erspan(frame: Cursor, header: number): Layer {
  if (frame.length < header) return frame.fail('short-tunnel-header')
  const subheader = header === 12 && frame.u8(11) & 1 ? 8 : 0
  return frame.skip(header + subheader, 'ethernet')
}

/** A subscriber's packet on its way through a mobile core. Source: 3GPP TS 29.281 §5.1 (header), §5.2 (extensions). */
export function gtp(frame: Cursor): Layer {
  if (frame.length < 8) return frame.fail('short-tunnel-header')
  const flags = frame.u8(0)
  const isUserPacket = flags >> 5 === 1 && flags & 0x10 && frame.u8(1) === 0xff
  if (!isUserPacket) return 'datagram'
  const end = frame.at + 8 + frame.u16(2)
  if (end < frame.end) frame.end = end
  frame.at += 8
  if (flags & 7) {
    if (frame.length < 4) return frame.fail('short-tunnel-header')
    let extension = flags & 4 ? frame.u8(3) : 0
    frame.at += 4
    while (extension !== 0) {
      const length = frame.length > 0 ? frame.u8(0) * 4 : 0
      if (length === 0 || length > frame.length) return frame.fail('short-tunnel-header')
      extension = frame.u8(length - 1)
      frame.at += length
    }
  }
  return 'ip'
}

/** A mirrored Ethernet frame, as cloud networks deliver it. Source: RFC 7348 §5. */
export function vxlan(frame: Cursor): Layer {
  const isVxlan = frame.length >= 8 && (frame.u8(0) & 0x08) !== 0 && frame.u8(7) === 0
  return isVxlan ? frame.skip(8, 'ethernet') : 'datagram'
}
