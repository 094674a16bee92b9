import { between, minus, seconds, type EpochMicros, type Micros } from '@earshot/units'

export type WatermarkSnapshot = {
  readonly format: 1
  readonly at: EpochMicros | undefined
  readonly collectors: readonly { readonly id: string; readonly newest: EpochMicros; readonly heardAt: EpochMicros }[]
}

type Heard = { readonly newest: EpochMicros; readonly heardAt: EpochMicros }

/**
 * How far the time of one partition has come: the minimum over its collectors of the newest time each has told by its
 * ticks, less the lateness. It drives every timer and never goes back.
 *
 * Log time is the newest time that any tick carried. A collector without a tick for longer than `absence` of log time
 * is left out until its next tick; so a collector that has nothing to report must still tick, with a time that moves.
 */
export class Watermark {
  readonly #lateness: Micros
  readonly #absence: Micros
  readonly #collectors = new Map<string, Heard>()
  #at: EpochMicros | undefined
  #logTime: EpochMicros | undefined

  constructor({ lateness = seconds(2), absence = seconds(60) }: { lateness?: Micros; absence?: Micros } = {}) {
    this.#lateness = lateness
    this.#absence = absence
  }

  /** Undefined before the first tick. */
  get at(): EpochMicros | undefined {
    return this.#at
  }

  /** What is behind the watermark starts nothing any more; what is on it does. */
  isLate(time: EpochMicros): boolean {
    return this.#at !== undefined && time < this.#at
  }

  /** Takes a collector's tick and returns the watermark after it. */
  tick(collector: string, newest: EpochMicros): EpochMicros {
    const before = this.#collectors.get(collector)?.newest ?? newest
    const logTime = latest(newest, this.#logTime)
    this.#logTime = logTime
    this.#collectors.set(collector, { newest: latest(newest, before), heardAt: logTime })
    for (const [id, { heardAt }] of this.#collectors) {
      if (between(heardAt, logTime) > this.#absence) this.#collectors.delete(id)
    }
    const slowest = Math.min(...Array.from(this.#collectors.values(), each => each.newest)) as EpochMicros
    this.#at = latest(minus(slowest, this.#lateness), this.#at)
    return this.#at
  }

  /** Plain data, fit for JSON. */
  snapshot(): WatermarkSnapshot {
    return { format: 1, at: this.#at, collectors: Array.from(this.#collectors, ([id, heard]) => ({ id, ...heard })) }
  }

  /** Goes on from a snapshot; throws for one of a later version. */
  restore(snapshot: WatermarkSnapshot): void {
    if (snapshot.format !== 1) throw new Error(`watermark of format ${String(snapshot.format)}, this version knows 1`)
    this.#at = snapshot.at
    this.#collectors.clear()
    this.#logTime = undefined
    for (const { id, newest, heardAt } of snapshot.collectors) {
      this.#collectors.set(id, { newest, heardAt })
      this.#logTime = latest(heardAt, this.#logTime)
    }
  }
}

const latest = (time: EpochMicros, other: EpochMicros | undefined): EpochMicros =>
  other === undefined || time > other ? time : other
