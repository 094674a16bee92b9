import { setTimeout as pause } from 'node:timers/promises'
import type { LogFile, Member, Stream } from './log-file.ts'
import type { RunOptions, StateEntry } from './log.ts'
import type { OpenLog } from './open-log.ts'
import { Retries } from './retries.ts'
import { StageWork } from './stage-work.ts'
import { Waiters } from './waiters.ts'

/** Works one partition of the local log for one group: a stage, restored to what is committed, batch after batch. */
export class LocalPartition {
  readonly #log: OpenLog
  readonly #stream: Stream
  readonly #member: Member
  readonly #options: RunOptions
  readonly #batch: { readonly records: number; readonly bytes: number; readonly waitMs: number }
  readonly #waiters = new Waiters()
  #stage: StageWork | undefined
  /** The next record to hand out; behind the committed offset while records are replayed. */
  #position = 0
  #stopAt = Infinity
  #timer: NodeJS.Timeout | undefined
  /** The wait for a fuller batch is over. */
  #due = false
  #wake = (): void => undefined

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
    const { file } = this.#log
    this.#stage = await StageWork.restore(stage, statesOf(file, this.#member), this.#member.repetitions)
    this.#position = this.#member.resume
  }

  /** The stage is not used any more. */
  drop(): void {
    this.#stage?.drop()
    this.#stage = undefined
  }

  /** Resolves when it was stopped; rejects with the last error when the retries are used up. */
  async work(): Promise<void> {
    const forget = this.#log.onChange(this.#stream, () => this.#wake())
    let over: unknown
    try {
      await this.#workWithRetries()
      over = new Error(`group ${this.#options.group} was stopped`)
    } catch (error) {
      over = error
      throw error
    } finally {
      forget()
      clearTimeout(this.#timer)
      this.drop()
      this.#waiters.end(over)
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
    const reached = this.#waiters.until(until)
    this.#wake()
    await reached
  }

  async #workWithRetries(): Promise<void> {
    const retries = new Retries(this.#options.retryDelaysMs, this.#member.next)
    for (;;) {
      try {
        if (this.#stage === undefined) await this.restore()
        while (await this.#ready(this.#batch)) await this.#step(this.#stage!)
        return
      } catch (error) {
        this.drop()
        const delay = retries.delayAfter(this.#member.next)
        if (delay === undefined) throw error
        await pause(delay)
      }
    }
  }

  /** Resolves with true when there is a batch to work, with false when it is to end. */
  async #ready({ records, waitMs }: { readonly records: number; readonly waitMs: number }): Promise<boolean> {
    for (;;) {
      this.#waiters.reached(this.#member.next)
      if (this.#member.next >= this.#stopAt) return false
      this.#position = Math.max(this.#position, this.#stream.first)
      const pending = this.#stream.next - this.#position
      const hurried = this.#due || this.#stopAt < Infinity || this.#waiters.any
      if (pending >= records || (pending > 0 && hurried)) return true
      if (pending > 0) this.#timer ??= setTimeout(() => this.#beDue(), waitMs)
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  #beDue(): void {
    this.#due = true
    this.#wake()
  }

  async #step(stage: StageWork): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#due = false
    const read = this.#log.file.read(this.#stream, this.#position, this.#batch)
    const end = read.at(-1)!.offset + 1
    const commit = await stage.work(read, { position: this.#position, end, committed: this.#member })
    await this.#log.commit(this.#member, commit)
    this.#position = end
    stage.committed()
  }
}

/** In pages, so that no statement stays open while whoever reads awaits. */
export async function* statesOf(file: LogFile, member: Member): AsyncGenerator<StateEntry> {
  for (let from = ''; ;) {
    const page = file.states(member, from, 1000)
    yield* page
    if (page.length < 1000) return
    from = `${page.at(-1)!.key}\0` // The next key there can be.
  }
}
