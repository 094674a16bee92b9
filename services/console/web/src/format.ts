/** Figures as text, of a bounded width: UTC, English digits grouping, thin units. */

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** All digits: 1,234,567. */
export const count = (value: number): string => grouped.format(value)

/** At most five characters: 9,999, then 12.3k, 1.23M. Rounds down, so it never shows what is not yet reached. */
export function shortCount(value: number): string {
  if (value < 10_000) return count(value)
  const [unit, suffix] = value < 1e6 ? [1e3, 'k'] : value < 1e9 ? [1e6, 'M'] : [1e9, 'G']
  const scaled = value / unit
  const digits = scaled < 10 ? 2 : scaled < 100 ? 1 : 0
  return `${(Math.floor(scaled * 10 ** digits) / 10 ** digits).toFixed(digits)}${suffix}`
}

/** At most four characters, for the matrix: 999, then 1.3k, 13k, 1.3M. Rounds down. */
export function tinyCount(value: number): string {
  if (value < 1_000) return count(value)
  const [unit, suffix] = value < 1e6 ? [1e3, 'k'] : value < 1e9 ? [1e6, 'M'] : [1e9, 'G']
  const scaled = value / unit
  return scaled < 10 ? `${(Math.floor(scaled * 10) / 10).toFixed(1)}${suffix}` : `${Math.floor(scaled)}${suffix}`
}

/** One decimal, except where it would round to nothing or to everything: 12.3%, <0.1%, >99.9%. */
export function percent(ratio: number | undefined): string {
  if (ratio === undefined) return '–'
  if (ratio === 0) return '0%'
  if (ratio === 1) return '100%'
  if (ratio < 0.001) return '<0.1%'
  if (ratio > 0.999) return '>99.9%'
  return `${(ratio * 100).toFixed(1)}%`
}

export const wholePercent = (ratio: number): string => `${Math.round(ratio * 100)}%`

/** A length of time in its two greatest units: 4.2 s, 12m 30s, 3h 05m, 2d 04h. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined) return '–'
  if (seconds < 59.95) return `${seconds === 0 ? '0' : seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${two((whole % 3600) / 60)}m`
  return `${count(Math.floor(whole / 86_400))}d ${two((whole % 86_400) / 3600)}h`
}

/** As `duration`, without fractions: for what grows by the second. */
export const age = (seconds: number): string =>
  seconds < 60 ? `${Math.max(0, Math.floor(seconds))} s` : duration(Math.floor(seconds))

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** 14:03:20 */
export const timeOfDay = (time: Date): string => (isNaN(+time) ? '–' : clock.format(time))

/** The day is named when it is not that of `today`: 21 Nov 14:03:20. */
export const timeOn = (time: Date, today: Date): string =>
  isNaN(+time) || isNaN(+today) || day.format(time) === day.format(today)
    ? timeOfDay(time)
    : `${day.format(time)} ${clock.format(time)}`

/** A value of the closed lists as text: no_answer → no answer. */
export const words = (value: string): string => value.replaceAll('_', ' ')
