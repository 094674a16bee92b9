import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { decodeHep } from './decode.ts'
import { HepFramer } from './framer.ts'
import type { HepPacket } from './packet.ts'

const captures = new URL('../../../../shared/captures/', import.meta.url)
const whenThere = existsSync(captures) ? describe : describe.skip

const read = (file: string): Buffer => readFileSync(new URL(file, captures))

/** Frames behind their length of 4 bytes. */
function prefixedFrames(file: string): Buffer[] {
  const bytes = read(file)
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    frames.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)))
  }
  return frames
}

/** Payloads of a little-endian pcap file of Ethernet, IPv4 without options, and UDP. */
function datagrams(file: string): Buffer[] {
  const bytes = read(file)
  const found: Buffer[] = []
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    found.push(bytes.subarray(at + 16 + 14 + 20 + 8, at + 16 + bytes.readUInt32LE(at + 8)))
  }
  return found
}

const packet = (datagram: Buffer): HepPacket => {
  const result = decodeHep(datagram)
  if (result.kind === 'error') throw new Error(`${result.code} at ${result.offset}`)
  return result
}

whenThere('what real agents sent (../shared/captures, where it is there)', () => {
  it.each([
    { file: 'kamailio-hep3.bin', authKey: undefined },
    { file: 'kamailio-hep3-auth.bin', authKey: 'labkey' }
  ])('decodes every frame of $file', ({ file, authKey }) => {
    const packets = prefixedFrames(file).map(packet)
    expect(packets).toHaveLength(250)
    for (const each of packets) {
      expect(each.fields()).toMatchObject({ captureId: 2002, protocol: 1, transport: 'udp' })
      expect([each.source.address, each.destination.address]).toEqual(['127.0.0.1', '127.0.0.1'])
      expect(each.authKey?.toString()).toBe(authKey)
      expect(each.payload.toString('latin1')).toMatch(/^(SIP\/2\.0 \d{3} |[A-Z]+ sip:.* SIP\/2\.0\r\n)/)
    }
  })

  it('frames the stream that Kamailio would send over TCP', () => {
    const frames = prefixedFrames('kamailio-hep3-auth.bin')
    const framer = new HepFramer()
    expect(framer.push(Buffer.concat(frames))).toEqual(frames)
  })

  it('reads from the HEPv2 of sngrep what it reads from its HEPv3', () => {
    const seen = (file: string) =>
      datagrams(file)
        .map(packet)
        .map(({ capturedAt, source, destination, transport, payload }) => ({
          capturedAt,
          source,
          destination,
          transport,
          payload: payload.toString('latin1')
        }))
    const second = seen('hep2_sipp_teach.pcap')
    expect(second).toHaveLength(545)
    expect(second).toEqual(seen('hep3_sipp_teach.pcap'))
  })

  it('reads the capture id of HEPv2', () => {
    expect(packet(datagrams('hep2_sipp_teach.pcap')[0]!).captureId).toBe(2002)
  })
})
