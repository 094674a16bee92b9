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
  #released = -Infinity
  #size = 0

  /** Messages waiting. */
  get size(): number {
    return this.#size
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
    else this.#buckets.set(index, [item])
    this.#size++
    return true
  }

  /** Gives out, in event order, all that is not newer than `until`; that time never goes back. */
  release(until: EpochMicros): Item[] {
    if (until <= this.#released) return []
    this.#released = until
    const last = Math.floor(until / BUCKET)
    const due = [...this.#buckets.keys()].filter(index => index <= last).sort((a, b) => a - b)
    const released: Item[] = []
    for (const index of due) {
      const bucket = this.#buckets.get(index)!.sort(inEventOrder)
      const cut = index < last ? bucket.length : bucket.findIndex(item => item.at > until)
      const count = cut === -1 ? bucket.length : cut
      for (let i = 0; i < count; i++) released.push(bucket[i]!)
      if (count === bucket.length) this.#buckets.delete(index)
      else this.#buckets.set(index, bucket.slice(count))
    }
    this.#size -= released.length
    return released
  }

  /** Gives out the oldest messages while more than `limit` wait: for files, where no clock forces a release. */
  *overflow(limit: number, until: EpochMicros): Iterable<Item> {
    while (this.#size > limit) {
      const oldest = Math.min(...this.#buckets.keys())
      const end = ((oldest + 1) * BUCKET - 1) as EpochMicros
      if (end > until) return
      yield* this.release(end)
    }
  }

  /** All that waits, in no order. */
  *waiting(): Iterable<Item> {
    for (const bucket of this.#buckets.values()) yield* bucket
  }
}
