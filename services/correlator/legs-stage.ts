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

/** Calls joined, and attempts that were not. */
export type LegCounts = { calls: number; crowd: number; full: number }

export const noLegCounts = (): LegCounts => ({ calls: 0, crowd: 0, full: 0 })

export type LegsParts = {
  /** How many partitions of packets there are. */
  readonly sources: number
  readonly limits: Limits
  /** What the process has counted; it gets only what is committed. */
  readonly counted?: LegCounts
}

/**
 * Attempts that ended in, joined calls out. Its time is that of the source that is furthest behind, so that what it says
 * does not depend on which of them is faster; before each of them has told its time, it has none.
 */
export class LegsStage implements Stage {
  readonly #sources = new Map<number, Source>()
  readonly #count: number
  readonly #join: LegJoin
  readonly #counted: LegCounts
  #uncommitted: LegCounts = noLegCounts()
  #joined: LegsRecord[] = []
  #at: EpochMicros | undefined

  constructor({ sources, limits, counted = noLegCounts() }: LegsParts) {
    this.#count = sources
    this.#counted = counted
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
    for (const { crowd } of this.#joined) {
      if (crowd === undefined) this.#uncommitted.calls++
      else this.#uncommitted.crowd += crowd
    }
    this.#joined = []
    return { emit, changed: [...this.#join.changes(), this.#clock()] }
  }

  committed(): void {
    this.#counted.calls += this.#uncommitted.calls
    this.#counted.crowd += this.#uncommitted.crowd
    this.#counted.full += this.#join.notKept
    this.#uncommitted = noLegCounts()
    this.#join.notKept = 0
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
