import { minus, seconds, type EpochMicros, type Micros } from '@earshot/units'

export type WatermarkSnapshot = {
  readonly format: 2
  readonly at: EpochMicros | undefined
  readonly runningMs: number
  readonly appendedMs: number | undefined
  readonly collectors: readonly ({ readonly id: string } & Heard)[]
}

/** Of version 0.1.0, which measured absence by the times that ticks told. */
type Format1 = {
  readonly format: 1
  readonly at: EpochMicros | undefined
  readonly collectors: readonly { readonly id: string; readonly newest: EpochMicros }[]
}

type Heard = {
  readonly newest: EpochMicros
  /** The log's running time at its last tick. */
  readonly heardMs: number
}

/** Between two ticks that are further apart in the log than this, the log itself was away, not a collector. */
const MOST_GAP_MS = 2000

/**
 * How far the time of one partition has come: the minimum over its collectors of the newest time each has told by its
 * ticks, less the lateness. It drives every timer and never goes back.
 *
 * A collector without a tick for longer than `absence` is left out until its next tick; so a collector that has nothing
 * to report must still tick, with a time that moves. Absence is measured by when ticks were appended, and only while the
 * log was running: a wrong clock makes nobody absent, nor does a spool that is told in one go after an outage.
 */
export class Watermark {
  readonly #lateness: Micros
  readonly #absenceMs: number
  readonly #collectors = new Map<string, Heard>()
  #at: EpochMicros | undefined
  #runningMs = 0
  #appendedMs: number | undefined

  constructor({ lateness = seconds(2), absence = seconds(60) }: { lateness?: Micros; absence?: Micros } = {}) {
    this.#lateness = lateness
    this.#absenceMs = absence / 1e3
  }

  /** Undefined before the first tick. */
  get at(): EpochMicros | undefined {
    return this.#at
  }

  /** What is behind the watermark starts nothing any more; what is on it does. */
  isLate(time: EpochMicros): boolean {
    return this.#at !== undefined && time < this.#at
  }

  /** Takes a collector's tick, appended at that epoch millisecond, and returns the watermark after it. */
  tick(collector: string, newest: EpochMicros, appendedMs: number): EpochMicros {
    const gap = appendedMs - (this.#appendedMs ?? appendedMs)
    this.#runningMs += Math.min(Math.max(gap, 0), MOST_GAP_MS)
    this.#appendedMs = appendedMs
    const before = this.#collectors.get(collector)?.newest ?? newest
    this.#collectors.set(collector, { newest: latest(newest, before), heardMs: this.#runningMs })
    for (const [id, { heardMs }] of this.#collectors) {
      if (this.#runningMs - heardMs > this.#absenceMs) this.#collectors.delete(id)
    }
    const slowest = Math.min(...Array.from(this.#collectors.values(), each => each.newest)) as EpochMicros
    this.#at = latest(minus(slowest, this.#lateness), this.#at)
    return this.#at
  }

  /** Plain data, fit for JSON. */
  snapshot(): WatermarkSnapshot {
    return {
      format: 2,
      at: this.#at,
      runningMs: this.#runningMs,
      appendedMs: this.#appendedMs,
      collectors: Array.from(this.#collectors, ([id, heard]) => ({ id, ...heard }))
    }
  }

  /** Goes on from a snapshot; throws for one of a later version. */
  restore(snapshot: WatermarkSnapshot | Format1): void {
    const { format, at } = snapshot
    if (format !== 1 && format !== 2) throw new Error(`watermark of format ${String(format)}, this version knows 2`)
    this.#at = at
    this.#runningMs = format === 2 ? snapshot.runningMs : 0
    this.#appendedMs = format === 2 ? snapshot.appendedMs : undefined
    this.#collectors.clear()
    for (const { id, newest, ...rest } of snapshot.collectors) {
      this.#collectors.set(id, { newest, heardMs: 'heardMs' in rest ? Number(rest.heardMs) : 0 })
    }
  }
}

const latest = (time: EpochMicros, other: EpochMicros | undefined): EpochMicros =>
  other === undefined || time > other ? time : other
