import { setTimeout as pause } from 'node:timers/promises'
import { Outgoing } from './kafka-batches.ts'
import {
  changeRecord,
  entriesOf,
  progressRecord,
  readChangelog,
  type Kept,
  type KeptProgress
} from './kafka-changelog.ts'
import { KafkaCluster } from './kafka-cluster.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import { Fenced, KafkaFailure } from './kafka-errors.ts'
import { KafkaInput, type Batch, type BatchBounds } from './kafka-input.ts'
import { groupOffset } from './kafka-lag.ts'
import { transactionalIdOf, type KafkaNames } from './kafka-names.ts'
import type { KafkaObserver } from './kafka-observer.ts'
import { logRecordOf } from './kafka-reader.ts'
import type { Compression } from './kafka-records.ts'
import { KafkaTransactions } from './kafka-transactions.ts'
import type { RunOptions } from './log.ts'
import { partitionOf } from './partition.ts'
import { Retries } from './retries.ts'
import { StageWork, type Commit } from './stage-work.ts'
import { Waiters } from './waiters.ts'

/** What the partitions of a run have in common. */
export type PartitionParts = {
  readonly connection: KafkaConnection
  readonly prefix: string
  readonly names: KafkaNames
  readonly options: RunOptions
  readonly compression: Compression
  readonly observer: KafkaObserver
  readonly inCommit: () => void
  /** Resolves when the group has confirmed this process as a member since, or has let it go. */
  readonly confirmed: () => Promise<void>
}

/** All that goes when a partition is dropped, or taken over anew. */
type Holding = {
  readonly cluster: KafkaCluster
  readonly transactions: KafkaTransactions
  readonly input: KafkaInput
  readonly stage: StageWork
}

/**
 * Works one partition for one group, from the moment that the group gives it to this process.
 *
 * The order is what makes it safe: first the transactions of whoever had it are ended and fenced; then the changelog is
 * read to its end; state and offset come from there, where they were committed together, and from nowhere else. Whatever
 * fails, all of it is dropped and begun anew; what a failed commit came to, the changelog tells.
 */
export class KafkaPartition {
  readonly partition: number
  /** Resolves at the first batch that could be worked; rejects when it ends before. */
  readonly restored: Promise<void>
  readonly #parts: PartitionParts
  readonly #bounds: BatchBounds
  readonly #waiters = new Waiters()
  #holding: Holding | undefined
  #progress: KeptProgress = { next: 0, resume: 0, repetitions: undefined, lost: 0 }
  /** The next record to hand out; behind the committed offset while records are replayed. */
  #position = 0
  /** When the group's offset was committed last, and whether it is behind the progress. */
  #toldAt = -Infinity
  #untold = false
  #stopAt = Infinity
  readonly #halting = new AbortController()
  /** Resolves when it is to be stopped or halted. */
  readonly #ending = Promise.withResolvers<void>()
  #wake = (): void => undefined
  #isRestored = (): void => undefined
  #cannotBeRestored = (_: unknown): void => undefined

  constructor(parts: PartitionParts, partition: number) {
    this.#parts = parts
    this.partition = partition
    this.#bounds = { records: 4096, bytes: 4 << 20, waitMs: 250, ...parts.options.batch }
    this.restored = new Promise((resolve, reject) => {
      this.#isRestored = resolve
      this.#cannotBeRestored = reject
    })
    this.restored.catch(() => undefined) // Told to whoever starts the run.
  }

  /** Resolves when it was stopped; rejects with the last error when the retries are used up. */
  async work(): Promise<void> {
    let over: unknown = new Error(
      `group ${this.#parts.options.group} does not work partition ${this.partition} any more`
    )
    try {
      await this.#workWithRetries()
    } catch (error) {
      over = error
      throw error
    } finally {
      this.#drop()
      this.#cannotBeRestored(over)
      this.#waiters.end(this.#halting.signal.reason instanceof Error ? this.#halting.signal.reason : over)
    }
  }

  /** Ends when all before this offset is committed. */
  stopAt(offset: number): void {
    this.#stopAt = Math.min(this.#stopAt, offset)
    this.#ending.resolve()
    this.#wake()
  }

