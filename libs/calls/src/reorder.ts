import TinyQueue from 'tinyqueue'
import type { EpochMicros } from '@earshot/units'
import { inEventOrder, type Observed } from './observed.ts'

const BUCKET = 100_000 // µs: a message is moved once and sorted among some hundreds, not among all that wait

/**
 * Holds messages until the watermark has passed them and gives them out in event order, so that everything
 * behind it is a plain sequential fold and the order of arrival cannot matter (TX-5).
 *
 * `Item` may carry more than the message, such as the log offset that it came from.
 */
export class ReorderBuffer<Item extends Observed> {
  readonly #buckets = new Map<number, Item[]>()
  /** The index of every bucket, the earliest first. */
  readonly #indexes = new TinyQueue<number>()
  #released = -Infinity
  #size = 0
  #bytes = 0

  /** Messages waiting. */
  get size(): number {
    return this.#size
  }

  /** Bytes of the messages waiting. */
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

  /** False when the message is late: its turn has passed. It is then not held. */
  push(item: Item): boolean {
    if (item.at <= this.#released) return false
    const index = Math.floor(item.at / BUCKET)
    const bucket = this.#buckets.get(index)
    if (bucket) bucket.push(item)
    else this.#open(index, [item])
    this.#size++
    this.#bytes += item.message.bytes.length
    return true
  }

  /** Gives out, in event order, all that is not newer than `until`; that time never goes back. */
  release(until: EpochMicros): Item[] {
    if (until <= this.#released) return []
    this.#released = until
    const last = Math.floor(until / BUCKET)
    const released: Item[] = []
    for (let index = this.#indexes.peek(); index !== undefined && index <= last; index = this.#indexes.peek()) {
      const later = this.#empty(index, until, released)
      if (later.length === 0) continue
      this.#open(index, later)
      break
    }
    this.#size -= released.length
    for (const { message } of released) this.#bytes -= message.bytes.length
    return released
  }

  /** Gives out the earliest bucket, but nothing newer than `until`: for files, where no clock forces a release. */
  releaseEarliest(until: EpochMicros): Item[] {
    const earliest = this.#indexes.peek()
    if (earliest === undefined) return []
    return this.release(Math.min((earliest + 1) * BUCKET - 1, until) as EpochMicros)
  }

  #open(index: number, items: Item[]): void {
    this.#buckets.set(index, items)
    this.#indexes.push(index)
  }

  /** Moves what is due of the earliest bucket into `released`, and returns the rest. */
  #empty(index: number, until: EpochMicros, released: Item[]): Item[] {
    const bucket = this.#buckets.get(index)!.sort(inEventOrder)
    this.#buckets.delete(index)
    this.#indexes.pop()
    const later = bucket.findIndex(item => item.at > until)
    const due = later === -1 ? bucket.length : later
    for (let i = 0; i < due; i++) released.push(bucket[i]!)
    return bucket.slice(due)
  }
}
