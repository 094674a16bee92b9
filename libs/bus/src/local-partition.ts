import { setTimeout as pause } from 'node:timers/promises'
import type { LogFile, Member, Stream } from './log-file.ts'
import { maxValueBytes, type LogRecord, type RunOptions, type Stage, type StateEntry, type Work } from './log.ts'
import type { OpenLog } from './open-log.ts'
import { Repetitions } from './repetitions.ts'

type Waiter = { readonly until: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }

/** Works one partition of the local log for one group: a stage, restored to what is committed, batch after batch. */
export class LocalPartition {
  readonly #log: OpenLog
  readonly #stream: Stream
  readonly #member: Member
  readonly #options: RunOptions
  readonly #batch: { readonly records: number; readonly bytes: number; readonly waitMs: number }
  #stage: Stage | undefined
  #repetitions = new Repetitions()
  /** The next record to hand out; behind the committed offset while records are replayed. */
  #position = 0
  #stopAt = Infinity
  #waiters: Waiter[] = []
  #timer: NodeJS.Timeout | undefined
  /** The wait for a fuller batch is over. */
  #due = false
  #wake = (): void => undefined
  /** Why it works no more. */
  #over: unknown

  /** The group has joined the stream. */
  constructor(log: OpenLog, stream: Stream, options: RunOptions) {
    this.#log = log
    this.#stream = stream
    this.#member = stream.members.find(({ group }) => group === options.group)!
    this.#options = options
    this.#batch = { records: 64, bytes: 4 << 20, waitMs: 50, ...options.batch }
  }

  async restore(): Promise<void> {
    const stage = this.#options.stage(this.#stream.partition)
    await stage.restore(statesOf(this.#log.file, this.#member))
    this.#repetitions = new Repetitions(this.#member.repetitions)
    this.#position = this.#member.resume
    this.#stage = stage
  }

  /** Resolves when it was stopped; rejects with the last error when the retries are used up. */
  async work(): Promise<void> {
    const forget = this.#log.onChange(this.#stream, () => this.#wake())
    try {
      await this.#workWithRetries()
      this.#over = new Error(`group ${this.#options.group} was stopped`)
    } catch (error) {
      this.#over = error
      throw error
    } finally {
      forget()
      clearTimeout(this.#timer)
      for (const { reject } of this.#waiters) reject(this.#over)
    }
  }

  /** Ends when all is committed that the partition has now. */
  stopAtEnd(): void {
    this.#stopAt = Math.min(this.#stopAt, this.#stream.next)
    this.#wake()
  }

  /** Ends at once. */
  halt(): void {
    this.#stopAt = -Infinity
    this.#wake()
  }

  /** Resolves when all is committed that the partition has now; rejects when it ends before. */
  async worked(): Promise<void> {
    const until = this.#stream.next
    if (this.#member.next >= until) return
    if (this.#over !== undefined) throw this.#over
    await new Promise<void>((resolve, reject) => {
      this.#waiters.push({ until, resolve, reject })
      this.#wake()
    })
  }

  async #workWithRetries(): Promise<void> {
    const delays = this.#options.retryDelaysMs ?? [100, 1000, 5000]
    let reached = this.#member.next
    for (let failures = 0; ;) {
      try {
        if (this.#stage === undefined) await this.restore()
        while (await this.#ready(this.#batch)) await this.#step(this.#stage!)
        return
      } catch (error) {
        this.#stage = undefined
        // Only new ground counts: replayed records succeed before each try.
        if (this.#member.next > reached) failures = 0
        reached = this.#member.next
        const delay = delays[failures++]
        if (delay === undefined) throw error
        await pause(delay)
      }
    }
  }

  /** Resolves with true when there is a batch to work, with false when it is to end. */
  async #ready({ records, waitMs }: { readonly records: number; readonly waitMs: number }): Promise<boolean> {
    for (;;) {
      this.#tellWaiters()
      if (this.#member.next >= this.#stopAt) return false
      this.#position = Math.max(this.#position, this.#stream.first)
      const pending = this.#stream.next - this.#position
      const hurried = this.#due || this.#stopAt < Infinity || this.#waiters.length > 0
      if (pending >= records || (pending > 0 && hurried)) return true
      if (pending > 0) this.#timer ??= setTimeout(() => this.#beDue(), waitMs)
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  #tellWaiters(): void {
    const { next } = this.#member
    for (const { until, resolve } of this.#waiters) if (next >= until) resolve()
    this.#waiters = this.#waiters.filter(({ until }) => next < until)
  }

  #beDue(): void {
    this.#due = true
    this.#wake()
  }

  async #step(stage: Stage): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#due = false
    const member = this.#member
    const read = this.#log.file.read(this.#stream, this.#position, this.#batch)
    const end = read.at(-1)!.offset + 1
    const { emit, changed, resumeFrom: resume = end } = await this.#handle(stage, this.#once(read), end)
    const next = Math.max(member.next, end)
    await this.#log.commit(member, { emit, changed, next, resume, repetitions: this.#repetitions.snapshot(resume) })
    this.#position = end
  }

  /** Without those that were appended before, and marked when they were handed out before this assignment. */
  #once(read: readonly LogRecord[]): LogRecord[] {
    return read
      .map(record => ({ ...record, replayed: record.offset < this.#member.next }))
      .filter(record => !this.#repetitions.isRepeated(record))
  }

  async #handle(stage: Stage, records: readonly LogRecord[], end: number): Promise<Work> {
    const { resume } = this.#member
    if (records.length === 0) return { ...nothing, resumeFrom: resume === this.#position ? end : resume }
    const work = await stage.handle(records)
    this.#check(work, resume, end)
    return work
  }

  #check({ emit, changed, resumeFrom }: Work, resume: number, end: number): void {
    if (resumeFrom !== undefined && !(resumeFrom >= resume && resumeFrom <= end)) {
      throw new RangeError(`resumeFrom is ${resumeFrom}, but the batch allows ${resume} to ${end}`)
    }
    for (const { topic } of emit) this.#log.topic(topic)
    for (const { key, value } of [...emit, ...changed]) {
      if (value !== undefined && value.length > maxValueBytes) {
        throw new RangeError(`the value of key ${key} has ${value.length} bytes`)
      }
    }
  }
}

const nothing: Work = { emit: [], changed: [] }

/** In pages, so that no statement stays open while the stage awaits. */
async function* statesOf(file: LogFile, member: Member): AsyncGenerator<StateEntry> {
  for (let from = ''; ;) {
    const page = file.states(member, from, 1000)
    yield* page
    if (page.length < 1000) return
    from = `${page.at(-1)!.key}\0` // The next key there can be.
  }
}