  /** Ends at once; what is being committed may be committed or not. `reason` is told to those who wait for it. */
  halt(reason?: Error): void {
    this.#halting.abort(reason)
    this.#ending.resolve()
    this.#holding?.cluster.close()
    this.#wake()
  }

  /** Resolves when all before this offset is committed, and readers see it. */
  async worked(until: number): Promise<void> {
    const reached = this.#waiters.until(until)
    this.#wake()
    await reached
  }

  async #workWithRetries(): Promise<void> {
    let retries: Retries | undefined
    for (let outageMs = 100; !this.#halting.signal.aborted;) {
      try {
        const holding = (this.#holding ??= await this.#take())
        retries ??= new Retries(this.#parts.options.retryDelaysMs, this.#progress.next)
        this.#isRestored()
        for (let batch; (batch = await this.#nextBatch(holding)) !== undefined;) {
          await this.#step(holding, batch)
          outageMs = 100 // Not before: a Kafka that can only be read would hand out the whole changelog each time.
        }
        await this.#settle(holding)
        return
      } catch (error) {
        this.#drop()
        if (this.#halting.signal.aborted) return
        retries ??= new Retries(this.#parts.options.retryDelaysMs, this.#progress.next)
        const isOutside = error instanceof KafkaFailure && error.passing
        this.#tell(error)
        if (this.#stopAt < Infinity) {
          if (error instanceof Fenced) return
          if (isOutside) throw error // Whoever stops does not wait for Kafka to come back.
        }
        const delayMs = isOutside ? outageMs : retries.delayAfter(this.#progress.next)
        if (delayMs === undefined) throw error
        outageMs = Math.min(outageMs * 2, 5000)
        if (error instanceof Fenced) {
          await Promise.race([this.#parts.confirmed(), this.#ending.promise])
          if (this.#stopAt < Infinity) return
        } else await pause(delayMs, undefined, { signal: this.#halting.signal }).catch(() => undefined)
      }
    }
  }

  #tell(error: unknown): void {
    const { observer, options } = this.#parts
    const at = { input: options.input, group: options.group, partition: this.partition }
    if (error instanceof Fenced) observer.fenced?.(at)
    else observer.failed?.({ ...at, error: error as Error })
  }

  #drop(): void {
    this.#holding?.cluster.close()
    this.#holding?.stage.drop()
    this.#holding = undefined
  }

  /** Takes the partition over: fences, restores. */
  async #take(): Promise<Holding> {
    const { connection, names, compression, options } = this.#parts
    const cluster = new KafkaCluster(connection)
    const close = () => cluster.close()
    this.#halting.signal.addEventListener('abort', close)
    try {
      const transactions = new KafkaTransactions(cluster, transactionalIdOf(names, this.partition), compression)
      await transactions.begin()
      const { progress, states } = await this.#readChangelog(cluster)
      const earliest = await cluster.offset(names.topic, this.partition, 'earliest')
      this.#progress = progress ?? { next: earliest, resume: earliest, repetitions: undefined, lost: 0 }
      this.#position = this.#progress.resume
      const made = options.stage(this.partition)
      const stage = await StageWork.restore(made, entriesOf(states), this.#progress.repetitions)
      const input = new KafkaInput(cluster, names.topic, this.partition, this.#bounds, this.#position)
      return { cluster, transactions, input, stage }
    } catch (error) {
      cluster.close()
      throw error
    } finally {
      this.#halting.signal.removeEventListener('abort', close)
    }
  }

  async #readChangelog(cluster: KafkaCluster): Promise<Kept> {
    const { names, observer, options } = this.#parts
    const at = { input: options.input, group: options.group, partition: this.partition }
    const started = performance.now()
    const of = await cluster.offset(names.stateTopic, this.partition, 'latest')
    let read = 0
    let told = started
    const kept = await readChangelog(cluster, names.stateTopic, this.partition, of, records => {
      read = records
      if (performance.now() - told < 1000) return
      told = performance.now()
      observer.restoring?.({ ...at, records, of })
    })
    await this.#compareWithGroup(cluster, kept)
    observer.restored?.({ ...at, keys: kept.states.size, records: read, seconds: (performance.now() - started) / 1e3 })
    return kept
  }

  /** The group's own offset is committed with the changelog, so it is never ahead of that; it would be if that was lost. */
  async #compareWithGroup(cluster: KafkaCluster, { progress }: Kept): Promise<void> {
    const { groupId, topic, stateTopic } = this.#parts.names
    const { partition } = this
    const offset = await groupOffset(cluster, groupId, topic, partition)
    if (offset <= (progress?.next ?? 0)) return
    const kept = progress === undefined ? 'nothing' : `offset ${progress.next}`
    throw new KafkaFailure(
      `${stateTopic} knows of ${kept} in partition ${partition}, but the group ${groupId} has committed ${offset}; restore the topic, or delete the group's offsets to begin anew`,
      false
    )
  }

  /** Resolves to undefined when it is to end. */
  async #nextBatch(holding: Holding): Promise<Batch | undefined> {
    const { input } = holding
    for (;;) {
      if (this.#halting.signal.aborted) throw new Error('halted')
      // Before what comes next is looked at: where records never cease there would be no end.
      const worked = Math.max(this.#progress.next, this.#position)
      if (worked >= this.#stopAt) return undefined
      if (this.#waiters.anyUntil(worked)) {
        await this.#settle(holding)
        this.#waiters.reached(worked)
      }
      const batch = input.take()
      this.#countSkipped(input)
      if (batch !== undefined && batch.records.length > 0) {
        void input.ask(this.#isHurried).catch(() => undefined)
        return batch
      }
      if (batch !== undefined) {
        this.#position = Math.max(this.#position, batch.end)
        continue
      }
      if (this.#untold && this.#isTimeToTell) await this.#commit(holding, new Outgoing(), this.#progress)
      const woken = new Promise<void>(resolve => (this.#wake = resolve))
      await Promise.race([input.ask(this.#isHurried), woken])
    }
  }

  get #isHurried(): boolean {
    return this.#stopAt < Infinity || this.#waiters.any
  }

  #countSkipped(input: KafkaInput): void {
    if (input.skipped === 0) return
    const lost = Math.max(0, this.#position + input.skipped - Math.max(this.#position, this.#progress.next))
    this.#progress = { ...this.#progress, lost: this.#progress.lost + lost }
    this.#position += input.skipped
    input.skipped = 0
  }

  async #step(holding: Holding, { records, end }: Batch): Promise<void> {
    const read = records.map(record => logRecordOf(record, this.partition))
    const commit = await holding.stage.work(read, { position: this.#position, end, committed: this.#progress })
    const { next, resume, repetitions } = commit
    const outgoing = await this.#outgoing(holding.cluster, commit)
    await this.#commit(holding, outgoing, { next, resume, repetitions, lost: this.#progress.lost })
    this.#position = end
    holding.stage.committed()
  }

  /** The group's offset goes with it once a second, and when somebody waits: it costs two requests and is for displays. */
  async #commit({ transactions }: Holding, outgoing: Outgoing, progress: KeptProgress): Promise<void> {
    const { names, inCommit } = this.#parts
    const { groupId, topic, stateTopic } = names
    outgoing.add(stateTopic, this.partition, progressRecord(progress))
    const tells = this.#isTimeToTell
    const offset = { groupId, topic, partition: this.partition, offset: progress.next, metadata: String(progress.lost) }
    await transactions.commit(outgoing, tells ? offset : undefined, inCommit)
    this.#progress = progress
    this.#untold = !tells
    if (tells) this.#toldAt = performance.now()
  }

  #settle({ transactions }: Holding): Promise<void> {
    return transactions.settle(this.#parts.names.stateTopic, this.partition)
  }

  get #isTimeToTell(): boolean {
    return this.#isHurried || performance.now() - this.#toldAt >= 1000
  }

  async #outgoing(cluster: KafkaCluster, { emit, changed }: Commit): Promise<Outgoing> {
    const { prefix, names } = this.#parts
    const outgoing = new Outgoing()
    for (const { topic, key, partition, headers = {}, value } of emit) {
      const target = `${prefix}${topic}`
      const partitions = await cluster.partitions(target)
      const to = partition ?? partitionOf(key, partitions)
      if (to >= partitions) throw new KafkaFailure(`topic ${target} has ${partitions} partitions, none is ${to}`, false)
      outgoing.add(target, to, { key, headers, value })
    }
    for (const change of changed) outgoing.add(names.stateTopic, this.partition, changeRecord(change))
    return outgoing
  }
}
