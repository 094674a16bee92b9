import { QUARTER, TICKS, type Calendar, type Minute } from './calendar.ts'
import { rounded } from './rounded.ts'
import { Season, type SeasonState } from './season.ts'

/** Lengths of the stretches that are tested, in minutes. */
export const windows = [1, 2, 3, 5, 10, 15] as const
/** The place behind those of `windows`: a part of a minute. */
export const PART_OF_MINUTE = windows.length

export type BaselineKind = {
  /** Events are some of the trials, never more. */
  readonly isShare: boolean
  /** What a trial is. */
  readonly per: 'minute' | 'attempt'
  /** Each hour of the week has its own rate, else each hour of the day. */
  readonly weekly: boolean
}

/** A quarter of an hour, minute by minute. */
export type Block = {
  readonly start: Minute
  readonly events: readonly number[]
  readonly trials: readonly number[]
  /** The events of each tick squared, summed over the minute. */
  readonly squares?: readonly number[]
}

export type BaselineState = {
  readonly season: SeasonState
  readonly level: readonly [number, number]
  /** For each window, and for a part of a minute: excess of the variance, what it is measured by, and of how many windows. */
  readonly spread: readonly number[]
  readonly quarters: number
}

/** So many quarters of an hour are learnt before anything is judged. */
const READY = 5
/** The level is that of the last hour or hours. */
const LEVEL_MINUTES = { minute: 60, attempt: 180 }
/** Of what is unusual, so many times more or less than expected is learnt at most. */
const CAUTION = 2
/** A time that was seen for so many trials counts as much as the others. */
const LEAN = { minute: 30, attempt: 200 }
/** As if so many events had come exactly as expected. */
const LEVEL_PRIOR = 5
/** The spread of what is not known yet, which so many windows have to argue away. */
const SPREAD_PRIOR = { count: 0.2, share: 0.05 }
const SPREAD_PRIOR_WINDOWS = 40
const LEAST_SPREAD = { count: 2e-3, share: 2e-4 }
/** What a day ago was learnt of the spread weighs this much: two weeks are remembered. */
const KEPT_OF_SPREAD = Math.exp(-1 / 14 / 96)

/**
 * What is usual for one signal of one peer: a rate by hour and weekday, times the level of the last hour (so growth,
 * holidays and other slow changes are followed), and how far the counts usually are from that. What the model does not
 * know makes the spread larger, and the tests milder.
 */
export class Baseline {
  readonly #kind: 'count' | 'share'
  readonly #per: BaselineKind['per']
  readonly #season: Season
  readonly #level: [events: number, expected: number] = [0, 0]
  readonly #spread = new Float64Array(3 * (windows.length + 1))
  #quarters = 0

  constructor({ isShare, per, weekly }: BaselineKind) {
    this.#kind = isShare ? 'share' : 'count'
    this.#per = per
    this.#season = new Season({ weekly, lean: LEAN[per] })
  }

  get isReady(): boolean {
    return this.#quarters >= READY
  }

  /** Events that were learnt from, the older ones less. */
  get events(): number {
    return this.#season.events
  }

