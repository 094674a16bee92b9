import { epochMicros, type EpochMicros } from '@earshot/units'

/** Where a moment lies on the calendar and the clock of a time zone. */
export type LocalMoment = {
  /** As in `2026-11-23`. */
  readonly day: string
  /** As in `10:00`. */
  readonly clock: string
}

/** Times as people who make reports have them: in one time zone, to the minute. */
export class LocalTime {
  readonly timeZone: string
  readonly #format: Intl.DateTimeFormat
  /** Of hours, each of which many rows have. */
  readonly #known = new Map<EpochMicros, LocalMoment>()

  /** @throws RangeError for a time zone that there is not */
  constructor(timeZone: string) {
    this.timeZone = timeZone
    this.#format = new Intl.DateTimeFormat('en', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit'
    })
  }

  momentOf(at: EpochMicros): LocalMoment {
    const known = this.#known.get(at)
    if (known) return known
    const moment = this.#momentOf(at)
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    this.#known.set(at, moment)
    return moment
  }

  /** `2026-11-23 10:00` */
  text(at: EpochMicros): string {
    const { day, clock } = this.momentOf(at)
    return `${day} ${clock}`
  }

  /**
   * The moment that a text names: a day (its beginning), a day and a time, or a time with its own offset from UTC. Of a
   * time that the clock shows twice the second, of one that it leaves out as much later as it is put forward; undefined for
   * a text that names none, and before 1970.
   */
  moment(text: string): EpochMicros | undefined {
    const [, day, clock = '00:00', offset] = WRITTEN.exec(text.trim()) ?? []
    if (day === undefined) return undefined
    const asUtc = Date.parse(`${day}T${clock}${offset ?? 'Z'}`)
    if (Number.isNaN(asUtc) || asUtc < 0 || !isOfCalendar(day)) return undefined
    if (offset !== undefined) return epochMicros(asUtc * 1e3)
    // The offset of the place is that of the moment, which is not known yet: it is that of the day before or of the day after.
    const [before, after] = [asUtc - this.#aheadAt(asUtc - DAY), asUtc - this.#aheadAt(asUtc + DAY)]
    const shown = [before, after].filter(each => each + this.#aheadAt(each) === asUtc)
    return epochMicros((shown.length > 0 ? Math.max(...shown) : before) * 1e3)
  }

  /** Milliseconds that the place is ahead of UTC. */
  #aheadAt(millis: number): number {
    const { day, clock } = this.#momentOf(epochMicros(millis * 1e3))
    return Date.parse(`${day}T${clock}Z`) - Math.floor(millis / 60e3) * 60e3
  }

  #momentOf(at: EpochMicros): LocalMoment {
    const parts = new Map(this.#format.formatToParts(at / 1e3).map(({ type, value }) => [type, value]))
    return {
      day: `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`,
      clock: `${parts.get('hour')}:${parts.get('minute')}`
    }
  }
}

/** Milliseconds. */
const DAY = 86_400_000

/** The hours of a year and more. */
const MOST_KNOWN = 10_000

const WRITTEN = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/

/** Date.parse takes a 31st of February for a day in March. */
const isOfCalendar = (day: string): boolean => new Date(`${day}T00:00Z`).toISOString().startsWith(day)
