import { scanHeaders } from './headers.ts'
import { CR, LF } from './octets.ts'
import { readStartLine, skipLineEnds } from './start-line.ts'

export type SipStreamLimits = {
  /** A longer message is skipped (256 KiB). */
  readonly maxMessageBytes?: number
  /** A stream that begins with so many bytes and no message is given up (64 KiB). */
  readonly maxLookaheadBytes?: number
}

/**
 * Splits one direction of a TCP or TLS stream into whole messages by Content-Length (RFC 3261 §18.3); a message without
 * a readable one has no body here. However the stream is cut, the messages are the same.
 *
 * Bytes that begin no message are skipped up to the next line that is a start line, and counted; line ends between
 * messages (keep-alives) are not. A stream that never was SIP is given up after a bounded look, and costs nothing from
 * there on. Holds at most one unfinished message, copied; never throws.
 */
export class SipStreamFramer {
  readonly #maxMessageBytes: number
  readonly #maxLookaheadBytes: number
  /**
   * `between` messages, where one may begin; `lost` inside a line that begins none; in the `headers` of one, its start
   * line being whole; in its `body`, its length being known.
   */
  #state: 'between' | 'lost' | 'headers' | 'body' = 'between'
  /** The chunk, or what is held with the chunk behind it; `#at` is how far that is used up. */
  #bytes: Buffer = EMPTY
  #at = 0
  /** How many bytes of the unfinished message were searched for the end of its headers. */
  #searched = 0
  #messageBytes = 0
  #messages = 0
  #skipped = 0
  /** Grows by doubling; what was handed out of it is never written again. */
  #hold: Buffer = EMPTY
  #heldBytes = 0

  constructor(limits: SipStreamLimits = {}) {
    this.#maxMessageBytes = limits.maxMessageBytes ?? 256 << 10
    this.#maxLookaheadBytes = limits.maxLookaheadBytes ?? 64 << 10
  }

  /** Bytes that belong to no message. */
  get skippedBytes(): number {
    return this.#skipped
  }

  /** Bytes of what is unfinished; those left at the end of a stream were cut off. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Whether the stream was given up; `push` only counts from there on. */
  get notSip(): boolean {
    return this.#messages === 0 && this.#skipped >= this.#maxLookaheadBytes
  }

  /** The messages that `chunk` completes: views of it, or of memory that the framer gives away. */
  push(chunk: Buffer): readonly Buffer[] {
    this.#bytes = this.#heldBytes === 0 ? chunk : this.#append(chunk)
    this.#at = 0
    const messages: Buffer[] = []
    while (!this.notSip && this.#advance(messages));
    if (this.notSip) this.#skip(this.#available)
    this.#keepRest()
    return messages
  }

  /** Says that bytes are missing before the next chunk: what is held cannot be finished. */
  gap(): void {
    this.#skipped += this.#heldBytes
    this.#heldBytes = 0
    this.#hold = EMPTY
    this.#state = 'between'
  }

  get #available(): number {
    return this.#bytes.length - this.#at
  }

  /** One step of the stream; false when it takes more bytes. */
  #advance(messages: Buffer[]): boolean {
    switch (this.#state) {
      case 'between':
        return this.#findStartLine()
      case 'lost':
        return this.#skipLine()
      case 'headers':
        return this.#findHeadersEnd()
      case 'body':
        return this.#takeMessage(messages)
    }
  }

  #findStartLine(): boolean {
    this.#at = skipLineEnds(this.#bytes, this.#at, this.#bytes.length)
    const lineBytes = this.#bytes.indexOf(LF, this.#at) + 1 - this.#at
    if (lineBytes <= 0 && this.#available <= MAX_START_LINE_BYTES) return false
    const isShort = lineBytes > 0 && lineBytes <= MAX_START_LINE_BYTES
    const begins = isShort && readStartLine(this.#bytes, this.#at, this.#at + lineBytes) !== undefined
    this.#state = begins ? 'headers' : 'lost'
    this.#searched = lineBytes
    return true
  }

  #skipLine(): boolean {
    const lineEnd = this.#bytes.indexOf(LF, this.#at)
    this.#skip(lineEnd < 0 ? this.#available : lineEnd + 1 - this.#at)
    if (lineEnd >= 0) this.#state = 'between'
    return lineEnd >= 0
  }

  #findHeadersEnd(): boolean {
    const end = this.#afterBlankLine()
    const headerBytes = (end < 0 ? this.#bytes.length : end) - this.#at
    if (headerBytes > this.#maxMessageBytes) {
      this.#skip(this.#maxMessageBytes)
      this.#state = 'lost'
      return true
    }
    if (end < 0) return false
    const headersAt = this.#bytes.indexOf(LF, this.#at) + 1
    const { contentLength } = scanHeaders(this.#bytes, headersAt, end)
    this.#messageBytes = headerBytes + Math.max(0, contentLength)
    this.#state = 'body'
    // A length beyond the limit is more likely wrong than true: what follows the headers is looked at again.
    if (this.#messageBytes > this.#maxMessageBytes) {
      this.#skip(headerBytes)
      this.#state = 'between'
    }
    return true
  }

  /** Where the body begins, or -1; each byte is searched once, in however many chunks it comes. */
  #afterBlankLine(): number {
    const bytes = this.#bytes
    let lineEnd = bytes.indexOf(LF, this.#at + this.#searched)
    for (; lineEnd >= 0; lineEnd = bytes.indexOf(LF, lineEnd + 1)) {
      let before = lineEnd - 1
      while (bytes[before] === CR) before--
      if (bytes[before] === LF) return lineEnd + 1
    }
    this.#searched = bytes.length - this.#at
    return -1
  }

  #takeMessage(messages: Buffer[]): boolean {
    if (this.#available < this.#messageBytes) return false
    const end = this.#at + this.#messageBytes
    messages.push(this.#bytes.subarray(this.#at, end))
    this.#messages++
    this.#at = end
    this.#state = 'between'
    return true
  }

  #skip(count: number): void {
    this.#skipped += count
    this.#at += count
  }

  #append(chunk: Buffer): Buffer {
    const length = this.#heldBytes + chunk.length
    if (length > this.#hold.length) {
      const larger = Buffer.allocUnsafeSlow(length * 2)
      this.#hold.copy(larger, 0, 0, this.#heldBytes)
      this.#hold = larger
    }
    chunk.copy(this.#hold, this.#heldBytes)
    this.#heldBytes = length
    return this.#hold.subarray(0, length)
  }

  /** Copies what is not used up, so that no chunk is kept alive; what is held already stays where it is. */
  #keepRest(): void {
    const isHeld = this.#heldBytes > 0 && this.#at === 0
    if (!isHeld) {
      const rest = this.#bytes.subarray(this.#at)
      this.#hold = EMPTY
      this.#heldBytes = 0
      if (rest.length > 0) this.#append(rest)
    }
    this.#bytes = EMPTY
  }
}

/** A longer line is no start line: a URI of that length is no call. */
const MAX_START_LINE_BYTES = 16 << 10

const EMPTY = Buffer.alloc(0)
