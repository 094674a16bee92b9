import { EventEmitter, once } from 'node:events'
import type { Emitted, StateChange } from './log.ts'
import { LogFile, type Content, type Member, type Stream } from './log-file.ts'
import { partitionOf } from './partition.ts'
import { retain, type Retention } from './retention.ts'
import type { Commit } from './stage-work.ts'

/** A group at work; resolves when it has committed what was appended before. */
export type Running = { worked(): Promise<void> }

type Write = { readonly changes: () => void; readonly done: () => void; readonly failed: (error: unknown) => void }

/**
 * The local log while it is open: writes to its file in groups, and tells who waits for a stream.
 *
 * All that is written in one turn of the event loop, appends and commits of every topic, is one transaction at its end.
 */
export class OpenLog {
  readonly file: LogFile
  readonly running = new Map<string, Running>()
  readonly #retention: Retention
  readonly #now: () => number
  readonly #inCommit: () => void
  /** Emits a stream's id, as text, when records were added to it or deleted. */
  readonly #changed = new EventEmitter().setMaxListeners(0)
  /** Emits under `statesKey` the changes of a state that were committed. */
  readonly #states = new EventEmitter().setMaxListeners(0)
  #changing = new Set<Stream>()
  readonly #closing = new AbortController()
  #writes: Write[] = []

  constructor(file: LogFile, retention: Retention, now: () => number, inCommit: () => void) {
    this.file = file
    this.#retention = retention
    this.#now = now
    this.#inCommit = inCommit
  }

  /** Aborts when the log closes. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** The partitions of a topic; throws for one that does not exist. */
  topic(name: string): readonly Stream[] {
    const streams = this.file.topic(name)
    if (streams === undefined) throw new RangeError(`the log has no topic ${name}`)
    return streams
  }

  /** Throws for a topic or a partition that does not exist. */
  stream(topic: string, partition: number): Stream {
    const streams = this.topic(topic)
    const stream = streams[partition]
    if (stream !== undefined) return stream
    throw new RangeError(`topic ${topic} has ${streams.length} partitions, none is ${partition}`)
  }

  append(records: readonly (Content & { readonly stream: Stream })[]): Promise<void> {
    return this.write(() => {
      for (const record of records) this.#add(record.stream, record)
    })
  }

  async commit(member: Member, { emit, changed, ...progress }: Commit): Promise<void> {
    const emitted = emit.map(record => ({ stream: this.#streamOf(record), ...contentOf(record) }))
    await this.write(() => {
      for (const { stream, ...content } of emitted) this.#add(stream, content)
      this.#inCommit()
      for (const change of changed) this.file.change(member, change)
      this.file.advance(member, progress)
    })
    this.#states.emit(statesKey(member.stream, member.group), changed)
  }

  /** Resolves when the changes are committed, in the order of calls; when one of a turn fails, all of them do. */
  write(changes: () => void): Promise<void> {
    return new Promise((done, failed) => {
      if (this.closing.aborted) throw new Error('the log is closed')
      if (this.#writes.push({ changes, done, failed }) === 1) setImmediate(() => this.#flush())
    })
  }

  /** Resolves when all is committed whose writing was asked for before. */
  written(): Promise<void> {
    return this.#writes.length === 0 ? Promise.resolve() : this.write(() => undefined)
  }

  onChange(stream: Stream, listener: () => void): () => void {
    this.#changed.on(String(stream.id), listener)
    return () => this.#changed.off(String(stream.id), listener)
  }

  /** Tells each change of a group's state for a stream as it is committed. */
  onStates(stream: Stream, group: string, listener: (changed: readonly StateChange[]) => void): () => void {
    this.#states.on(statesKey(stream, group), listener)
    return () => this.#states.off(statesKey(stream, group), listener)
  }

  /** Resolves at the stream's next change, or when the signal aborts. */
  async change(stream: Stream, signal: AbortSignal): Promise<void> {
    await once(this.#changed, String(stream.id), { signal }).catch(error => {
      if (!signal.aborted) throw error
    })
  }

  async close(): Promise<void> {
    await this.written()
    this.#closing.abort()
    this.file.close()
  }

  #streamOf({ topic, key, partition }: Emitted): Stream {
    return this.stream(topic, partition ?? partitionOf(key, this.topic(topic).length))
  }

  #add(stream: Stream, content: Content): void {
    this.file.append(stream, content, this.#now())
    this.#changing.add(stream)
  }

  #flush(): void {
    const writes = this.#writes
    this.#writes = []
    this.#changing = new Set()
    try {
      this.file.transaction(() => {
        for (const { changes } of writes) changes()
        for (const stream of retain(this.file, this.#retention, this.#now())) this.#changing.add(stream)
      })
    } catch (error) {
      for (const { failed } of writes) failed(error)
      return
    }
    for (const { done } of writes) done()
    for (const { id } of this.#changing) this.#changed.emit(String(id))
  }
}

const statesKey = ({ id }: Stream, group: string): string => `${id} ${group}`

const contentOf = ({ key, headers = {}, value }: Emitted): Content => ({ key, headers, value })
