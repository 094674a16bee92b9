import type { AttemptRecord, Evidence, RejectionRecord } from '@earshot/calls'
import { countedAt, type Observation } from '@earshot/peers'
import { epochMicros, type EpochMicros } from '@earshot/units'

/** What is told once and by itself, not summed. */
export type ToldRecord = AttemptRecord | RejectionRecord

type Second = {
  /** Rows of one key are summed, so that neither batches nor sources can be told from them. */
  readonly rows: Map<string, Evidence>
  /** By what tells one from another, so that one that is read again is not there twice. */
  readonly records: Map<string, ToldRecord>
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

  holdRecord(record: ToldRecord, offset: number): void {
    const { records } = this.#secondAt(Math.floor(countedAt(record) / 1e6), offset)
    const key = `${record.kind} ${record.id}`
    if (!records.has(key)) this.#size++
    records.set(key, record)
  }

  /** Gives out everything before this whole second. */
  *release(until: EpochMicros): Iterable<Observation> {
    const due = [...this.#seconds.keys()].filter(second => second * 1e6 < until).sort((a, b) => a - b)
    for (const second of due) {
      const { rows, records } = this.#seconds.get(second)!
      this.#seconds.delete(second)
      this.#size -= rows.size + records.size
      for (const key of [...records.keys()].sort()) yield records.get(key)!
      for (const key of [...rows.keys()].sort()) yield rows.get(key)!
    }
  }

  #secondAt(at: number, offset: number): Second {
    const known = this.#seconds.get(at)
    if (known) {
      known.oldest = Math.min(known.oldest, offset)
      return known
    }
    const second = { rows: new Map<string, Evidence>(), records: new Map<string, ToldRecord>(), oldest: offset }
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
