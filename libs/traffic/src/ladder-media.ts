import type { Captured, Endpoint } from '@earshot/units'
import { callIdOf } from './ladder-calls.ts'
import type { LadderLine } from './ladder-lines.ts'

/** A packet but for its time and who saw it. */
export type LadderPacket = Omit<Captured, 'capturedAt' | 'agent'>

/** Where everybody's descriptions want media, unless they say otherwise. */
export const mediaPort = 20_000

/**
 * RTP as it is on the wire; RTCP and a report of a stream as agents send them by HEP, with the Call-ID of `call=` as
 * their correlation id, or none with `call=` alone.
 */
export function mediaPacket({ media, from, to, call, packets, blocks, port }: LadderLine): LadderPacket {
  const source = { address: from.endpoint.address, port: port || mediaPort }
  const destination = { address: to.endpoint.address, port: mediaPort }
  const correlationId = call === '' ? undefined : callIdOf(call)
  switch (media) {
    case 'rtcp': {
      const payload = Buffer.from(JSON.stringify(rtcpReport(packets, blocks)))
      const ends = { source: control(source), destination: control(destination) }
      return { transport: 'udp', ...ends, payload, media: { protocol: 5, correlationId } }
    }
    case 'report': {
      const payload = Buffer.from(JSON.stringify(streamReport(packets, source, destination)))
      return { transport: 'udp', source, destination, payload, media: { protocol: 34, correlationId } }
    }
    case 'rtp':
    case undefined: {
      const payload = Buffer.concat([Buffer.from([0x80, 8]), Buffer.alloc(170, 0xd5)])
      return { transport: 'udp', source, destination, payload, media: { protocol: 4, correlationId: undefined } }
    }
  }
}

/** RTCP goes to the port above (RFC 3550 §11). */
const control = ({ address, port }: Endpoint): Endpoint => ({ address, port: port + 1 })

/** As heplify and rtpengine write it. */
function rtcpReport(packets: number, blocks: number): object {
  const block = {
    source_ssrc: 1,
    fraction_lost: 0,
    packets_lost: 0,
    highest_seq_no: 100,
    ia_jitter: 2,
    lsr: 0,
    dlsr: 0
  }
  const sender = { ntp_timestamp_sec: 0, ntp_timestamp_usec: 0, rtp_timestamp: 0, packets, octets: 160 * packets }
  return {
    sender_information: sender,
    ssrc: 2,
    type: packets > 0 ? 200 : 201,
    report_count: blocks,
    report_blocks: Array.from({ length: blocks }, () => block)
  }
}

/** As RTPAgent writes it, shortened. */
const streamReport = (packets: number, source: Endpoint, destination: Endpoint): object => ({
  TOTAL_PK: packets,
  EXPECTED_PK: packets,
  PACKET_LOSS: 0,
  MEAN_MOS: packets > 0 ? 4.032 : 0,
  SRC_IP: source.address,
  SRC_PORT: source.port,
  DST_IP: destination.address,
  DST_PORT: destination.port,
  CODEC_NAME: 'g711a',
  TYPE: 'PERIODIC'
})
