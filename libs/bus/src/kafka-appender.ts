import { mapBatches, Outgoing, produce, type Batches } from './kafka-batches.ts'
import { KafkaCluster } from './kafka-cluster.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import { failureOf, KafkaFailure, Refused } from './kafka-errors.ts'
import { encodeBatch, type Compression, type KafkaRecord } from './kafka-records.ts'
import { AppendError, maxValueBytes, RecordRefused, type NewRecord } from './log.ts'

type Append = {
  readonly topic: string
  /** As Kafka calls it. */
  readonly target: string
  readonly records: readonly NewRecord[]
  readonly done: () => void
  readonly failed: (error: AppendError) => void
  readonly timer: NodeJS.Timeout
  /** Partitions that are not acknowledged yet. */
  unsent: Set<number>
  settled: boolean
}

/** What is sent at once; more waits. */
const bytesAtOnce = 8 << 20

/**
 * Appends records outside of transactions, those that wait together in one request for each node, one round at a time:
 * so their order is kept, and what waits while a round is under way makes the next one larger.
 *
 * A partition that is not acknowledged is sent again until the deadline of its append. A send whose answer was lost may
 * so be in the log twice; the stamp of its records tells.
 */
export class KafkaAppender {
  readonly #connection: KafkaConnection
  readonly #compression: Compression
  readonly #timeoutMs: number
  #cluster: KafkaCluster
  #queue: Append[] = []
  #sending: Promise<void> | undefined

  constructor(connection: KafkaConnection, compression: Compression, timeoutMs: number) {
    this.#connection = connection
    this.#compression = compression
    this.#timeoutMs = timeoutMs
    this.#cluster = new KafkaCluster(connection)
  }

  append(topic: string, target: string, records: readonly NewRecord[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const tooLarge = records.find(({ value }) => value.length > maxValueBytes)
      if (tooLarge !== undefined) {
        const cause = new RecordRefused(`a record of ${tooLarge.value.length} bytes`)
        throw new AppendError(topic, records, cause)
      }
      const unsent = new Set(records.map(({ partition }) => partition))
      const timer = setTimeout(() => this.#late(append), this.#timeoutMs)
      const append: Append = { topic, target, records, done: resolve, failed: reject, timer, unsent, settled: false }
      this.#queue.push(append)
      this.#sending ??= this.#sendAll()
    })
  }

  /** Resolves when nothing that was appended before is under way any more. */
  async settled(): Promise<void> {
    await this.#sending
  }

  async close(): Promise<void> {
    await this.settled()
    this.#cluster.close()
  }

  #late(append: Append): void {
    this.#settle(append, new KafkaFailure(`it took longer than ${this.#timeoutMs} ms`, true))
  }

  async #sendAll(): Promise<void> {
    await Promise.resolve() // What is appended in the same turn goes together.
    while (this.#queue.length > 0) await this.#sendSome(this.#take())
    this.#sending = undefined // At once: who appends after the last look at the queue must begin anew.
  }

  #take(): Append[] {
    let bytes = 0
    const count = this.#queue.findIndex(({ records }) => {
      const fits = bytes === 0 || bytes <= bytesAtOnce
      for (const { value } of records) bytes += value.length
      return !fits
    })
    return this.#queue.splice(0, count === -1 ? this.#queue.length : count)
  }

  /** Until all of them are acknowledged or late. */
  async #sendSome(appends: readonly Append[]): Promise<void> {
    let delayMs = 50
    for (;;) {
      const left = appends.filter(({ settled }) => !settled)
      if (left.length === 0) return
      const failure = await this.#try(left)
      if (failure === undefined) continue
      await new Promise(resolve => setTimeout(resolve, delayMs))
      delayMs = Math.min(delayMs * 2, 500)
    }
  }

  /** One try of what is left of them; gives why something has to be tried again. */
  async #try(appends: readonly Append[]): Promise<KafkaFailure | undefined> {
    const outgoing = new Outgoing()
    for (const { target, records, unsent } of appends) {
      for (const record of records)
        if (unsent.has(record.partition)) outgoing.add(target, record.partition, recordOf(record))
    }
    const failures = await this.#send(outgoing)
    for (const append of appends) this.#account(append, failures)
    const [first] = failures.values()
    if (first !== undefined) this.#renew()
    return first
  }

  /** Resolves to why a partition was not acknowledged, by its topic and number. */
  async #send(outgoing: Outgoing): Promise<Map<string, KafkaFailure>> {
    const failures = new Map<string, KafkaFailure>()
    for (const round of outgoing.rounds()) {
      if (failures.size > 0) {
        // What follows in a partition must not overtake.
        for (const key of keysOf(round)) {
          if (!failures.has(key)) failures.set(key, new KafkaFailure('what goes before it was not sent', true))
        }
        continue
      }
      const batches = mapBatches(round, records => encodeBatch(records, this.#compression, Date.now()))
      for (const { topic, partition, error } of await produce(this.#cluster, null, batches)) {
        failures.set(`${topic}/${partition}`, failureOf(error, this.#connection))
      }
    }
    return failures
  }

  #account(append: Append, failures: ReadonlyMap<string, KafkaFailure>): void {
    const failed = [...append.unsent].map(partition => ({
      partition,
      failure: failures.get(`${append.target}/${partition}`)
    }))
    append.unsent = new Set(failed.filter(({ failure }) => failure !== undefined).map(({ partition }) => partition))
    const lasting = failed.find(({ failure }) => failure?.passing === false)?.failure
    if (append.unsent.size === 0) this.#settle(append)
    else if (lasting !== undefined) this.#settle(append, lasting)
  }

  /** New connections: of the old ones it is not known what became of them. */
  #renew(): void {
    this.#cluster.close()
    this.#cluster = new KafkaCluster(this.#connection)
  }

  #settle(append: Append, failure?: KafkaFailure): void {
    if (append.settled) return
    append.settled = true
    clearTimeout(append.timer)
    if (failure === undefined) return append.done()
    const { topic, records, unsent } = append
    const whole = records.every(({ partition }) => unsent.has(partition))
    const left = whole ? records : records.filter(each => unsent.has(each.partition))
    append.failed(new AppendError(topic, left, causeOf(failure)))
  }
}

function causeOf(failure: KafkaFailure): Error {
  if (!(failure instanceof Refused)) return failure
  const { message } = failure
  return failure.isOfRecord
    ? new RecordRefused(message, { cause: failure })
    : new RangeError(message, { cause: failure })
}

const keysOf = (batches: Batches<unknown>): string[] =>
  [...batches].flatMap(([topic, partitions]) => [...partitions.keys()].map(partition => `${topic}/${partition}`))

const recordOf = ({ headers = {}, value }: NewRecord): KafkaRecord => ({ key: undefined, headers, value })
