import { MINUTES_OF_DAY, MINUTES_OF_WEEK, QUARTER } from './calendar.ts'
import { rounded } from './rounded.ts'

/** Events among trials: of a time of the week, of the day, of all time; the older, the less they weigh. */
type Tally = [events: number, trials: number]

export type SeasonState = { readonly all: Tally; readonly day?: readonly number[]; readonly week?: readonly number[] }

/** What is left of a tally when its time comes again: about four weeks, and two weeks of days, are remembered. */
const KEPT_OF_WEEK = 0.75
const KEPT_OF_DAY = 0.93
const KEPT_OF_ALL = 0.999

/**
 * How often an event is to be expected per trial: by the quarter of an hour of the week where `weekly`, for what begins
 * and ends at sharp times, as offices do; else by the hour of the day.
 *
 * A time of the week that was seen little leans on the same time of other days, that on all of them (gamma–Poisson
 * shrinkage with the weight of `lean` trials), so that the second day already knows of nights and the second week of
 * Sundays.
 */
export class Season {
  readonly #lean: number
  readonly #slotMinutes: number
  readonly #slotsOfDay: number
  readonly #all: Tally = [0, 0]
  readonly #day: Float64Array
  readonly #week: Float64Array | undefined

  constructor({ weekly, lean }: { readonly weekly: boolean; readonly lean: number }) {
    this.#lean = lean
    this.#slotMinutes = weekly ? QUARTER : 60
    this.#slotsOfDay = MINUTES_OF_DAY / this.#slotMinutes
    this.#day = new Float64Array(2 * this.#slotsOfDay)
    this.#week = weekly ? new Float64Array((2 * MINUTES_OF_WEEK) / QUARTER) : undefined
  }

  /** All trials that are remembered, the older ones less. */
  get trials(): number {
    return this.#all[1]
  }

  get events(): number {
    return this.#all[0]
  }

  rate(minuteOfWeek: number): number {
    const slot = Math.floor(minuteOfWeek / this.#slotMinutes)
    const ofDay = slot % this.#slotsOfDay
    const all = (this.#all[0] + 0.5) / (this.#all[1] + 1)
    const day = leaning(this.#day[2 * ofDay]!, this.#day[2 * ofDay + 1]!, all, this.#lean)
    return this.#week ? leaning(this.#week[2 * slot]!, this.#week[2 * slot + 1]!, day, this.#lean) : day
  }

  /** Adds a quarter of an hour. */
  add(minuteOfWeek: number, events: number, trials: number): void {
    const slot = Math.floor(minuteOfWeek / this.#slotMinutes)
    this.#all[0] = rounded(KEPT_OF_ALL * this.#all[0] + events)
    this.#all[1] = rounded(KEPT_OF_ALL * this.#all[1] + trials)
    // While there were no events, no time is another than the others.
    if (this.#all[0] === 0) return
    const isFirst = minuteOfWeek % this.#slotMinutes < QUARTER
    addTo(this.#day, slot % this.#slotsOfDay, [events, trials], isFirst ? KEPT_OF_DAY : 1)
    if (this.#week) addTo(this.#week, slot, [events, trials], KEPT_OF_WEEK)
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
}

const leaning = (events: number, trials: number, on: number, lean: number): number =>
  (events + lean * on) / (trials + lean)

function addTo(tallies: Float64Array, at: number, [events, trials]: Tally, kept: number): void {
  tallies[2 * at] = rounded(kept * tallies[2 * at]! + events)
  tallies[2 * at + 1] = rounded(kept * tallies[2 * at + 1]! + trials)
}
