/** Minutes since 1970-01-01T00:00Z. */
export type Minute = number

export const MINUTES_OF_DAY = 24 * 60
export const MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY
export const MICROS_OF_MINUTE = 60e6
/** Ten seconds: what a rise is looked for in while its minute still runs. */
export type Tick = number
export const TICKS = 6
/** Ticks that are looked back on one by one: whole minutes. */
export const MOST_TICKS = 3 * TICKS
export const MICROS_OF_TICK = MICROS_OF_MINUTE / TICKS
export const minuteOf = (tick: Tick): Minute => Math.floor(tick / TICKS)

/** What is learnt is learnt of a quarter of an hour at a time. */
export const QUARTER = 15

/** 1970-01-01 was a Thursday; the week begins on Monday. */
const FIRST_MINUTE = 3 * MINUTES_OF_DAY

/** Tells the minute of the week where people make calls. Every offset of a time zone is a multiple of a quarter hour. */
export class Calendar {
  readonly #format: Intl.DateTimeFormat | undefined
  #quarter = -1
  #offset = 0

  /** @throws RangeError for a time zone that there is not */
  constructor(timeZone = 'UTC') {
    const isUtc = timeZone === 'UTC'
    this.#format = isUtc ? undefined : new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  }

  /** From Monday 00:00, in local time. */
  minuteOfWeek(minute: Minute): number {
    return (((minute + this.#offsetAt(minute) + FIRST_MINUTE) % MINUTES_OF_WEEK) + MINUTES_OF_WEEK) % MINUTES_OF_WEEK
  }

  /** Minutes that local time is ahead of UTC. */
  #offsetAt(minute: Minute): number {
    if (!this.#format) return 0
    const quarter = Math.floor(minute / QUARTER)
    if (quarter !== this.#quarter) {
      this.#quarter = quarter
      const name = this.#format.formatToParts(minute * 60e3).find(({ type }) => type === 'timeZoneName')?.value ?? ''
      const [, sign = '+', hours = '0', minutes = '0'] = /([+-])(\d+):(\d+)/.exec(name) ?? []
      this.#offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
    }
    return this.#offset
  }
}