  /** How the last hours were to what the season expects of them. */
  get level(): number {
    return (this.#level[0] + LEVEL_PRIOR) / (this.#level[1] + LEVEL_PRIOR)
  }

  /** Expected events for each trial in this quarter of an hour, at level 1. */
  rate(minute: Minute, calendar: Calendar): number {
    return this.#season.rate(calendar.minuteOfWeek(minute - (minute % QUARTER)))
  }

  /**
   * What the variance has beyond that of independent events (see tails.ts).
   *
   * @param window its place in `windows`, or PART_OF_MINUTE
   * @param share expected events for each trial
   */
  spread(window: number, share: number): number {
    if (window === PART_OF_MINUTE) return this.spread(0, share) + this.#lumps
    const kind = this.#kind
    const [excess = 0, measure = 0, count = 0] = this.#spread.subarray(3 * window)
    const seen = measure > 0 ? Math.max(0, excess / measure) : 0
    const known = (seen * count + SPREAD_PRIOR[kind] * SPREAD_PRIOR_WINDOWS) / (count + SPREAD_PRIOR_WINDOWS)
    const ofLevel = 1 / (this.#level[0] + LEVEL_PRIOR)
    if (kind === 'count') return Math.max(known, LEAST_SPREAD.count) + ofLevel
    const chance = Math.min(share, 0.999)
    return Math.min(Math.max(known, LEAST_SPREAD.share) + (ofLevel * chance) / (1 - chance), 0.5)
  }

  get #lumps(): number {
    const [excess = 0, measure = 0] = this.#spread.subarray(3 * PART_OF_MINUTE)
    return measure > 0 ? Math.max(0, excess / measure) : 0
  }

  /** Learns a quarter of an hour. */
  learn({ start, events, trials, squares = [] }: Block, calendar: Calendar): void {
    const rate = this.rate(start, calendar)
    const [allEvents, allTrials] = [sum(events), sum(trials)]
    if (this.isReady) {
      this.#learnSpread(rate * this.level, events, trials)
    }
    for (const [minute, square] of squares.entries()) this.#learnLumps(events[minute]!, square)
    for (const [at, value] of this.#spread.entries()) this.#spread[at] = rounded(value)
    // The first quarter was expected to be anything.
    if (this.#season.trials > 0) this.#learnLevel(allEvents, allTrials * rate)
    this.#learnSeason(start, calendar, allEvents, allTrials)
    if (allTrials > 0) this.#quarters++
  }

  /**
   * Learns of the hour alone, and no more than twice or less than half of what was expected: this may be an incident, but
   * what comes again each day at this hour is none.
   */
  learnCautiously({ start, events, trials }: Block, calendar: Calendar): void {
    const [allEvents, allTrials] = [sum(events), sum(trials)]
    const expected = allTrials * this.rate(start, calendar) * this.level
    const learnt = Math.max(expected / CAUTION, Math.min(allEvents, expected * CAUTION))
    this.#learnSeason(start, calendar, Math.min(learnt, this.#kind === 'share' ? allTrials : Infinity), allTrials)
  }

  /** What was unusual is usual from now on. */
  settle(events: number, expected: number): void {
    this.#level[0] = rounded(events)
    this.#level[1] = rounded(expected)
  }

  state(): BaselineState {
    return { season: this.#season.state(), level: this.#level, spread: [...this.#spread], quarters: this.#quarters }
  }

  restore({ season, level, spread, quarters }: BaselineState): void {
    this.#season.restore(season)
    this.#level[0] = level[0]
    this.#level[1] = level[1]
    this.#spread.set(spread)
    this.#quarters = quarters
  }

  #learnSeason(start: Minute, calendar: Calendar, events: number, trials: number): void {
    this.#season.add(calendar.minuteOfWeek(start), events, trials)
  }

  #learnLevel(events: number, expected: number): void {
    const kept = Math.exp(-QUARTER / LEVEL_MINUTES[this.#per])
    this.#level[0] = rounded(kept * this.#level[0] + events)
    this.#level[1] = rounded(kept * this.#level[1] + expected)
  }

  #learnSpread(rate: number, events: readonly number[], trials: readonly number[]): void {
    for (const [at, length] of windows.entries()) {
      for (let from = 0; from + length <= QUARTER; from += length) {
        let [happened, tried] = [0, 0]
        for (let minute = from; minute < from + length; minute++) {
          happened += events[minute]!
          tried += trials[minute]!
        }
        this.#learnWindow(at, rate, happened, tried)
      }
    }
  }

  /** How the ticks of a minute are from each other: dialers begin with the minute. */
  #learnLumps(events: number, squares: number): void {
    // Format 1 did not count them.
    if (squares < events) return
    const evenly = events ** 2 / TICKS
    this.#learnExcess(PART_OF_MINUTE, 1, [squares - evenly - events * (1 - 1 / TICKS), evenly, TICKS])
  }

  #learnWindow(at: number, rate: number, events: number, trials: number): void {
    if (trials === 0) return
    const expected = rate * trials
    const isShare = this.#kind === 'share'
    const chance = Math.min(rate, 0.999)
    const usual = isShare ? expected * (1 - chance) : expected
    const measure = isShare ? trials * (trials - 1) * chance * (1 - chance) : expected ** 2
    this.#learnExcess(at, windows[at]!, [(events - expected) ** 2 - usual, measure, 1])
  }

  #learnExcess(at: number, minutes: number, learnt: readonly [excess: number, measure: number, count: number]): void {
    const kept = KEPT_OF_SPREAD ** (minutes / QUARTER)
    for (const [index, value] of learnt.entries()) {
      this.#spread[3 * at + index] = kept * this.#spread[3 * at + index]! + value
    }
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
