import type { Emitted, LogRecord, NewRecord, Stage, StateEntry, Work } from '@earshot/bus'

/** One partition of a log, and what one group has committed of it: its offsets, its state and what it emitted. */
export class TestPartition {
  readonly emitted: Emitted[] = []
  readonly #records: readonly NewRecord[]
  readonly #state = new Map<string, Buffer>()
  readonly #makeStage: () => Stage
  #stage: Stage | undefined
  #next = 0
  #resume = 0
  #position = 0

  constructor(records: readonly NewRecord[], makeStage: () => Stage) {
    this.#records = records
    this.#makeStage = makeStage
  }

  get isDone(): boolean {
    return this.#next >= this.#records.length
  }

  /** The oldest record that would be read again after a crash. */
  get resume(): number {
    return this.#resume
  }

  get state(): ReadonlyMap<string, Buffer> {
    return this.#state
  }

  /** Works a batch of so many records; it is committed, unless the crash comes before. */
  async work(count: number, crash: 'before commit' | 'after commit' | 'none' = 'none'): Promise<void> {
    this.#stage ??= await this.#restored()
    const end = Math.min(this.#position + count, this.#records.length)
    const batch = this.#records
      .slice(this.#position, end)
      .map((record, index) => this.#read(record, this.#position + index))
    this.#position = end
    const work = await this.#stage.handle(batch)
    if (crash !== 'before commit') this.#commit(work)
    if (crash !== 'none') this.#stage = undefined
  }

  #read({ partition, headers = {}, value }: NewRecord, offset: number): LogRecord {
    // As it is in time: a tick is appended when its time has come.
    const appendedMs = Number(headers.newest ?? 0) / 1e3
    return { partition, offset, key: undefined, headers, value, appendedMs, replayed: offset < this.#next }
  }

  #commit({ emit, changed, resumeFrom = this.#position }: Work): void {
    if (!(resumeFrom >= this.#resume && resumeFrom <= this.#position)) throw new RangeError(`resumeFrom ${resumeFrom}`)
    this.emitted.push(...emit)
    for (const { key, value } of changed) {
      if (value) this.#state.set(key, value)
      else this.#state.delete(key)
    }
    this.#next = Math.max(this.#next, this.#position)
    this.#resume = resumeFrom
  }

  async #restored(): Promise<Stage> {
    const stage = this.#makeStage()
    await stage.restore(this.#entries())
    this.#position = this.#resume
    return stage
  }

  async *#entries(): AsyncGenerator<StateEntry> {
    for (const [key, value] of this.#state) yield { key, value }
  }
}
