import { KafkaAppender } from './kafka-appender.ts'
import { changeOf, readChangelog } from './kafka-changelog.ts'
import { KafkaCluster } from './kafka-cluster.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import { kafkaLag } from './kafka-lag.ts'
import { kafkaNames } from './kafka-names.ts'
import type { KafkaObserver } from './kafka-observer.ts'
import { logRecordOf, pagesOf } from './kafka-reader.ts'
import type { Compression } from './kafka-records.ts'
import { KafkaRun } from './kafka-run.ts'
import {
  AppendError,
  type Component,
  type Lag,
  type Log,
  type LogRecord,
  type NewRecord,
  type RunOptions,
  type StateChange
} from './log.ts'

export type KafkaLogOptions = KafkaConnection & {
  /** Before every name in Kafka; default `earshot.`. */
  readonly prefix?: string
  /** Of what is appended and emitted; default `zstd`. */
  readonly compression?: Compression
  /** How long an append tries; default 10 s. */
  readonly appendTimeoutMs?: number
  /** `start` does not ask Kafka: for who can do without it for a while. */
  readonly startsUnasked?: boolean
  /** How long `start` waits for a Kafka that cannot be reached; default 10 s. */
  readonly startTimeoutMs?: number
  /** A process that is silent for so long loses its partitions to the others; default 6 s, the least that Kafka allows. */
  readonly sessionMs?: number
  readonly observer?: KafkaObserver
  /** For tests: called in the middle of each commit of a stage; what it throws cuts the commit off there. */
  readonly inCommit?: () => void
}

/**
 * The log port over Apache Kafka: topics, one consumer group for each run, transactions, and compacted topics for what
 * the stages keep. Topics are made by `checkTopics`, not here.
 */
export class KafkaLog implements Log, Component {
  readonly name = 'log'
  readonly #options: KafkaLogOptions
  readonly #prefix: string
  #open: Open | undefined

  constructor(options: KafkaLogOptions) {
    this.#options = options
    this.#prefix = options.prefix ?? 'earshot.'
  }

  /** Rejects, in a line that says what to do, when Kafka cannot be reached or refuses the login. */
  async start(): Promise<void> {
    if (this.#open !== undefined) return
    const { compression = 'zstd', appendTimeoutMs = 10_000, startTimeoutMs = 10_000, startsUnasked } = this.#options
    const cluster = new KafkaCluster(this.#options)
    try {
      if (!startsUnasked) await cluster.insist(startTimeoutMs, () => cluster.nodes())
    } catch (error) {
      cluster.close()
      throw error
    }
    const appender = new KafkaAppender(this.#options, compression, appendTimeoutMs)
    this.#open = { cluster, appender, runs: new Map(), closing: new AbortController() }
  }

  /** To be called after the runs were stopped. */
  async stop(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return
    open.closing.abort()
    await open.appender.close()
    open.cluster.close()
  }

  partitions(topic: string): Promise<number> {
    return this.#opened().cluster.partitions(`${this.#prefix}${topic}`)
  }

  async append(topic: string, records: readonly NewRecord[]): Promise<void> {
    if (this.#open === undefined) throw new AppendError(topic, records, new Error('the log is not open'))
    await this.#open.appender.append(topic, `${this.#prefix}${topic}`, records)
  }

  /** A run can be made before the log is open, not started. */
  run(options: RunOptions): Component {
    const { compression = 'zstd', startTimeoutMs = 10_000, sessionMs = 6000, observer = {}, inCommit } = this.#options
    const { input, group } = options
    return new KafkaRun({
      connection: this.#options,
      prefix: this.#prefix,
      names: kafkaNames(this.#prefix, input, group),
      options,
      compression,
      observer,
      inCommit: inCommit ?? (() => undefined),
      sessionMs,
      startTimeoutMs,
      appended: async () => this.#open?.appender.settled(),
      register: run => this.#register(JSON.stringify([input, group]), run)
    })
  }

  async *read(topic: string, partition: number, from: number, follow?: AbortSignal): AsyncGenerator<LogRecord> {
    const target = `${this.#prefix}${topic}`
    yield* this.#reading(follow, async function* (cluster, isOver) {
      const until = follow === undefined ? await cluster.offset(target, partition, 'latest') : Infinity
      for await (const { records } of pagesOf(cluster, target, partition, from, until)) {
        for (const record of records) {
          yield logRecordOf(record, partition)
          if (isOver()) return
        }
      }
    })
  }

  async *states(input: string, group: string, partition: number, follow?: AbortSignal): AsyncGenerator<StateChange> {
    const { stateTopic } = kafkaNames(this.#prefix, input, group)
    yield* this.#reading(follow, async function* (cluster, isOver) {
      const until = await cluster.offset(stateTopic, partition, 'latest')
      const { states } = await readChangelog(cluster, stateTopic, partition, until)
      for (const [key, value] of states) {
        yield { key, value }
        if (isOver()) return
      }
      if (follow === undefined) return
      for await (const { records } of pagesOf(cluster, stateTopic, partition, until)) {
        for (const record of records) {
          const change = changeOf(record)
          if (change !== undefined) yield change
          if (isOver()) return
        }
      }
    })
  }

  async worked(input: string, group: string): Promise<void> {
    const run = this.#opened().runs.get(JSON.stringify([input, group]))
    if (run === undefined) throw new Error(`group ${group} does not read ${input} here`)
    await run.worked()
  }

  /** Of groups that were at work within Kafka's `offsets.retention.minutes`. In more than 100 offsets the markers of transactions count, too. */
  lag(): Promise<readonly Lag[]> {
    return kafkaLag(this.#opened().cluster, this.#prefix)
  }

  /** Reads on connections of its own until it is over: read to the end, aborted, or the log closed. */
  async *#reading<Item>(
    follow: AbortSignal | undefined,
    read: (cluster: KafkaCluster, isOver: () => boolean) => AsyncGenerator<Item>
  ): AsyncGenerator<Item> {
    const { closing } = this.#opened()
    const over = follow === undefined ? closing.signal : AbortSignal.any([follow, closing.signal])
    if (over.aborted) return
    const cluster = new KafkaCluster(this.#options)
    const close = () => cluster.close()
    over.addEventListener('abort', close)
    try {
      yield* read(cluster, () => over.aborted)
    } catch (error) {
      if (!over.aborted) throw error
    } finally {
      over.removeEventListener('abort', close)
      cluster.close()
    }
  }

  #register(key: string, run: KafkaRun): () => void {
    const { runs } = this.#opened()
    if (runs.has(key)) throw new Error(`${key} is read already`)
    runs.set(key, run)
    return () => void runs.delete(key)
  }

  #opened(): Open {
    if (this.#open === undefined) throw new Error('the log is not open')
    return this.#open
  }
}

type Open = {
  readonly cluster: KafkaCluster
  readonly appender: KafkaAppender
  readonly runs: Map<string, KafkaRun>
  readonly closing: AbortController
}
