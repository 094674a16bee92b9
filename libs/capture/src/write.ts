import { isIPv4 } from 'node:net'
import { addressBytes, type Captured, type Endpoint } from '@earshot/units'

const etherHeader = 14
const maxIpLength = 65_535

/** Begins a pcap file: microseconds, Ethernet. */
export function pcapHeader(): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(262_144, 16)
  header.writeUInt32LE(1, 20)
  return header
}

/**
 * One record of a pcap file: the payload in one Ethernet frame, over IPv6 if an address is one.
 *
 * TCP, TLS and WebSocket become a TCP segment of its own (a SYN that carries data, so that readers do not look for what
 * came before), everything else UDP. Lengths and checksums are right. A payload that no IP packet holds is cut.
 */
export function pcapRecord(captured: Captured): Buffer {
  const isIpv6 = !(isIPv4(captured.source.address) && isIPv4(captured.destination.address))
  const addresses = Buffer.concat([captured.source, captured.destination].map(end => addressOf(end, isIpv6)))
  const isTcp = ['tcp', 'tls', 'ws'].includes(captured.transport)
  const payload = captured.payload.subarray(0, maxIpLength - 20 - (isTcp ? 20 : 8))
  const segment = isTcp ? tcpSegment(captured, payload) : udpDatagram(captured, payload)
  const protocol = isTcp ? 6 : 17
  // A UDP checksum of 0 would mean that there is none (RFC 768).
  segment.writeUInt16BE(transportChecksum(addresses, protocol, segment) || 0xffff, isTcp ? 16 : 6)
  const packet = isIpv6
    ? ipv6Header(addresses, protocol, segment.length)
    : ipv4Header(addresses, protocol, segment.length)
  return Buffer.concat([recordHeader(captured, packet.length + segment.length), ethernet(isIpv6), packet, segment])
}

function recordHeader({ capturedAt }: Captured, packetLength: number): Buffer {
  const header = Buffer.alloc(16)
  const micros = Math.floor(capturedAt)
  header.writeUInt32LE(Math.floor(micros / 1e6) % 0x1_0000_0000, 0)
  header.writeUInt32LE(micros % 1e6, 4)
  header.writeUInt32LE(etherHeader + packetLength, 8)
  header.writeUInt32LE(etherHeader + packetLength, 12)
  return header
}

function ethernet(isIpv6: boolean): Buffer {
  const header = Buffer.alloc(etherHeader)
  header.writeUInt16BE(isIpv6 ? 0x86dd : 0x0800, 12)
  return header
}

function ipv4Header(addresses: Buffer, protocol: number, length: number): Buffer {
  const header = Buffer.concat([Buffer.alloc(12), addresses])
  header[0] = 0x45
  header.writeUInt16BE(20 + length, 2)
  header.writeUInt16BE(0x4000, 6) // do not fragment: the identification need not be unique (RFC 6864 §4.1)
  header[8] = 64
  header[9] = protocol
  header.writeUInt16BE(checksum([header]), 10)
  return header
}

function ipv6Header(addresses: Buffer, protocol: number, length: number): Buffer {
  const header = Buffer.concat([Buffer.alloc(8), addresses])
  header[0] = 0x60
  header.writeUInt16BE(length, 4)
  header[6] = protocol
  header[7] = 64
  return header
}

function udpDatagram({ source, destination }: Captured, payload: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(source.port, 0)
  header.writeUInt16BE(destination.port, 2)
  header.writeUInt16BE(8 + payload.length, 4)
  return Buffer.concat([header, payload])
}

function tcpSegment({ capturedAt, source, destination }: Captured, payload: Buffer): Buffer {
  const header = Buffer.alloc(20)
  header.writeUInt16BE(source.port, 0)
  header.writeUInt16BE(destination.port, 2)
  header.writeUInt32BE(Math.floor(capturedAt) % 0x1_0000_0000, 4)
  header[12] = 0x50
  header[13] = 0x0a // PSH, SYN
  header.writeUInt16BE(0xffff, 14)
  return Buffer.concat([header, payload])
}

function transportChecksum(addresses: Buffer, protocol: number, segment: Buffer): number {
  const pseudoHeader = Buffer.alloc(4)
  pseudoHeader.writeUInt16BE(segment.length, 0)
  pseudoHeader.writeUInt16BE(protocol, 2)
  return checksum([addresses, pseudoHeader, segment])
}

/** Source: RFC 1071. Every part but the last must have an even length. */
function checksum(parts: readonly Buffer[]): number {
  let sum = 0
  for (const part of parts) {
    for (let at = 0; at + 1 < part.length; at += 2) sum += (part[at]! << 8) | part[at + 1]!
    if (part.length % 2 === 1) sum += part.at(-1)! << 8
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

/** An endpoint that does not tell its address is unspecified. */
function addressOf({ address }: Endpoint, isIpv6: boolean): Buffer {
  const bytes = Buffer.from(addressBytes(address))
  if (bytes.length === 0) return Buffer.alloc(isIpv6 ? 16 : 4)
  if (bytes.length === 16 || !isIpv6) return bytes
  return Buffer.concat([Buffer.from('00000000000000000000ffff', 'hex'), bytes])
}
