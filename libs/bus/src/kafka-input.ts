import type { KafkaCluster } from './kafka-cluster.ts'
import { codeOf, KafkaFailure } from './kafka-errors.ts'
import { fetchPage, type FetchLimits } from './kafka-reader.ts'
import type { KafkaRecordAt, Page } from './kafka-records.ts'

export type BatchBounds = { readonly records: number; readonly bytes: number; readonly waitMs: number }

/** How long a fetch is tried again while the leader of the partition moves, say. */
const outageMs = 10_000

/** Records to work together, and the offset after them. */
export type Batch = { readonly records: readonly KafkaRecordAt[]; readonly end: number }

/** Packets compress to about a quarter, so a fetch of this part of a batch's bytes makes one. */
const compressed = 4

/**
 * The records of one partition, cut into batches. Asks for what comes next while a batch is worked; the node holds the
 * answer back until it has enough for a batch, or the wait is over.
 */
export class KafkaInput {
  readonly #cluster: KafkaCluster
  readonly #topic: string
  readonly #partition: number
  readonly #bounds: BatchBounds
  #page: { readonly records: readonly KafkaRecordAt[]; readonly next: number; taken: number } | undefined
  #fetching: Promise<void> | undefined
  /** The offset to fetch from. */
  #next: number
  /** Offsets that were deleted before they could be read. */
  skipped = 0

  constructor(cluster: KafkaCluster, topic: string, partition: number, bounds: BatchBounds, from: number) {
    this.#cluster = cluster
    this.#topic = topic
    this.#partition = partition
    this.#bounds = bounds
    this.#next = from
  }

  /** A batch that has been read; undefined when there is none yet. `end` of one without records has only been passed. */
  take(): Batch | undefined {
    const page = this.#page
    if (page === undefined) return undefined
    const from = page.taken
    let bytes = 0
    while (page.taken < page.records.length && page.taken - from < this.#bounds.records) {
      bytes += page.records[page.taken]!.value?.length ?? 0
      if (bytes > this.#bounds.bytes && page.taken > from) break
      page.taken++
    }
    const records = page.records.slice(from, page.taken)
    if (page.taken < page.records.length) return { records, end: records.at(-1)!.offset + 1 }
    this.#page = undefined
    return { records, end: page.next }
  }

  /** Fetches unless there is something to take; `hurry` waits for no more than there is. Resolves when it is over. */
  ask(hurry: boolean): Promise<void> {
    if (this.#page !== undefined) return Promise.resolve()
    this.#fetching ??= this.#fetch(hurry).finally(() => (this.#fetching = undefined))
    this.#fetching.catch(() => undefined) // Told to whoever waits for more.
    return this.#fetching
  }

  async #fetch(hurry: boolean): Promise<void> {
    const { bytes, waitMs } = this.#bounds
    const maxBytes = Math.ceil(bytes / compressed)
    const limits: FetchLimits = { minBytes: hurry ? 1 : Math.ceil(maxBytes / 4), maxBytes, maxWaitMs: waitMs }
    const page = await this.#cluster.insist(outageMs, () => this.#inRange(limits))
    this.#next = page.next
    this.#page = { ...page, taken: 0 }
  }

  async #inRange(limits: FetchLimits): Promise<Page> {
    try {
      return await fetchPage(this.#cluster, this.#topic, this.#partition, this.#next, limits)
    } catch (error) {
      if (codeOf(error) !== 'OFFSET_OUT_OF_RANGE') throw error
      const earliest = await this.#cluster.offset(this.#topic, this.#partition, 'earliest')
      if (earliest < this.#next) throw aheadOf(this.#topic, this.#partition, this.#next, error)
      this.skipped += earliest - this.#next
      return { records: [], next: earliest }
    }
  }
}

const aheadOf = (topic: string, partition: number, offset: number, cause: unknown): KafkaFailure =>
  new KafkaFailure(
    `partition ${partition} of ${topic} ends before ${offset}, which its group has read; was it made anew? Then delete the group's state topic, too`,
    false,
    cause
  )
