import { epochMicros, ipv4Text, ipv6Text } from '@earshot/units'
import type { Endpoint, EpochMicros, Transport } from '@earshot/units'
import { chunksOf, headerLength, uint16, uint32 } from './chunk.ts'
import type { HepLayout } from './layout.ts'

/** What a HEP frame tells of one captured packet. */
export type HepFields = {
  /** Undefined when the frame tells no time; an agent of HEPv1 never does. */
  readonly capturedAt?: EpochMicros | undefined
  /** 0 when the frame does not tell. */
  readonly captureId: number
  /** Name of the capture node; bytes that are not UTF-8 read as U+FFFD. */
  readonly node?: string | undefined
  /** HEP protocol type: 1 SIP, 5 RTCP, 34 RTP report, 100 log; 0 when the frame does not tell. */
  readonly protocol: number
  readonly transport: Transport
  /** Address '' or port 0 where the frame does not tell. */
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly correlationId?: string | undefined
  readonly authKey?: Buffer | undefined
  /** Empty for a frame without payload, as agents send them to keep a connection alive. */
  readonly payload: Buffer
}

/**
 * One captured packet, as the agent saw it on the wire.
 *
 * Everything is read from the datagram when it is asked for, and buffers are views of it (only the payload of a
 * compressed frame is not), so keep a packet no longer than its datagram. Where a chunk is there twice the last one counts,
 * whichever kind of address or payload it is.
 */
export class HepPacket implements HepFields {
  readonly #frame: Buffer
  readonly #layout: HepLayout
  #payload: Buffer | undefined

  /** For `decodeHep`: the layout must be that of the frame. */
  constructor(frame: Buffer, layout: HepLayout, inflated: Buffer | undefined) {
    this.#frame = frame
    this.#layout = layout
    this.#payload = inflated
  }

  get kind(): 'packet' {
    return 'packet'
  }

  get version(): 1 | 2 | 3 {
    return this.#layout.version
  }

  /** The frame alone, without what followed it in the datagram. */
  get frame(): Buffer {
    return this.#frame.length === this.#layout.end ? this.#frame : this.#frame.subarray(0, this.#layout.end)
  }

  get capturedAt(): EpochMicros | undefined {
    const { seconds, micros } = this.#layout
    if (seconds === 0) return undefined
    const fraction = micros === 0 ? 0 : this.#timePart(micros)
    // More than a second of microseconds is nonsense; the second itself is still the best that is known.
    return epochMicros(this.#timePart(seconds) * 1e6 + (fraction < 1e6 ? fraction : 0))
  }

  get captureId(): number {
    const at = this.#layout.captureId
    if (at === 0) return 0
    return this.#layout.version === 3 ? uint32(this.#frame, at) : this.#frame.readUInt16LE(at)
  }

  get node(): string | undefined {
    return this.#text(this.#layout.node)
  }

  /** Who saw the packet: the name of the node, or else its capture id. */
  get agent(): string {
    return this.node ?? String(this.captureId)
  }

  get protocol(): number {
    if (this.#layout.version !== 3) return 1
    return this.#layout.protocol === 0 ? 0 : this.#frame[this.#layout.protocol]!
  }

  get transport(): Transport {
    return this.#layout.transport === 0 ? 'other' : transportOf(this.#frame[this.#layout.transport]!)
  }

  get source(): Endpoint {
    const { source, sourceSize, sourcePort } = this.#layout
    return { address: this.#address(source, sourceSize), port: this.#port(sourcePort) }
  }

  get destination(): Endpoint {
    const { destination, destinationSize, destinationPort } = this.#layout
    return { address: this.#address(destination, destinationSize), port: this.#port(destinationPort) }
  }

  get correlationId(): string | undefined {
    return this.#text(this.#layout.correlationId)
  }

  get authKey(): Buffer | undefined {
    return this.#data(this.#layout.authKey)
  }

  get payload(): Buffer {
    this.#payload ??= this.#frame.subarray(this.#layout.payload, this.#layout.payloadEnd)
    return this.#payload
  }

  /** The data of the last generic chunk of this type, of those that have no property here (VLAN, MOS, jitter, …). */
  chunk(type: number): Buffer | undefined {
    return chunksOf(this.#frame, type).at(-1)
  }

  /** All fields read, as a plain object: to be changed and encoded, or compared. */
  fields(): HepFields {
    return {
      capturedAt: this.capturedAt,
      captureId: this.captureId,
      node: this.node,
      protocol: this.protocol,
      transport: this.transport,
      source: this.source,
      destination: this.destination,
      correlationId: this.correlationId,
      authKey: this.authKey,
      payload: this.payload
    }
  }

  #timePart(at: number): number {
    return this.#layout.version === 3 ? uint32(this.#frame, at) : this.#frame.readUInt32LE(at)
  }

  #address(at: number, size: number): string {
    if (size === 0) return ''
    return size === 4 ? ipv4Text(this.#frame, at) : ipv6Text(this.#frame, at)
  }

  #port(at: number): number {
    return at === 0 ? 0 : uint16(this.#frame, at)
  }

  #data(at: number): Buffer | undefined {
    return at === 0 ? undefined : this.#frame.subarray(at, this.#dataEnd(at))
  }

  #text(at: number): string | undefined {
    return at === 0 ? undefined : this.#frame.toString('utf8', at, this.#dataEnd(at))
  }

  /** A chunk's length stands in the two bytes before its data. */
  #dataEnd(at: number): number {
    return at - headerLength + uint16(this.#frame, at - 2)
  }
}

/**
 * IP protocol numbers. Where IP has none, those that agents borrow: 22 (XNS IDP) is TLS for Kamailio, OpenSIPS and
 * Sofia-SIP, and WebSocket too for Kamailio; 50 (ESP) is WebSocket for OpenSIPS.
 */
const transportNumbers = { tcp: 6, udp: 17, tls: 22, ws: 50, sctp: 132, other: 0 } as const

export const numberOf = (transport: Transport): number => transportNumbers[transport]

function transportOf(ipProtocol: number): Transport {
  switch (ipProtocol) {
    case transportNumbers.udp:
      return 'udp'
    case transportNumbers.tcp:
      return 'tcp'
    case transportNumbers.tls:
      return 'tls'
    case transportNumbers.ws:
      return 'ws'
    case transportNumbers.sctp:
      return 'sctp'
    default:
      return 'other'
  }
}
