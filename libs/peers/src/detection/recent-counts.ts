import { KEPT_MINUTES } from './subject.ts'
import { minuteOf, MOST_TICKS, QUARTER, TICKS, type Minute, type Tick } from './calendar.ts'
import { addCounts, increase, type MinuteCounts } from './minute-counts.ts'

/** Minutes that are kept: those looked back on at the beginning of a quarter of an hour, and that quarter itself. */
const KEPT = KEPT_MINUTES + QUARTER

export type CountsBySubject = ReadonlyMap<string, MinuteCounts>

/** Told what is to be written of one minute, or tick, and subject; undefined is gone. */
export type CountsChanged = (kind: 'minute' | 'tick', at: number, id: string, counts: MinuteCounts | undefined) => void

/** Minutes whose ticks are told apart. */
const KEPT_IN_TICKS = MOST_TICKS / TICKS

/** Counts by subject: of ticks for a few minutes, of minutes as long as they are looked back on. */
export class RecentCounts {
  readonly #ticks = new Map<Tick, Map<string, MinuteCounts>>()
  readonly #minutes = new Map<Minute, Map<string, MinuteCounts>>()
  readonly #changed: CountsChanged

  constructor(changed: CountsChanged) {
    this.#changed = changed
  }

  /** To be added to. */
  at(tick: Tick, id: string): MinuteCounts {
    const counts = entryOf(this.#ticks, tick, id)
    this.#changed('tick', tick, id, counts)
    return counts
  }

  ofTick(tick: Tick): CountsBySubject | undefined {
    return this.#ticks.get(tick)
  }

  ofMinute(minute: Minute): CountsBySubject | undefined {
    return this.#minutes.get(minute)
  }

  /** Every minute that is over, of one subject. */
  *minutesOf(id: string): Iterable<[Minute, MinuteCounts]> {
    for (const [minute, all] of this.#minutes) {
      const counts = all.get(id)
      if (counts) yield [minute, counts]
    }
  }

  /** The first tick from `next` on in which anything was heard; Infinity without any. */
  firstFrom(next: Tick): Tick {
    let first = Infinity
    for (const tick of this.#ticks.keys()) if (tick >= next) first = Math.min(first, tick)
    return first
  }

  /** What there is of the minute of `tick` up to that. */
  soFar(tick: Tick, id: string): MinuteCounts {
    const sum: MinuteCounts = {}
    for (let each = minuteOf(tick) * TICKS; each <= tick; each++) {
      const counts = this.#ticks.get(each)?.get(id)
      if (counts) addCounts(sum, counts)
    }
    return sum
  }

  /** The last ticks, from `tick` back; undefined where nothing came. */
  back(tick: Tick, id: string): (MinuteCounts | undefined)[] {
    return Array.from({ length: MOST_TICKS }, (_, back) => this.#ticks.get(tick - back)?.get(id))
  }

  /** A minute is over. */
  close(minute: Minute): void {
    for (let tick = minute * TICKS; tick < (minute + 1) * TICKS; tick++) {
      for (const [id, counts] of this.#ticks.get(tick) ?? []) {
        const sum = entryOf(this.#minutes, minute, id)
        addCounts(sum, counts)
        increase(sum, 'attemptSquares', (counts.attempts ?? 0) ** 2)
        this.#changed('minute', minute, id, sum)
      }
    }
    for (const each of this.#ticks.keys()) if (minuteOf(each) <= minute - KEPT_IN_TICKS) this.#forget('tick', each)
    for (const each of this.#minutes.keys()) if (each <= minute - KEPT) this.#forget('minute', each)
  }

  restore(kind: 'minute' | 'tick', at: number, id: string, counts: MinuteCounts): void {
    addCounts(entryOf(kind === 'tick' ? this.#ticks : this.#minutes, at, id), counts)
  }

  /** Format 1 had no ticks: what it counted of minutes that were not over is as if it came at their ends. */
  openFrom(next: Tick): void {
    for (const [minute, all] of this.#minutes) {
      if (minute < minuteOf(next)) continue
      for (const [id, counts] of all) {
        this.#changed('minute', minute, id, undefined)
        addCounts(this.at(minute * TICKS + TICKS - 1, id), counts)
      }
      this.#minutes.delete(minute)
    }
  }

  #forget(kind: 'minute' | 'tick', at: number): void {
    const all = kind === 'tick' ? this.#ticks : this.#minutes
    for (const id of all.get(at)?.keys() ?? []) this.#changed(kind, at, id, undefined)
    all.delete(at)
  }
}

function entryOf(times: Map<number, Map<string, MinuteCounts>>, at: number, id: string): MinuteCounts {
  const all = times.get(at) ?? new Map<string, MinuteCounts>()
  times.set(at, all)
  const counts = all.get(id) ?? {}
  all.set(id, counts)
  return counts
}
