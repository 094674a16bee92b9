import { AppendError, type Component, type Log, type NewRecord } from '@earshot/bus'
import type { EpochMicros } from '@earshot/units'
import { packetsRecord, tickRecord, topics, type Producer } from '../pipeline.ts'

/** A cut is made when one partition holds this much, or after this long: what a crash can cost at most. */
const CUT_BYTES = 64 << 10
const LARGEST_FRAME = 64 << 10
const CUT_AFTER_MS = 20

/**
 * A cut is appended when all up to the one so far before it are confirmed. With a tick a cut takes two sequence numbers,
 * and the log knows a record that it is given twice among the last 32 of a producer.
 */
const MOST_CUTS = 12

type Run = { readonly bytes: Buffer; length: number }

/**
 * Gathers frames into one run per partition and appends the runs of all partitions together, so that a record is
 * large and yet no frame waits longer than 20 ms. Frames are copied; their buffers are free after `add`.
 */
export class Packer implements Component {
  readonly name = 'packer'
  readonly #log: Pick<Log, 'partitions' | 'append'>
  readonly #producer: Producer
  readonly #onFailure: (error: Error) => void
  /** The cuts that the log has not confirmed, by their number, oldest first. */
  readonly #unconfirmed = new Map<number, Promise<void>>()
  #cuts = 0
  #runs: (Run | undefined)[] = []
  #sequence = 0
  #timer: NodeJS.Timeout | undefined

  constructor(log: Pick<Log, 'partitions' | 'append'>, producer: Producer, onFailure: (error: Error) => void) {
    this.#log = log
    this.#producer = producer
    this.#onFailure = onFailure
  }

  async start(): Promise<void> {
    this.#runs = Array.from({ length: await this.#log.partitions(topics.packets) }, () => undefined)
  }

  async stop(): Promise<void> {
    await this.flush()
  }

  get partitions(): number {
    return this.#runs.length
  }

  /** The log is slower than what comes in: no more should be added before a `flush`. */
  get isFull(): boolean {
    const [oldest = this.#cuts] = this.#unconfirmed.keys()
    return this.#cuts - oldest >= MOST_CUTS
  }

  add(partition: number, frame: Buffer): void {
    const run = (this.#runs[partition] ??= { bytes: Buffer.allocUnsafe(CUT_BYTES + LARGEST_FRAME), length: 0 })
    run.length += frame.copy(run.bytes, run.length)
    if (run.length >= CUT_BYTES) this.cut()
    else this.#timer ??= setTimeout(() => this.cut(), CUT_AFTER_MS)
  }

  /** Appends what was gathered; with `newest` a tick behind it in every partition. */
  cut(newest?: EpochMicros): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const sequence = this.#sequence++
    const records: NewRecord[] = []
    for (const [partition, run] of this.#runs.entries()) {
      if (run) records.push(packetsRecord(this.#producer, sequence, partition, run.bytes.subarray(0, run.length)))
      this.#runs[partition] = undefined
    }
    if (newest !== undefined) {
      const after = this.#sequence++
      for (const partition of this.#runs.keys()) records.push(tickRecord(this.#producer, after, partition, newest))
    }
    if (records.length > 0) this.#append(records)
  }

  /** Resolves when everything added so far is durable. */
  async flush(): Promise<void> {
    this.cut()
    await Promise.all(this.#unconfirmed.values())
  }

  #append(records: readonly NewRecord[]): void {
    const cut = this.#cuts++
    const before = [...this.#unconfirmed].filter(([each]) => each <= cut - MOST_CUTS).map(([, confirmed]) => confirmed)
    const appended = before.length === 0 ? this.#hand(records) : Promise.all(before).then(() => this.#hand(records))
    this.#unconfirmed.set(
      cut,
      appended.finally(() => this.#unconfirmed.delete(cut))
    )
  }

  /** Never rejects. */
  async #hand(records: readonly NewRecord[]): Promise<void> {
    await this.#log
      .append(topics.packets, records)
      // Once more: a record that arrived after all is recognised by its stamp.
      .catch((error: unknown) =>
        this.#log.append(topics.packets, error instanceof AppendError ? error.records : records)
      )
      .catch((cause: unknown) => this.#onFailure(new Error('the log does not take packets', { cause })))
  }
}
