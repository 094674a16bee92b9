import { LogFile, type Stream } from './log-file.ts'
import {
  AppendError,
  maxValueBytes,
  RecordRefused,
  type Component,
  type Lag,
  type Log,
  type LogRecord,
  type NewRecord,
  type RunOptions,
  type StateChange
} from './log.ts'
import { LocalRun, runKey } from './local-run.ts'
import { statesIn } from './local-states.ts'
import { OpenLog } from './open-log.ts'
import type { Retention } from './retention.ts'

export type LocalLogOptions = {
  /** The SQLite file; its directory is made. Absent: memory, gone with `stop`. */
  readonly path?: string
  /** Topics and their number of partitions, which cannot change later. */
  readonly topics: Readonly<Record<string, number>>
  /** Default 24 h or 10 GiB. */
  readonly retention?: Partial<Retention>
  /** Epoch milliseconds, for the age of records only. */
  readonly now?: () => number
  /** For tests: called in the middle of each commit of a stage; what it throws cuts the commit off there. */
  readonly inCommit?: () => void
}

/**
 * The log port over one SQLite file that this process holds alone, or in memory.
 *
 * The file does not shrink when records are deleted; new ones take their place.
 */
export class LocalLog implements Log, Component {
  readonly name = 'log'
  readonly #options: LocalLogOptions
  #open: OpenLog | undefined

  constructor(options: LocalLogOptions) {
    this.#options = options
  }

  /** Rejects when another process holds the file, when its format is a later one, or its topics have other partitions. */
  async start(): Promise<void> {
    const { path, topics, retention, now = Date.now, inCommit = () => undefined } = this.#options
    const kept = { ageMs: 24 * 3600e3, bytes: 10 * 2 ** 30, ...retention }
    this.#open ??= new OpenLog(new LogFile(path, topics), kept, now, inCommit)
  }

  /** To be called after the runs were stopped. */
  async stop(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await open?.close()
  }

  async partitions(topic: string): Promise<number> {
    return this.#opened().topic(topic).length
  }

  async append(topic: string, records: readonly NewRecord[]): Promise<void> {
    try {
      const open = this.#opened()
      await open.append(
        records.map(({ partition, headers = {}, value }) => {
          if (value.length > maxValueBytes) throw new RecordRefused(`a record of ${value.length} bytes`)
          return { stream: open.stream(topic, partition), key: undefined, headers, value }
        })
      )
    } catch (error) {
      throw new AppendError(topic, records, error)
    }
  }

  run(options: RunOptions): Component {
    return new LocalRun(() => this.#opened(), options)
  }

  async *read(topic: string, partition: number, from: number, follow?: AbortSignal): AsyncGenerator<LogRecord> {
    const open = this.#opened()
    const stream = open.stream(topic, partition)
    const ending = follow && AbortSignal.any([follow, open.closing])
    for (let next = from; !open.closing.aborted && ending?.aborted !== true;) {
      const records = open.file.read(stream, next, { records: 64, bytes: 4 << 20 })
      if (records.length > 0) {
        next = records.at(-1)!.offset + 1
        yield* records
      } else if (ending === undefined) return
      else await open.change(stream, ending)
    }
  }

  async *states(input: string, group: string, partition: number, follow?: AbortSignal): AsyncGenerator<StateChange> {
    const open = this.#opened()
    yield* statesIn(open, open.stream(input, partition), group, follow)
  }

  async worked(input: string, group: string): Promise<void> {
    const run = this.#opened().running.get(runKey(input, group))
    if (run === undefined) throw new Error(`group ${group} does not read ${input} here`)
    await run.worked()
  }

  async lag(): Promise<readonly Lag[]> {
    return this.#opened().file.streams.flatMap(lagsOf)
  }

  #opened(): OpenLog {
    if (this.#open === undefined) throw new Error('the log is not open')
    return this.#open
  }
}

const lagsOf = ({ topic, partition, next, members }: Stream): Lag[] =>
  members.map(member => ({
    group: member.group,
    topic,
    partition,
    records: next - member.next,
    lost: member.lost
  }))
