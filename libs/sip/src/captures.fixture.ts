import { readFileSync } from 'node:fs'

/** One UDP or TCP payload of a capture file, in the order of the file. */
export type Segment = { readonly protocol: 'udp' | 'tcp'; readonly flow: string; readonly payload: Buffer }

/**
 * As much of pcap and pcapng as these tests need: unfragmented UDP and TCP over IPv4 and IPv6, plain or in IPv4, on
 * Ethernet, Linux cooked and raw links. Not the product's reader, which is libs/capture.
 */
export function segmentsOf(file: string): Segment[] {
  const bytes = readFileSync(file)
  const packets = bytes.readUInt32LE(0) === 0x0a0d0d0a ? pcapngPackets(bytes) : pcapPackets(bytes)
  return packets.flatMap(({ link, frame }) => ipPayload(frame.subarray(linkHeader(link, frame))))
}

type Packet = { readonly link: number; readonly frame: Buffer }

function pcapPackets(bytes: Buffer): Packet[] {
  const isLittle = [0xa1b2c3d4, 0xa1b23c4d].includes(bytes.readUInt32LE(0))
  const read = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const packets: Packet[] = []
  for (let at = 24; at + 16 <= bytes.length; at += 16 + read(at + 8)) {
    packets.push({ link: read(20), frame: bytes.subarray(at + 16, at + 16 + read(at + 8)) })
  }
  return packets
}

function pcapngPackets(bytes: Buffer): Packet[] {
  const links: number[] = []
  const packets: Packet[] = []
  for (let at = 0; at + 12 <= bytes.length; at += bytes.readUInt32LE(at + 4)) {
    const type = bytes.readUInt32LE(at)
    if (type === 1) links.push(bytes.readUInt16LE(at + 8))
    if (type === 6) {
      const link = links[bytes.readUInt32LE(at + 8)]!
      packets.push({ link, frame: bytes.subarray(at + 28, at + 28 + bytes.readUInt32LE(at + 20)) })
    }
  }
  return packets
}

function linkHeader(link: number, frame: Buffer): number {
  switch (link) {
    case 1:
      return frame.readUInt16BE(12) === 0x8100 ? 18 : 14
    case 113:
      return 16
    case 276:
      return 20
    default:
      return 0
  }
}

function ipPayload(packet: Buffer): Segment[] {
  if (packet.length < 20) return []
  const isV4 = packet[0]! >> 4 === 4
  if (!isV4 && packet[0]! >> 4 !== 6) return []
  const header = isV4 ? (packet[0]! & 15) * 4 : 40
  const length = isV4 ? packet.readUInt16BE(2) : 40 + packet.readUInt16BE(4)
  const protocol = packet[isV4 ? 9 : 6]
  const content = packet.subarray(header, length)
  const flow = `${packet.subarray(isV4 ? 12 : 8, header).toString('hex')} ${content.subarray(0, 4).toString('hex')}`
  if (protocol === 4) return ipPayload(content)
  if (protocol === 17) return [{ protocol: 'udp', flow, payload: content.subarray(8) }]
  if (protocol === 6) return [{ protocol: 'tcp', flow, payload: content.subarray((content[12]! >> 4) * 4) }]
  return []
}
