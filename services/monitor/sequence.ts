import type { Evidence } from '@earshot/calls'
import type { Observation } from '@earshot/peers'
import { epochMicros, type EpochMicros } from '@earshot/units'

/** What was closed together: its time is the watermark of its source then. */
type Group = { readonly source: number; readonly at: EpochMicros; readonly observations: readonly Observation[] }

type Second = {
  /** Rows of one key are summed, so that neither batches nor sources can be told from them. */
  readonly rows: Map<string, Evidence>
  readonly groups: Group[]
  /** Of the first record that brought something of this second. */
  oldest: number
}

/** Observations of all sources until their time has come, and then in one order that no arrival decides. */
export class Sequence {
  readonly #seconds = new Map<number, Second>()
  #size = 0

  /** Rows and records waiting. */
  get size(): number {
    return this.#size
  }

  /** The offset of the oldest record that brought what waits; undefined where nothing does. */
  get oldest(): number | undefined {
    if (this.#seconds.size === 0) return undefined
    let oldest = Infinity
    for (const second of this.#seconds.values()) oldest = Math.min(oldest, second.oldest)
    return oldest
  }

  holdRow(row: Evidence, offset: number): void {
    const { rows } = this.#secondAt(row.second, offset)
    const key = keyOf(row)
    const known = rows.get(key)
    if (!known) this.#size++
    rows.set(key, known ? sum(known, row) : row)
  }

  holdGroup(group: Group, offset: number): void {
    this.#secondAt(Math.floor(group.at / 1e6), offset).groups.push(group)
    this.#size += group.observations.length
  }

  /** Gives out everything before this whole second. */
  *release(until: EpochMicros): Iterable<Observation> {
    const due = [...this.#seconds.keys()].filter(second => second * 1e6 < until).sort((a, b) => a - b)
    for (const second of due) {
      const { rows, groups } = this.#seconds.get(second)!
      this.#seconds.delete(second)
      this.#size -= rows.size
      for (const { observations } of groups.sort((a, b) => a.at - b.at || a.source - b.source)) {
        this.#size -= observations.length
        yield* observations
      }
      for (const key of [...rows.keys()].sort()) yield rows.get(key)!
    }
  }

  #secondAt(at: number, offset: number): Second {
    const known = this.#seconds.get(at)
    if (known) {
      known.oldest = Math.min(known.oldest, offset)
      return known
    }
    const second = { rows: new Map<string, Evidence>(), groups: [], oldest: offset }
    this.#seconds.set(at, second)
    return second
  }
}

/** Everything but the counts and the sample. What worked comes before what was rejected: 200 before 405. */
function keyOf(row: Evidence): string {
  switch (row.kind) {
    case 'method':
      return `method ${row.code === 405 || row.code === 501 ? 1 : 0} ${JSON.stringify([row.peer, row.method, row.code, row.agent])}`
    case 'allowed':
      return `allowed ${JSON.stringify([row.peer, row.source, row.agent, row.methods])}`
    case 'load':
      return `load ${JSON.stringify([row.peer, row.direction])}`
  }
}

/** Of two rows of one key. */
function sum(one: Evidence, other: Evidence): Evidence {
  if (one.kind === 'method' && other.kind === 'method') {
    const callId = one.callId < other.callId ? one.callId : other.callId
    return { ...one, count: one.count + other.count, callId }
  }
  if (one.kind === 'allowed' && other.kind === 'allowed') return { ...one, count: one.count + other.count }
  if (one.kind === 'load' && other.kind === 'load') {
    return { ...one, attempts: one.attempts + other.attempts, calls: one.calls + other.calls }
  }
  return one
}

/** Steps in which time is told to detectors, so that their state changes once in a step and not with each batch. */
const STEP = 5e6

export const stepAt = (time: EpochMicros): EpochMicros => epochMicros(Math.floor(time / STEP) * STEP)
