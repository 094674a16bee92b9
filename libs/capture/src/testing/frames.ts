/** Frames built by hand, layer by layer, for the tests of this package. */

export const options = (callId = 'a@192.0.2.1'): Buffer =>
  Buffer.from(
    `OPTIONS sip:192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nCall-ID: ${callId}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`
  )

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')

const u16 = (value: number): Buffer => hex(value.toString(16).padStart(4, '0'))
const u32 = (value: number): Buffer => hex((value >>> 0).toString(16).padStart(8, '0'))

export const join = (...parts: readonly (Buffer | string)[]): Buffer =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? hex(part) : part)))

export const ethernet = (etherType: number, payload: Buffer): Buffer =>
  join('020000000002 020000000001', u16(etherType), payload)

export const vlan = (innerType: number, payload: Buffer): Buffer => join('0064', u16(innerType), payload)

type Fragment = { readonly id: number; readonly offset: number; readonly more: boolean }

export function ipv4(protocol: number, payload: Buffer, { id, offset, more }: Fragment = whole, extra = ''): Buffer {
  const length = 20 + hex(extra).length
  const flags = (more ? 0x2000 : 0) | (offset / 8)
  const start = join(Buffer.from([0x40 | (length / 4), 0]), u16(length + payload.length), u16(id), u16(flags))
  return join(start, Buffer.from([64, protocol]), '0000 c0000201 c0000202', extra, payload)
}

const whole: Fragment = { id: 1, offset: 0, more: false }

export const ipv6 = (next: number, payload: Buffer): Buffer =>
  join('60000000', u16(payload.length), Buffer.from([next, 64]), address6(1), address6(2), payload)

const address6 = (last: number): Buffer => join('20010db8 00000000 00000000', u32(last))

export const ipv6Fragment = (next: number, payload: Buffer, { id, offset, more }: Fragment): Buffer =>
  ipv6(44, join(Buffer.from([next, 0]), u16(offset | (more ? 1 : 0)), u32(id), payload))

export const udp = (payload: Buffer, source = 5060, destination = 5060): Buffer =>
  join(u16(source), u16(destination), u16(8 + payload.length), '0000', payload)

export const syn = 2
export const tcp = (sequence: number, payload: Buffer, flags = 0x10, ports = '13c4 13c4'): Buffer =>
  join(ports, u32(sequence), '00000000', Buffer.from([0x50, flags]), 'ffff 0000 0000', payload)

export const sctp = (...chunks: readonly Buffer[]): Buffer => join('13c4 13c4 00000001 00000000', ...chunks)

export function sctpData(flags: number, payload: Buffer): Buffer {
  const padding = Buffer.alloc((4 - (payload.length % 4)) % 4)
  return join(Buffer.from([0, flags]), u16(16 + payload.length), '00000001 0000 0000 00000000', payload, padding)
}

export const pppoeSession = (ppp: Buffer): Buffer => join('1100 0001', u16(ppp.length), ppp)

export const gtpU = (flags: number, extensions: string, inner: Buffer): Buffer =>
  join(Buffer.from([flags, 0xff]), u16(hex(extensions).length + inner.length), '00000001', extensions, inner)
