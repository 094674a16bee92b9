import type { LogRecord, Stage, StateChange, StateEntry, Work } from '@earshot/bus'
import { LegJoin, type LegsRecord, type Limits } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'
import { joinedRecord, readEnded, type EndedRecord } from '../legs-records.ts'

type Source = { readonly watermark: EpochMicros; readonly stands: boolean }

type Clock = {
  readonly format: 1
  readonly at: EpochMicros | null
  readonly sources: readonly (readonly [source: number, watermark: EpochMicros, stands: boolean])[]
}

/**
 * Attempts that ended in, joined calls out. Its time is that of the source that is furthest behind, so that what it says
 * does not depend on which of them is faster; before each of them has told its time, it has none.
 */
export class LegsStage implements Stage {
  readonly #sources = new Map<number, Source>()
  readonly #count: number
  readonly #join: LegJoin
  #joined: LegsRecord[] = []
  #at: EpochMicros | undefined

  /** @param sources how many partitions of packets there are */
  constructor({ sources, limits }: { readonly sources: number; readonly limits: Limits }) {
    this.#count = sources
    this.#join = new LegJoin({ limits, keepsChanges: true, emit: record => this.#joined.push(record) })
  }

  async restore(states: AsyncIterable<StateEntry>): Promise<void> {
    const legs: StateEntry[] = []
    for await (const entry of states) {
      if (entry.key === CLOCK) this.#restoreClock(JSON.parse(entry.value.toString()) as Clock)
      else legs.push(entry)
    }
    for (const { key, value } of legs) this.#join.restore(key, value)
  }

  handle(records: readonly LogRecord[]): Work {
    for (const record of records) this.#take(readEnded(record))
    const emit = this.#joined.map(joinedRecord)
    this.#joined = []
    return { emit, changed: [...this.#join.changes(), this.#clock()] }
  }

  #take({ source, legs, watermark, stands }: EndedRecord): void {
    for (const leg of legs) this.#join.take(leg)
    if (watermark === undefined) return
    this.#sources.set(source, { watermark, stands: stands === true })
    if (this.#sources.size < this.#count) return
    const sources = [...this.#sources.values()]
    this.#at = Math.min(...sources.map(each => each.watermark)) as EpochMicros
    this.#join.advance(this.#at)
    if (sources.every(each => each.stands)) this.#join.settle()
  }

  #clock(): StateChange {
    const sources = Array.from(this.#sources, ([source, each]) => [source, each.watermark, each.stands] as const)
    const clock: Clock = { format: 1, at: this.#at ?? null, sources }
    return { key: CLOCK, value: Buffer.from(JSON.stringify(clock)) }
  }

  #restoreClock({ format, at, sources }: Clock): void {
    if (format !== 1) throw new Error(`The clock of the legs has format ${String(format)}; this version reads 1`)
    for (const [source, watermark, stands] of sources) this.#sources.set(source, { watermark, stands })
    if (at === null) return
    this.#at = at
    this.#join.advance(at)
  }
}

const CLOCK = 'clock'
