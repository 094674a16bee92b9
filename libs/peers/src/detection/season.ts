import { MINUTES_OF_WEEK } from './calendar.ts'
import { rounded } from './rounded.ts'

/** Events among trials: of the hour of a week, of a day, of all time; the older, the less they weigh. */
type Tally = [events: number, trials: number]

export type SeasonState = { readonly all: Tally; readonly day?: readonly number[]; readonly week?: readonly number[] }

const HOURS_OF_DAY = 24
const HOURS_OF_WEEK = 168
/** What is left of a tally when its hour comes again: about four weeks, and two weeks of days, are remembered. */
const KEPT_OF_WEEK = 0.75
const KEPT_OF_DAY = 0.93
const KEPT_OF_ALL = 0.999

/**
 * How often an event is to be expected per trial, by the hour of the day, and of the week where `weekly`.
 *
 * An hour of the week that was seen little leans on the same hour of other days, that on all of them (gamma–Poisson
 * shrinkage with the weight of `lean` trials), so that the second day already knows of nights and the second week of
 * Sundays.
 */
export class Season {
  readonly #lean: number
  readonly #all: Tally = [0, 0]
  readonly #day = new Float64Array(2 * HOURS_OF_DAY)
  readonly #week: Float64Array | undefined

  constructor({ weekly, lean }: { readonly weekly: boolean; readonly lean: number }) {
    this.#lean = lean
    this.#week = weekly ? new Float64Array(2 * HOURS_OF_WEEK) : undefined
  }

  /** All trials that are remembered, the older ones less. */
  get trials(): number {
    return this.#all[1]
  }

  get events(): number {
    return this.#all[0]
  }

  /** Between the middles of two hours it goes straight from the one to the other. */
  rate(minuteOfWeek: number): number {
    const hours = (minuteOfWeek + MINUTES_OF_WEEK - 30) / 60
    const hour = Math.floor(hours)
    const part = hours - hour
    return (1 - part) * this.#rateOf(hour % HOURS_OF_WEEK) + part * this.#rateOf((hour + 1) % HOURS_OF_WEEK)
  }

  /** @param isFirst of its hour: what is known of the hour is then older by a day or a week */
  add(minuteOfWeek: number, events: number, trials: number, isFirst: boolean): void {
    const hour = Math.floor(minuteOfWeek / 60)
    this.#all[0] = rounded(KEPT_OF_ALL * this.#all[0] + events)
    this.#all[1] = rounded(KEPT_OF_ALL * this.#all[1] + trials)
    // While there were no events, no hour is another than the others.
    if (this.#all[0] === 0) return
    addTo(this.#day, hour % HOURS_OF_DAY, [events, trials], isFirst ? KEPT_OF_DAY : 1)
    if (this.#week) addTo(this.#week, hour, [events, trials], isFirst ? KEPT_OF_WEEK : 1)
  }

  state(): SeasonState {
    if (this.#all[0] === 0) return { all: this.#all }
    return { all: this.#all, day: [...this.#day], ...(this.#week && { week: [...this.#week] }) }
  }

  restore({ all, day, week }: SeasonState): void {
    this.#all[0] = all[0]
    this.#all[1] = all[1]
    if (day) this.#day.set(day)
    if (week) this.#week?.set(week)
  }

  #rateOf(hour: number): number {
    const all = (this.#all[0] + 0.5) / (this.#all[1] + 1)
    const ofDay = hour % HOURS_OF_DAY
    const day = leaning(this.#day[2 * ofDay]!, this.#day[2 * ofDay + 1]!, all, this.#lean)
    return this.#week ? leaning(this.#week[2 * hour]!, this.#week[2 * hour + 1]!, day, this.#lean) : day
  }
}

const leaning = (events: number, trials: number, on: number, lean: number): number =>
  (events + lean * on) / (trials + lean)

function addTo(tallies: Float64Array, at: number, [events, trials]: Tally, kept: number): void {
  tallies[2 * at] = rounded(kept * tallies[2 * at]! + events)
  tallies[2 * at + 1] = rounded(kept * tallies[2 * at + 1]! + trials)
}
