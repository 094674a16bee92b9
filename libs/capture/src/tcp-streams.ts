import { millis } from '@earshot/units'
import type { EpochMicros } from '@earshot/units'
import type { CaptureCounters } from './counters.ts'
import type { Cursor } from './cursor.ts'
import type { StreamContent } from './tcp-stream.ts'
import { TcpStream } from './tcp-stream.ts'

/** How long a missing segment is waited for: longer than a first retransmission, shorter than the usual lateness. */
const maxWait = millis(1000)
const maxWaitingBytes = 64 << 20
const streamsPerGeneration = 8192

/**
 * The TCP directions of a file.
 *
 * Bounded: twice 8192 directions at most, those unused for longest are forgotten; 64 MiB wait for missing segments,
 * none for more than a second of capture time. A direction that was forgotten, or whose start is not in the file, is
 * taken up in the middle.
 */
export class TcpStreams {
  readonly #counters: CaptureCounters
  readonly #content: (frame: Cursor) => StreamContent
  #young = new Map<string, TcpStream>()
  #old = new Map<string, TcpStream>()
  /** Directions with a gap, the one that waits for longest first. */
  readonly #gapped = new Set<TcpStream>()
  #waitingBytes = 0

  constructor(counters: CaptureCounters, content: (frame: Cursor) => StreamContent) {
    this.#counters = counters
    this.#content = content
  }

  /** Takes the segment at the cursor. False: its header is not whole or contradicts itself. Source: RFC 9293 §3.1. */
  take(frame: Cursor, now: EpochMicros): boolean {
    if (frame.length < 20) return false
    const headerLength = (frame.u8(12) >> 4) * 4
    if (headerLength < 20 || headerLength > frame.length) return false
    const isSyn = (frame.u8(13) & 2) !== 0
    const length = frame.length - headerLength
    if (length + frame.missing === 0 && !isSyn) return true
    const stream = this.#stream(frame)
    const sequence = (frame.u32(4) + (isSyn ? 1 : 0)) >>> 0
    if (isSyn) this.#settle(stream, () => stream.open(sequence))
    if (length + frame.missing > 0 && !stream.isGivenUp) {
      const bytes = frame.bytes.subarray(frame.at + headerLength, frame.end)
      this.#settle(stream, () => stream.data(sequence, bytes, frame.missing, now))
      if (stream.isFull) this.#skipGap(stream)
    }
    return true
  }

  /** Skips the gaps that were waited for long enough. */
  tick(now: EpochMicros): void {
    if (this.#gapped.size === 0) return
    for (const stream of this.#gapped) {
      if (Math.abs(now - stream.waitsSince) <= maxWait && this.#waitingBytes <= maxWaitingBytes) return
      this.#skipGap(stream)
    }
  }

  /** Hands on everything that still waits. */
  finish(): void {
    for (const stream of this.#gapped) while (this.#skipGap(stream));
  }

  #stream(frame: Cursor): TcpStream {
    const key = keyOf(frame)
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const stream = this.#old.get(key) ?? this.#create(frame)
    this.#old.delete(key)
    if (this.#young.size >= streamsPerGeneration) this.#age()
    this.#young.set(key, stream)
    return stream
  }

  #create(frame: Cursor): TcpStream {
    this.#counters.tcpStreams++
    frame.sourcePort = frame.u16(0)
    frame.destinationPort = frame.u16(2)
    return new TcpStream(this.#content(frame))
  }

  #age(): void {
    for (const stream of this.#old.values()) while (this.#skipGap(stream));
    this.#old = this.#young
    this.#young = new Map()
  }

  /** Keeps the books on what waits while a stream changes. */
  #settle<Result>(stream: TcpStream, change: () => Result): Result {
    const before = stream.waitingBytes
    const result = change()
    this.#waitingBytes += stream.waitingBytes - before
    if (stream.isWaiting) this.#gapped.add(stream)
    else this.#gapped.delete(stream)
    return result
  }

  #skipGap(stream: TcpStream): boolean {
    return this.#settle(stream, () => stream.skipGap())
  }
}

/** Addresses and ports, without the tunnel they came through: one segment is often captured before and inside it. */
function keyOf(frame: Cursor): string {
  const addresses = frame.addresses.toString(
    'latin1',
    frame.addressesAt,
    frame.addressesAt + (frame.ipVersion === 4 ? 8 : 32)
  )
  return addresses + frame.bytes.toString('latin1', frame.at, frame.at + 4)
}
