import type { Random } from '../random.ts'

/** How a peer's traffic is when nothing is wrong with it. */
export type Habits = {
  /** Attempts in a minute of its busy hour. */
  readonly busiest: number
  /** By hour of the week from Monday 00:00 UTC, 1 in the busy hour. */
  readonly week: readonly number[]
  /** Of the attempts, each week. */
  readonly growth: number
  /** Standard deviations of the logarithm: from day to day, over hours, and variance from minute to minute. */
  readonly dayNoise: number
  readonly hourNoise: number
  readonly minuteNoise: number
  /** Of the logit of each share, over hours. */
  readonly shareNoise: number
  readonly seized: number
  readonly earlyMedia: number
  readonly answered: number
  readonly answeredEarlyMedia: number
  /** Of the attempts with early media that are not answered. */
  readonly failedEarlyMedia: number
  /** For each attempt; often 0. */
  readonly rejections501: number
  /** Share of the attempts, by code. */
  readonly unusable: Readonly<Record<string, number>>
  readonly delayMedian: number
  readonly delaySpread: number
  /** Days since the beginning that are holidays, and what is left of the traffic on them. */
  readonly holidays: ReadonlyMap<number, number>
}

const codes = ['codec_mismatch', 'no_backward_media', 'port_zero', 'key_missing', 'offer_unanswered']

export function habitsOf(random: Random, weeks: number): Habits {
  return {
    busiest: 300 ** random.between(0.1, 1),
    week: weekOf(random),
    growth: random.between(-0.01, 0.04),
    dayNoise: random.between(0.03, 0.12),
    hourNoise: random.between(0.03, 0.12),
    minuteNoise: random.between(0.005, 0.05),
    shareNoise: random.between(0.05, 0.15),
    seized: random.between(0.93, 0.995),
    earlyMedia: random.between(0.1, 0.7),
    answered: random.between(0.35, 0.65),
    answeredEarlyMedia: random.between(0.3, 0.6),
    failedEarlyMedia: random.between(0.1, 0.5),
    rejections501: random.chance(0.5) ? 0 : 10 ** random.between(-3, -1),
    unusable: Object.fromEntries(
      codes.flatMap(code => (random.chance(0.4) ? [[code, 10 ** random.between(-4, -2)]] : []))
    ),
    delayMedian: random.between(1, 4),
    delaySpread: random.between(0.3, 0.7),
    holidays: holidaysOf(random, weeks)
  }
}

/** Offices in the day, homes in the evening, in some mixture; nights are not silent. */
function weekOf(random: Random): number[] {
  const offices = random.between(0.2, 1)
  const weekend = { offices: random.between(0.05, 0.3), homes: random.between(0.8, 1.3) }
  const night = random.between(0.02, 0.15)
  const hours = Array.from({ length: 168 }, (_, hour) => {
    const isWeekend = hour >= 120
    const office = bump(hour % 24, 13, 3.6) * (isWeekend ? weekend.offices : 1)
    const home = bump(hour % 24, 19, 2.8) * (isWeekend ? weekend.homes : 1)
    return night + offices * office + (1 - offices) * home
  })
  const most = Math.max(...hours)
  return hours.map(hour => hour / most)
}

/** The day is a circle. */
function bump(hour: number, middle: number, width: number): number {
  const away = Math.abs(hour - middle)
  return Math.exp(-((Math.min(away, 24 - away) / width) ** 2) / 2)
}

/** About one in four weeks, not before the second. */
function holidaysOf(random: Random, weeks: number): Map<number, number> {
  const holidays = new Map<number, number>()
  for (let week = 1; week < weeks; week++) {
    if (random.chance(0.25)) holidays.set(7 * week + Math.floor(random.between(0, 5)), random.between(0.3, 0.7))
  }
  return holidays
}
