import { setTimeout as pause } from 'node:timers/promises'
import { AppendError, RecordRefused, type Component, type Log, type LogRecord, type NewRecord } from '@earshot/bus'
import { repartitioned } from './frame-partition.ts'

/** The topic of the local log, with one partition. */
export const spoolTopic = 'spool'
const GROUP = 'drain'

/** The log is away when it has confirmed nothing for so long. */
const PATIENCE_MS = 1000
/** Between two tries to append what is spooled. */
const RETRY_MS = 1000
/** How long a stop lets a log that answers take what is left. */
const GRACE_MS = 3000
const BATCH = { records: 256, bytes: 4 << 20, waitMs: 20 }

/** What a record takes on disk beyond its bytes, and below which size it can take twice of them (measured). */
const OVERHEAD_BYTES = 300
const LARGE_BYTES = 16 << 10

/** What was handed to the log and is not confirmed. */
type Cut = PromiseWithResolvers<void> & { readonly topic: string; readonly records: readonly NewRecord[] }

type Parts = {
  /** The log that may be away. */
  readonly log: Pick<Log, 'partitions' | 'append'> & { countOf(topic: string): number }
  /** Where records wait for it: with the topic `spoolTopic`, and a retention that keeps what no group has read. */
  readonly local: Log & Component
  /** How much waits at most; a few cuts more at the moment when that is reached. */
  readonly bytes: number
  /** Told of each record that the log does not take at all, which is dropped. */
  readonly onRefused: (record: NewRecord, error: Error) => void
  /** Told when waiting mends nothing any more. */
  readonly onFailure: (error: Error) => void
  readonly patienceMs?: number
  readonly retryMs?: number
}

/**
 * Stands between an appender and a log that can be away: what that does not take waits in a file on this machine, in
 * its order, and is appended when it takes again. An appender sees a log that is never away.
 *
 * As soon as one record waits, all do that come later, ticks too: a time told by a tick must not be in the log before
 * what was captured until then. Records keep their stamps; what the log had taken without saying so is recognised.
 * Once so much waits that no more may, an append is confirmed only when there is room again: the appender is full.
 *
 * A record that the log never takes, because it is too large say, is dropped when its turn comes, and nothing behind it.
 *
 * Outlives the process: what waited when it ended is appended first by the next one.
 */
export class Spool implements Component, Pick<Log, 'partitions' | 'append'> {
  readonly name = 'spool'
  readonly #parts: Parts
  readonly #drain: Component
  readonly #unconfirmed = new Set<Cut>()
  readonly #stopping = new AbortController()
  #patience: NodeJS.Timeout | undefined
  /** Everything goes behind what waits. */
  #spooling = false
  /** Nothing of what waits could be appended lately. */
  #away = false
  #records = 0
  #bytes = 0
  /** Those who wait for room. */
  #waiting: (() => void)[] = []
  #released = false
  #onEmpty = (): void => undefined
  #stopped: Promise<void> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#drain = parts.local.run({
      input: spoolTopic,
      group: GROUP,
      stage: () => ({ restore: async () => undefined, handle: records => this.#work(records) }),
      batch: BATCH,
      retryDelaysMs: [],
      onFailure: error => {
        if (!this.#stopping.signal.aborted) parts.onFailure(error)
      }
    })
  }

  async start(): Promise<void> {
    await this.#parts.local.start()
    await this.#recount()
    this.#spooling = this.#away = this.#records > 0
    await this.#drain.start()
  }

  /** What waits is kept for the next start, unless the log takes it at once. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  /** From now on nobody is made to wait for room. To be called before an appender is stopped. */
  release(): void {
    this.#released = true
    this.#goOn()
  }

  get isSpooling(): boolean {
    return this.#spooling
  }

  /** Nothing could be appended lately. */
  get isAway(): boolean {
    return this.#away
  }

  get isFull(): boolean {
    return this.#bytes > this.#parts.bytes
  }

  get records(): number {
    return this.#records
  }

  /** About what the records that wait take on disk. The file does not shrink, it is used again. */
  get bytes(): number {
    return this.#bytes
  }

  partitions(topic: string): Promise<number> {
    return this.#parts.log.partitions(topic)
  }

  append(topic: string, records: readonly NewRecord[]): Promise<void> {
    if (this.#spooling) return this.#keep(topic, records)
    const cut: Cut = { ...Promise.withResolvers<void>(), topic, records }
    this.#unconfirmed.add(cut)
    this.#patience ??= this.#wait()
    this.#parts.log.append(topic, records).then(
      () => this.#confirmed(cut),
      (error: unknown) => this.#refused(cut, error)
    )
    return cut.promise
  }

