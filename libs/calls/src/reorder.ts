import TinyQueue from 'tinyqueue'
import type { Captured, EpochMicros } from '@earshot/units'
import { sorted } from './sorted.ts'

const BUCKET = 100_000 // µs: a packet is moved once and sorted among some hundreds, not among all that wait

/**
 * Holds packets until the watermark has passed them and gives them out by their times, so that everything behind it is
 * a plain sequential fold (`messagesOf`) and the order of arrival cannot matter (TX-5). They wait as bytes: to be read
 * when their turn has come costs less memory and less work than to wait as messages.
 *
 * `Packet` may carry more, such as the log offset that it came from.
 */
export class ReorderBuffer<Packet extends Captured> {
  readonly #buckets = new Map<number, Packet[]>()
  /** The index of every bucket, the earliest first. */
  readonly #indexes = new TinyQueue<number>()
  #released = -Infinity
  #size = 0
  #bytes = 0

  /** Packets waiting. */
  get size(): number {
    return this.#size
  }

  /** Bytes of the packets waiting. */
  get bytes(): number {
    return this.#bytes
  }

  /** Everything up to and including this time has been given out. */
  get released(): EpochMicros {
    return this.#released as EpochMicros
  }

  /** Continues where a former buffer was: what is not newer counts as late. */
  restore(released: EpochMicros): void {
    this.#released = released
  }

  /** False when the packet is late: its turn has passed. It is then not held. */
  push(packet: Packet): boolean {
    if (packet.capturedAt <= this.#released) return false
    const index = Math.floor(packet.capturedAt / BUCKET)
    const bucket = this.#buckets.get(index)
    if (bucket) bucket.push(packet)
    else this.#open(index, [packet])
    this.#size++
    this.#bytes += packet.payload.length
    return true
  }

  /** Gives out, the oldest first, all that is not newer than `until`; that time never goes back. */
  release(until: EpochMicros): Packet[] {
    if (until <= this.#released) return []
    this.#released = until
    const last = Math.floor(until / BUCKET)
    const released: Packet[] = []
    for (let index = this.#indexes.peek(); index !== undefined && index <= last; index = this.#indexes.peek()) {
      const later = this.#empty(index, until, released)
      if (later.length === 0) continue
      this.#open(index, later)
      break
    }
    this.#size -= released.length
    for (const { payload } of released) this.#bytes -= payload.length
    return released
  }

  /** Gives out the earliest bucket, but nothing newer than `until`: for files, where no clock forces a release. */
  releaseEarliest(until: EpochMicros): Packet[] {
    const earliest = this.#indexes.peek()
    if (earliest === undefined) return []
    return this.release(Math.min((earliest + 1) * BUCKET - 1, until) as EpochMicros)
  }

  #open(index: number, packets: Packet[]): void {
    this.#buckets.set(index, packets)
    this.#indexes.push(index)
  }

  /** Moves what is due of the earliest bucket into `released`, and returns the rest. */
  #empty(index: number, until: EpochMicros, released: Packet[]): Packet[] {
    const bucket = sorted(this.#buckets.get(index)!, byCapture)
    this.#buckets.delete(index)
    this.#indexes.pop()
    const later = bucket.findIndex(packet => packet.capturedAt > until)
    const due = later === -1 ? bucket.length : later
    for (let i = 0; i < due; i++) released.push(bucket[i]!)
    return bucket.slice(due)
  }
}

const byCapture = (a: Captured, b: Captured): number => a.capturedAt - b.capturedAt
