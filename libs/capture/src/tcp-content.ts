import { HepFramer } from '@earshot/hep'
import { SipStreamFramer, looksLikeSip } from '@earshot/sip'
import type { EpochMicros } from '@earshot/units'
import type { StreamContent } from './tcp-stream.ts'
import { WebSocketFramer, readHandshake } from './web-socket.ts'

/** Gets what is found in one TCP direction. */
export interface TcpSink {
  sip(transport: 'tcp' | 'ws', message: Buffer, at: EpochMicros): void
  hep(frame: Buffer, at: EpochMicros): void
  /** Bytes are missing. */
  gap(): void
}

const mostForeignBytes = 1 << 16
type Kind = 'unknown' | 'sip' | 'hep' | 'handshake' | 'webSocket' | 'none'

const magics = ['HEP3', 'GET ', 'HTTP/'].map(text => Buffer.from(text))
const nothing: Buffer = Buffer.alloc(0)

/**
 * Finds out what one TCP direction carries and takes it apart: SIP, HEPv3, or SIP over WebSocket.
 *
 * A direction without a message in its first 64 KiB is given up, and at once if it starts with an octet that is no text
 * or with HTTP that does not lead to a WebSocket for SIP.
 */
export class TcpContent implements StreamContent {
  readonly #sink: TcpSink
  #kind: Kind = 'unknown'
  /** The connection was seen from its first byte. */
  #isWhole = false
  #isAfterGap = false
  #hasMessages = false
  #head = nothing
  #sipFramer: SipStreamFramer | undefined
  #hepFramer: HepFramer | undefined
  #webSocketFramer: WebSocketFramer | undefined

  constructor(sink: TcpSink) {
    this.#sink = sink
  }

  get isGivenUp(): boolean {
    return this.#kind === 'none'
  }

  open(): void {
    this.#kind = 'unknown'
    this.#isWhole = true
    this.#hasMessages = false
    this.#forget()
  }

  gap(): void {
    this.#sink.gap()
    this.#isWhole = false
    this.#isAfterGap = true
    if (this.#kind === 'handshake') this.#kind = 'none'
    this.#head = nothing
    this.#sipFramer?.gap()
    this.#hepFramer = undefined
    this.#webSocketFramer = undefined
  }

  push(bytes: Buffer, at: EpochMicros): void {
    if (this.#kind === 'unknown') {
      bytes = this.#head.length > 0 ? Buffer.concat([this.#head, bytes]) : bytes
      if (magics.some(magic => bytes.length < magic.length && magic.indexOf(bytes) === 0)) {
        this.#head = Buffer.from(bytes)
        return
      }
      this.#head = nothing
      this.#kind = this.#recognise(bytes)
    }
    // A message that begins right behind the gap is not one to be looked for after the next line end.
    if (this.#isAfterGap && looksLikeSip(bytes)) this.#sipFramer = undefined
    this.#isAfterGap = false
    this.#take(bytes, at)
  }

  #recognise(bytes: Buffer): Kind {
    if (startsWith(bytes, 'HEP3')) return 'hep'
    if (startsWith(bytes, 'GET ') || startsWith(bytes, 'HTTP/')) return 'handshake'
    if (looksLikeSip(bytes)) return 'sip'
    if (this.#isWhole) return isText(bytes[0]!) ? 'sip' : 'none'
    // In the middle of a HEP frame: its payload must not be taken for SIP between the agent and its collector.
    return bytes.includes('HEP3') ? 'hep' : 'sip'
  }

  #take(bytes: Buffer, at: EpochMicros): void {
    switch (this.#kind) {
      case 'sip':
        this.#sip(bytes, at)
        break
      case 'hep':
        this.#hep(bytes, at)
        break
      case 'webSocket':
        this.#webSocket(bytes, at)
        break
      case 'handshake':
        this.#handshake(bytes, at)
        break
      case 'unknown':
      case 'none':
    }
  }

  #sip(bytes: Buffer, at: EpochMicros): void {
    this.#sipFramer ??= new SipStreamFramer()
    const messages = this.#sipFramer.push(bytes)
    if (messages.length > 0) this.#hasMessages = true
    for (const message of messages) this.#sink.sip('tcp', message, at)
    if (this.#sipFramer.notSip && !this.#hasMessages) this.#giveUp()
  }

  #hep(bytes: Buffer, at: EpochMicros): void {
    this.#hepFramer ??= new HepFramer()
    for (const frame of this.#hepFramer.push(bytes)) this.#sink.hep(frame, at)
    if (this.#hepFramer.skippedBytes > mostForeignBytes) this.#giveUp()
  }

  #webSocket(bytes: Buffer, at: EpochMicros): void {
    this.#webSocketFramer ??= new WebSocketFramer()
    for (const message of this.#webSocketFramer.push(bytes)) {
      if (looksLikeSip(message)) this.#sink.sip('ws', message, at)
    }
    if (this.#webSocketFramer.isBroken) this.#giveUp()
  }

  #handshake(bytes: Buffer, at: EpochMicros): void {
    this.#head = Buffer.concat([this.#head, bytes])
    const handshake = readHandshake(this.#head)
    if (handshake === undefined) return
    const rest = this.#head.subarray(handshake.length)
    this.#head = nothing
    this.#kind = handshake.isSip ? 'webSocket' : 'none'
    if (rest.length > 0) this.#take(rest, at)
  }

  #giveUp(): void {
    this.#kind = 'none'
    this.#forget()
  }

  #forget(): void {
    this.#head = nothing
    this.#sipFramer = undefined
    this.#hepFramer = undefined
    this.#webSocketFramer = undefined
  }
}

const startsWith = (bytes: Buffer, magic: string): boolean => bytes.toString('latin1', 0, magic.length) === magic

const isText = (byte: number): boolean => byte === 0x0d || byte === 0x0a || (byte >= 0x20 && byte < 0x7f)
