/** Small text beside a value: kinds, versions, who sent it. */
export type Headers = Readonly<Record<string, string>>

/** A record to append: the appender chose the partition, see `partitionOf`. Its value must not change until `append` is over. */
export type NewRecord = { readonly partition: number; readonly headers?: Headers; readonly value: Buffer }

/** A record of a partition. Whoever is given it owns `value`. */
export type LogRecord = {
  readonly partition: number
  /** Its place in the partition: rises, but not always by one. */
  readonly offset: number
  /** Set on what a stage emitted, absent on what was appended. */
  readonly key: string | undefined
  readonly headers: Headers
  readonly value: Buffer
  /** When it was appended by the log's clock, in epoch milliseconds. */
  readonly appendedMs: number
  /** The group had committed it before this assignment: only to be kept again (`Work.resumeFrom`), never to be counted again. */
  readonly replayed: boolean
}

/** A record that a stage makes. It goes to the partition of its topic that it names, else to `partitionOf(key)`. */
export type Emitted = {
  readonly topic: string
  readonly key: string
  readonly partition?: number
  readonly headers?: Headers
  readonly value: Buffer
}

/** The new value of one key of a stage's state; undefined deletes it. */
export type StateChange = { readonly key: string; readonly value: Buffer | undefined }
export type StateEntry = { readonly key: string; readonly value: Buffer }

/** What to commit for a batch. */
export type Work = {
  readonly emit: readonly Emitted[]
  readonly changed: readonly StateChange[]
  /**
   * The offset of the oldest record that is read, but not yet wholly in the state: after a crash the records from it
   * on are handed out again. It never goes back and is not past the batch. Absent: every record of the batch is done with.
   */
  readonly resumeFrom?: number
}

/** A stage of the pipeline, alone responsible for one partition. Its result must not depend on where batches are cut. */
export interface Stage {
  /** Called once, before any record, with every key that the group has committed for this partition. */
  restore(states: AsyncIterable<StateEntry>): Promise<void>

  /**
   * The records in the order of their offsets, each once; after a restart first those from `resumeFrom` again, as
   * `replayed`. What it returns is committed together with the offset read, or nothing of it is. Reads no clock.
   *
   * A promise is for a stage whose effect is outside of the log; that effect can happen twice.
   *
   * When it throws, the stage is dropped: a new one is restored to what was committed and gets the records again.
   */
  handle(records: readonly LogRecord[]): Work | Promise<Work>

  /** What the last `handle` returned is committed. Not called where that is uncertain: then the stage is dropped. */
  committed?(): void

  /** The partition is not worked here any more, or this stage is replaced by a restored one: it shows nothing from now on. */
  dropped?(): void
}

export type RunOptions = {
  readonly input: string
  /** Who reads: has offsets and state of its own. A new group begins with the oldest record kept. */
  readonly group: string
  readonly stage: (partition: number) => Stage
  /** How much a commit covers at most (default 64 records or 4 MiB), and how long to wait for that much (default 50 ms). */
  readonly batch?: { readonly records?: number; readonly bytes?: number; readonly waitMs?: number }
  /** Pauses before the tries that follow a failure at the same offset; after the last the run fails. Default 100, 1000, 5000. */
  readonly retryDelaysMs?: readonly number[]
  /** Told once, when every retry failed; nothing runs any more then. Default: the error is thrown and ends the process. */
  readonly onFailure?: (error: Error) => void
}

/** Has the shape of the runtime's component. */
export interface Component {
  readonly name: string

  /** Resolves once every stage is restored and takes records. */
  start(): Promise<void>

  /** Works what is already appended, commits it and ends. Safe before `start`, during it and twice. */
  stop(): Promise<void>
}

/** How far a group has come with a partition. */
export type Lag = {
  readonly group: string
  readonly topic: string
  readonly partition: number
  /** Offsets between what is committed and the end of the partition. */
  readonly records: number
  /** Records that were deleted before the group had read them, since the log was made. */
  readonly lost: number
}

/** A partitioned, transactional log: Kafka, or one SQLite file in the embedded mode. */
export interface Log {
  /** The number of partitions of a topic; rejects for a topic that does not exist, or while the log cannot be asked: see `isPassing`. */
  partitions(topic: string): Promise<number>

  /**
   * Resolves when every record is durable; rejects with an AppendError that has those that may not be. These can be
   * appended again: a record that is `stamped` and appended twice reaches a stage once. Keeps the order of calls.
   */
  append(topic: string, records: readonly NewRecord[]): Promise<void>

  /** Runs a stage on each partition assigned to this process, from `start` until `stop`. */
  run(options: RunOptions): Component

  /**
   * The committed records of a partition from an offset, or from the oldest one kept, to the end. With `follow` it
   * waits for more, until that is aborted or the log closed. No part of any group: for consoles, tools and tests.
   */
  read(topic: string, partition: number, from: number, follow?: AbortSignal): AsyncIterable<LogRecord>

  /**
   * The state that a group has committed for a partition, key by key; with `follow` then each change as it is committed,
   * until that is aborted or the log closed. Keys can be told again with the same value, and of changes that follow fast
   * only the last of a key. The state comes in the order of keys or of their last change, changes as `changed` has them:
   * a key behind all others that ends each commit comes last in both. No part of any group.
   */
  states(input: string, group: string, partition: number, follow?: AbortSignal): AsyncIterable<StateChange>

  /** Resolves when a running group has committed all that was appended to the topic before this call. */
  worked(input: string, group: string): Promise<void>

  /** The lag of every group on every partition that it ever read. */
  lag(): Promise<readonly Lag[]>
}

/** The largest value of a record or of a key's state: what a Kafka broker takes by default, less its framing. */
export const maxValueBytes = 1_000_000

/** Whether it makes sense to ask the log again without anybody's doing. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Error && 'passing' in error && error.passing === true

/** As the cause of an AppendError: the log takes a record of this append never, others it may take. */
export class RecordRefused extends RangeError {}

/**
 * Outside failed. `records` may be durable or not. Where the cause is a RangeError, the log does not take them however
 * often they are given.
 */
export class AppendError extends Error {
  readonly records: readonly NewRecord[]

  constructor(topic: string, records: readonly NewRecord[], cause: unknown) {
    super(`${records.length} records were not appended to ${topic}`, { cause })
    this.records = records
  }
}

/** What a run does that fails without an `onFailure`: an error nobody handles ends the process. */
export const endProcess = (error: Error): void => {
  queueMicrotask(() => {
    throw error
  })
}
