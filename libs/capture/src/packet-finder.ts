import { decodeHep, type HepPacket } from '@earshot/hep'
import { isMediaProtocol, kindOfMedia, mediaProtocol } from '@earshot/rtp'
import { looksLikeSip } from '@earshot/sip'
import { epochMicros, type Captured, type Endpoint, type EpochMicros, type Transport } from '@earshot/units'
import { Endpoints } from './addresses.ts'
import { countBad } from './counters.ts'
import type { CaptureCounters } from './counters.ts'
import { Cursor } from './cursor.ts'
import { dissect } from './dissect.ts'
import type { PacketSink } from './file-format.ts'
import { Fragments } from './fragments.ts'
import { firstLayer } from './link.ts'
import { MediaThinner } from './media-thinner.ts'
import { sctpMessages } from './sctp.ts'
import { TcpContent } from './tcp-content.ts'
import type { TcpSink } from './tcp-content.ts'
import { TcpStreams } from './tcp-streams.ts'

/** The agent of what the file itself captured; HEP packets in it keep theirs. */
const fileAgent = 'file'

/**
 * Finds SIP in packets by its content, on any port, and inside HEP; if asked for, what tells of media as well. Total:
 * whatever the packets hold is counted.
 */
export class PacketFinder implements PacketSink {
  readonly #counters: CaptureCounters
  readonly #frame = new Cursor()
  readonly #endpoints = new Endpoints()
  readonly #fragments: Fragments
  readonly #streams: TcpStreams
  readonly #media: MediaThinner | undefined
  #found: Captured[] = []

  constructor(counters: CaptureCounters, withMedia = false) {
    this.#media = withMedia ? new MediaThinner() : undefined
    this.#counters = counters
    this.#fragments = new Fragments(counters)
    this.#streams = new TcpStreams(counters, frame => new TcpContent(this.#tcpSink(frame)))
  }

  packet(linkType: number, capturedAt: EpochMicros, bytes: Buffer, at: number, end: number, snapped: boolean): void {
    this.#counters.packets++
    this.#counters.bytes += end - at
    if (snapped) this.#counters.snapped++
    const layer = firstLayer(linkType)
    if (layer === undefined) {
      this.#counters.unsupportedLink++
      return
    }
    this.#streams.tick(capturedAt)
    this.#frame.start(bytes, at, end)
    this.#take(dissect(this.#frame, layer, this.#fragments, capturedAt), capturedAt)
  }

  hep(frame: Buffer): void {
    this.#counters.packets++
    this.#counters.bytes += frame.length
    this.#hep(frame, epochMicros(0))
  }