  async #stop(): Promise<void> {
    this.release()
    if (this.#records > 0 && !this.#away) await this.#emptyWithin(GRACE_MS)
    this.#stopping.abort(new Error('the spool was stopped'))
    clearTimeout(this.#patience)
    await this.#drain.stop()
    await this.#parts.local.stop()
  }

  #wait(): NodeJS.Timeout {
    return setTimeout(() => this.#begin(), this.#parts.patienceMs ?? PATIENCE_MS)
  }

  #confirmed(cut: Cut): void {
    if (!this.#unconfirmed.delete(cut)) return
    clearTimeout(this.#patience)
    this.#patience = this.#unconfirmed.size > 0 ? this.#wait() : undefined
    cut.resolve()
  }

  #refused(cut: Cut, error: unknown): void {
    if (!this.#unconfirmed.has(cut)) return
    if (!isLasting(error)) return this.#begin()
    this.#unconfirmed.delete(cut)
    cut.reject(error)
  }

  /** All that is not confirmed goes first, in its order. */
  #begin(): void {
    clearTimeout(this.#patience)
    this.#patience = undefined
    this.#spooling = this.#away = true
    const cuts = [...this.#unconfirmed]
    this.#unconfirmed.clear()
    for (const { topic, records, resolve, reject } of cuts) void this.#keep(topic, records).then(resolve, reject)
  }

  async #keep(topic: string, records: readonly NewRecord[]): Promise<void> {
    const count = this.#parts.log.countOf(topic)
    const kept = records.map(record => wrapped(topic, count, record))
    this.#add(kept, 1)
    try {
      await this.#parts.local.append(spoolTopic, kept)
    } catch (error) {
      this.#add(kept, -1)
      throw new AppendError(topic, records, error)
    }
    if (this.isFull && !this.#released) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  #goOn(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting = []
  }

  /** Appends what waits: returns, and so commits, when the log has it. */
  async #work(records: readonly LogRecord[]): Promise<{ emit: []; changed: [] }> {
    for (const [topic, waiting] of byTopic(records.map(unwrapped))) {
      const { log } = this.#parts
      await this.#appendAll(
        topic,
        waiting.flatMap(({ record, of }) => repartitioned(record, of ?? log.countOf(topic), log.countOf(topic)))
      )
    }
    this.#add(records, -1)
    return { emit: [], changed: [] }
  }

  async #appendAll(topic: string, records: readonly NewRecord[]): Promise<void> {
    const { signal } = this.#stopping
    const stopped = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    )
    for (let left = records; left.length > 0;) {
      signal.throwIfAborted()
      try {
        await Promise.race([this.#parts.log.append(topic, left), stopped])
        this.#away = false
        return
      } catch (error) {
        if (signal.aborted || isLasting(error)) throw error
        left = (error as AppendError).records
        this.#away = !isOfRecord(error)
        if (isOfRecord(error)) return this.#appendEach(topic, left, error)
      }
      await pause(this.#parts.retryMs ?? RETRY_MS, undefined, { signal })
    }
  }

  /** One by one, without those that the log does not take. */
  async #appendEach(topic: string, records: readonly NewRecord[], error: AppendError): Promise<void> {
    if (records.length === 1) return this.#parts.onRefused(records[0]!, error.cause as Error)
    for (const record of records) await this.#appendAll(topic, [record])
  }

  #add(records: readonly Pick<NewRecord, 'headers' | 'value'>[], sign: 1 | -1): void {
    this.#records += sign * records.length
    for (const record of records) this.#bytes += sign * weightOf(record)
    if (sign === 1) return
    if (!this.isFull) this.#goOn()
    if (this.#records > 0) return
    this.#spooling = false
    this.#onEmpty()
  }

  async #emptyWithin(ms: number): Promise<void> {
    const enough = new AbortController()
    const empty = new Promise<void>(resolve => (this.#onEmpty = resolve))
    await Promise.race([empty, pause(ms, undefined, { signal: enough.signal }).catch(() => undefined)])
    enough.abort()
  }

  async #recount(): Promise<void> {
    const { local } = this.#parts
    const weights: number[] = []
    for await (const record of local.read(spoolTopic, 0, 0)) weights.push(weightOf(record))
    const lag = (await local.lag()).find(({ group }) => group === GROUP)
    // Those that were appended already are deleted a little later, and stand first.
    const waiting = weights.slice(weights.length - (lag?.records ?? 0))
    this.#records = waiting.length
    this.#bytes = waiting.reduce((sum, weight) => sum + weight, 0)
  }
}

/** The stamp would make all partitions of a cut but the first a repetition in the one partition here, so it is put away. */
const wrapped = (topic: string, of: number, { partition, headers, value }: NewRecord): NewRecord => ({
  partition: 0,
  headers: { spooled: JSON.stringify([topic, partition, headers, of] satisfies Spooled) },
  value
})

/** `of`: how many partitions the topic had; unknown of what version 0.1.0 wrote. */
type Spooled = readonly [topic: string, partition: number, headers?: NewRecord['headers'] | null, of?: number]

type Waiting = { readonly topic: string; readonly record: NewRecord; readonly of: number | undefined }

function unwrapped({ headers, value }: LogRecord): Waiting {
  const [topic, partition, original, of] = JSON.parse(headers.spooled!) as Spooled
  return { topic, record: { partition, ...(original && { headers: original }), value }, of }
}

function byTopic(all: readonly Waiting[]): Map<string, Waiting[]> {
  const topics = new Map<string, Waiting[]>()
  for (const each of all) {
    const waiting = topics.get(each.topic)
    if (waiting) waiting.push(each)
    else topics.set(each.topic, [each])
  }
  return topics
}

function weightOf({ headers = {}, value }: Pick<NewRecord, 'headers' | 'value'>): number {
  const bytes = value.length + (headers.spooled?.length ?? 0) + OVERHEAD_BYTES
  return value.length < LARGE_BYTES ? 2 * bytes : bytes + LARGE_BYTES / 2
}

/** Waiting mends nothing, for any record: a topic or a partition that does not exist (a RangeError, in every log). */
const isLasting = (error: unknown): boolean =>
  !(error instanceof AppendError) || (error.cause instanceof RangeError && !isOfRecord(error))

const isOfRecord = (error: unknown): error is AppendError =>
  error instanceof AppendError && error.cause instanceof RecordRefused
