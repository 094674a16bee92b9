import type { EpochMicros } from '@earshot/units'

/** Where the bytes of one TCP direction go, in order. */
export interface StreamContent {
  /** A new connection begins (SYN). */
  open(): void

  /** The next bytes; `at` is when the stream had them all. The bytes may be kept no longer than the file's block. */
  push(bytes: Buffer, at: EpochMicros): void

  /** Bytes are missing before the next push. */
  gap(): void

  /** Nothing here will ever be of interest. */
  readonly isGivenUp: boolean
}

type Segment = { readonly sequence: number; readonly bytes: Buffer; readonly missing: number; readonly at: EpochMicros }

// Further away than any window SIP uses: not a late segment but another connection on the same ports.
const maxDistance = 1 << 20
const maxWaiting = 512

/** Puts one direction of a connection in order. Segments that wait for an earlier one are copied. */
export class TcpStream {
  readonly #content: StreamContent
  #first: number | undefined
  #next: number | undefined
  /** In order of their sequence numbers. */
  #waiting: Segment[] = []
  #waitingBytes = 0
  #waitsSince = 0

  constructor(content: StreamContent) {
    this.#content = content
  }

  get isGivenUp(): boolean {
    return this.#content.isGivenUp
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** When the first of the waiting segments came. */
  get waitsSince(): number {
    return this.#waitsSince
  }

  get isFull(): boolean {
    return this.#waiting.length > maxWaiting || this.#waitingBytes > maxDistance
  }

  /** `sequence` is that of the first byte. A repeated SYN changes nothing. */
  open(sequence: number): void {
    if (this.#first === sequence) return
    this.#restart(sequence)
    this.#first = sequence
    this.#content.open()
  }

  /** `missing` bytes of the segment, at its end, are not in the file. */
  data(sequence: number, bytes: Buffer, missing: number, at: EpochMicros): void {
    this.#next ??= sequence
    const ahead = (sequence - this.#next) | 0
    if (Math.abs(ahead) > maxDistance) {
      this.#restart(sequence)
      this.#content.gap()
    } else if (ahead > 0) {
      this.#wait({ sequence, bytes: Buffer.from(bytes), missing, at })
      return
    }
    this.#deliver(sequence, bytes, missing, at)
    this.#drain(at)
  }

  /** Gives up the missing bytes and hands on what waited behind them. False if nothing waited. */
  skipGap(): boolean {
    const [first] = this.#waiting
    if (first === undefined) return false
    this.#next = first.sequence
    this.#content.gap()
    this.#drain(first.at)
    return true
  }

  #restart(sequence: number): void {
    while (this.skipGap());
    this.#first = undefined
    this.#next = sequence
  }

  /** Bytes before `next` were handed on already (a retransmission, or the same packet captured twice). */
  #deliver(sequence: number, bytes: Buffer, missing: number, at: EpochMicros): void {
    const known = (this.#next! - sequence) | 0
    const end = (sequence + bytes.length + missing) >>> 0
    if (known >= bytes.length + missing) return
    if (known < bytes.length) this.#content.push(known > 0 ? bytes.subarray(known) : bytes, at)
    if (missing > 0) this.#content.gap()
    this.#next = end
  }

  #wait(segment: Segment): void {
    if (this.#waiting.length === 0) this.#waitsSince = segment.at
    let place = this.#waiting.length
    while (place > 0 && this.#distance(this.#waiting[place - 1]!) > this.#distance(segment)) place--
    const before = this.#waiting[place - 1]
    if (before?.sequence === segment.sequence && before.bytes.length >= segment.bytes.length) return
    this.#waiting.splice(place, 0, segment)
    this.#waitingBytes += segment.bytes.length
  }

  #distance(segment: Segment): number {
    return (segment.sequence - this.#next!) | 0
  }

  /** Hands on what follows without a gap; a message is complete when the latest of its segments has come. */
  #drain(at: EpochMicros): void {
    let count = 0
    for (const segment of this.#waiting) {
      if (this.#distance(segment) > 0) break
      count++
      this.#waitingBytes -= segment.bytes.length
      if (segment.at > at) at = segment.at
      this.#deliver(segment.sequence, segment.bytes, segment.missing, at)
    }
    if (count === 0) return
    this.#waiting.splice(0, count)
    if (this.#waiting.length > 0) this.#waitsSince = this.#waiting[0]!.at
  }
}