  badRecord(code: string): void {
    countBad(this.#counters, code)
  }

  /** What was found since the last call. */
  found(): readonly Captured[] {
    const found = this.#found
    this.#found = []
    return found
  }

  /** No packet follows: hands on what still waited for one. */
  finish(): void {
    this.#streams.finish()
    this.#fragments.finish()
  }

  #take(end: ReturnType<typeof dissect>, capturedAt: EpochMicros): void {
    switch (end) {
      case 'datagram':
        this.#datagram('udp', this.#frame, this.#frame.at, this.#frame.end, capturedAt)
        break
      case 'tcp':
        if (!this.#streams.take(this.#frame, capturedAt)) countBad(this.#counters, 'bad-tcp-header')
        break
      case 'sctp':
        this.#sctp(capturedAt)
        break
      case 'esp':
        this.#counters.esp++
        break
      case 'other':
        this.#counters.other++
        break
      case 'bad':
        countBad(this.#counters, this.#frame.problem)
        break
      case 'incomplete':
    }
  }

  #datagram(transport: Transport, frame: Cursor, at: number, end: number, capturedAt: EpochMicros): void {
    const first = at < end ? frame.bytes[at]! : 0
    if (first >> 6 === 2) return this.#media && this.#rtp(this.#media, frame, at, end, capturedAt)
    if (first < 3 ? !mayBeLegacyHep(frame.bytes, at, end) : !beginsMessage[first]) return
    const payload = frame.bytes.subarray(at, end)
    if (first < 3) this.#hep(payload, capturedAt)
    else if (looksLikeSip(payload)) {
      this.#emit(capturedAt, transport, this.#endpoints.source(frame), this.#endpoints.destination(frame), payload)
    } else if (isHep3(payload)) this.#hep(payload, capturedAt)
  }

  #rtp(thinner: MediaThinner, frame: Cursor, at: number, end: number, capturedAt: EpochMicros): void {
    const kind = kindOfMedia(frame.bytes, at, end)
    if (kind === undefined || (kind === 'rtp' && !thinner.passes(frame, capturedAt))) return
    this.#found.push({
      capturedAt,
      agent: fileAgent,
      transport: 'udp',
      source: this.#endpoints.source(frame),
      destination: this.#endpoints.destination(frame),
      // Of RTP nothing counts but that it is there.
      payload: kind === 'rtp' ? nothing : frame.bytes.subarray(at, end),
      media: { protocol: mediaProtocol[kind], correlationId: undefined }
    })
  }

  #sctp(capturedAt: EpochMicros): void {
    const frame = this.#frame
    const { messages, fragments, isBad } = sctpMessages(frame)
    this.#counters.sctpFragments += fragments
    if (isBad) countBad(this.#counters, 'bad-sctp-chunk')
    for (const { at, end } of messages) this.#datagram('sctp', frame, at, end, capturedAt)
  }

  #hep(bytes: Buffer, capturedAt: EpochMicros): void {
    const packet = decodeHep(bytes)
    if (packet.kind === 'error') {
      if (isHep3(bytes)) countBad(this.#counters, `hep-${packet.code}`)
      return
    }
    if (this.#media && isMediaProtocol(packet.protocol)) return this.#report(packet, capturedAt)
    const isSip = packet.protocol === 1 && looksLikeSip(packet.payload)
    if (packet.version === 3 || isSip) this.#counters.hepPackets++
    if (!isSip) return
    // HEPv1 has no time; the packet's own is the nearest.
    const { transport, source, destination, payload } = packet
    this.#emit(packet.capturedAt ?? capturedAt, transport, source, destination, payload, packet.agent)
  }

  #report(packet: HepPacket, capturedAt: EpochMicros): void {
    this.#counters.hepPackets++
    const { agent, transport, source, destination, payload, protocol, correlationId } = packet
    const at = packet.capturedAt ?? capturedAt
    const media = { protocol, correlationId }
    this.#found.push({ capturedAt: at, agent, transport, source, destination, payload, media })
  }

  #tcpSink(frame: Cursor): TcpSink {
    const source = this.#endpoints.source(frame)
    const destination = this.#endpoints.destination(frame)
    return {
      sip: (transport, message, at) => this.#emit(at, transport, source, destination, message),
      hep: (bytes, at) => this.#hep(bytes, at),
      gap: () => {
        this.#counters.tcpGaps++
      }
    }
  }

  #emit(
    capturedAt: EpochMicros,
    transport: Transport,
    source: Endpoint,
    destination: Endpoint,
    payload: Buffer,
    agent = fileAgent
  ): void {
    this.#counters.captured++
    this.#found.push({ capturedAt, agent, transport, source, destination, payload })
  }
}

const nothing = Buffer.alloc(0)

const isHep3 = (bytes: Buffer): boolean => bytes.length >= 4 && bytes.readUInt32BE(0) === 0x48455033

/** HEPv1 and v2 have no magic: version, header length, address family, IP protocol; ports and two addresses follow. */
function mayBeLegacyHep(bytes: Buffer, at: number, end: number): boolean {
  const family = bytes[at + 2]!
  return end - at > 16 && legacyFamilies.includes(family) && legacyTransports.includes(bytes[at + 3]!)
}

const legacyFamilies = [2, 10, 24, 28, 30]
const legacyTransports = [6, 17, 22, 50, 132]

/** Octets that a payload of interest begins with: a token character (RFC 3261 §25.1) or a line end before it. */
const beginsMessage = new Uint8Array(256)
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~\r\n") {
  beginsMessage[character.charCodeAt(0)] = 1
}
