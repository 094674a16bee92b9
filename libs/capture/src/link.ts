import type { Cursor, Layer } from './cursor.ts'

/** What a record of this link type begins with; undefined for one that is not supported. Source: tcpdump.org/linktypes. */
export function firstLayer(linkType: number): Layer | undefined {
  return linkTypes[linkType]
}

const linkTypes: Readonly<Record<number, Layer>> = {
  0: 'loopback',
  1: 'ethernet',
  9: 'ppp',
  12: 'ip', // DLT_RAW as BSD numbers it; 14 as OpenBSD does
  14: 'ip',
  50: 'ppp',
  51: 'pppoe',
  101: 'ip',
  104: 'ciscoHdlc',
  108: 'loopback',
  113: 'sll',
  228: 'ip',
  229: 'ip',
  276: 'sll2'
}

export function ethernet(frame: Cursor): Layer {
  if (frame.length < 14) return frame.fail('short-link-header')
  return frame.skip(14, 'etherType', frame.u16(12))
}

/** By the EtherType before the position. Source: IEEE 802 EtherTypes, RFC 1042 (SNAP). */
export function etherType(frame: Cursor): Layer {
  switch (frame.protocol) {
    case 0x0800:
    case 0x86dd:
      return 'ip'
    case 0x8100: // 802.1Q, 802.1ad and its forerunners: a tag, then the next EtherType
    case 0x88a8:
    case 0x9100:
    case 0x9200:
      if (frame.length < 4) return frame.fail('short-link-header')
      return frame.skip(4, 'etherType', frame.u16(2))
    case 0x8847:
    case 0x8848:
      return 'mpls'
    case 0x8864:
      return 'pppoe'
    case 0x880b:
      return 'ppp'
    case 0x6558:
      return 'ethernet'
    default:
      return frame.protocol <= 1500 ? snap(frame) : 'other'
  }
}

function snap(frame: Cursor): Layer {
  const isSnap = frame.length >= 8 && frame.u16(0) === 0xaaaa && frame.u8(2) === 3 && frame.u8(3) === 0
  return isSnap && frame.u16(4) === 0 && frame.u16(6) > 1500 ? frame.skip(8, 'etherType', frame.u16(6)) : 'other'
}

/** Linux cooked capture, as `tcpdump -i any` writes it. */
export function sll(frame: Cursor): Layer {
  if (frame.length < 16) return frame.fail('short-link-header')
  return frame.skip(16, 'etherType', frame.u16(14))
}

export function sll2(frame: Cursor): Layer {
  if (frame.length < 20) return frame.fail('short-link-header')
  return frame.skip(20, 'etherType', frame.u16(0))
}

/** The address family is in the byte order of the machine that captured. */
export function loopback(frame: Cursor): Layer {
  if (frame.length < 4) return frame.fail('short-link-header')
  const family = frame.u16(0) === 0 ? frame.u16(2) : frame.u8(0)
  return addressFamilies.includes(family) ? frame.skip(4, 'ip') : 'other'
}

// IPv4, then IPv6 as Linux, NetBSD, FreeBSD and macOS number it.
const addressFamilies = [2, 10, 24, 28, 30]

/** PPP with or without HDLC's address and control bytes and with a short or long protocol field (RFC 1661, RFC 1662). */
export function ppp(frame: Cursor): Layer {
  if (frame.length < 4) return frame.fail('short-link-header')
  if (frame.u16(0) === 0x0f00 || frame.u16(0) === 0x8f00) return 'ciscoHdlc'
  if (frame.u16(0) === 0xff03) frame.at += 2
  const isShort = (frame.u8(0) & 1) === 1
  const protocol = isShort ? frame.u8(0) : frame.u16(0)
  frame.at += isShort ? 1 : 2
  if (protocol === 0x0021 || protocol === 0x0057) return 'ip'
  return protocol === 0x0281 || protocol === 0x0283 ? 'mpls' : 'other'
}

export function ciscoHdlc(frame: Cursor): Layer {
  if (frame.length < 4) return frame.fail('short-link-header')
  return frame.skip(4, 'etherType', frame.u16(2))
}

/** Source: RFC 2516 §4 (session stage). */
export function pppoe(frame: Cursor): Layer {
  if (frame.length < 8) return frame.fail('short-link-header')
  const end = frame.at + 6 + frame.u16(4)
  if (end < frame.end) frame.end = end
  return frame.skip(6, 'ppp')
}

/** A label stack, then an IP packet or, behind a control word (RFC 4385 §3), an Ethernet frame. */
export function mpls(frame: Cursor): Layer {
  let bottom = false
  while (!bottom) {
    if (frame.length < 8) return frame.fail('short-link-header')
    bottom = (frame.u8(2) & 1) === 1
    frame.at += 4
  }
  const version = frame.u8(0) >> 4
  if (version === 4 || version === 6) return 'ip'
  return version === 0 ? frame.skip(4, 'ethernet') : 'other'
}
