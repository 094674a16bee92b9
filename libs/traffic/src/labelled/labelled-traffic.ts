import { Random } from '../random.ts'
import { binomial, gamma, poisson } from './draws.ts'
import { habitsOf, type Habits } from './habits.ts'
import { factorAt, incidents, type Label } from './incidents.ts'

/** What a few seconds of a peer come to. */
export type LabelledCounts = {
  readonly attempts: number
  readonly seizures: number
  readonly answered: number
  readonly earlyMedia: number
  readonly answeredEarlyMedia: number
  readonly failedEarlyMedia: number
  readonly rejections501: number
  readonly unusable: Readonly<Record<string, number>>
  /** Of the delays until something was heard, how many between two of the bounds. */
  readonly delays: readonly number[]
}

/** `at` is where it begins, in seconds since 1970. */
export type LabelledStep = { readonly at: number; readonly counts: LabelledCounts }

export const LABELLED_STEP_SECONDS = 10

export type LabelledPeer = {
  readonly peer: string
  readonly labels: readonly Label[]
  /** Every ten seconds that have anything in them. Can be gone through again, and is the same then. */
  steps(): Iterable<LabelledStep>
}

export type LabelledOptions = {
  readonly seed: number
  readonly weeks: number
  readonly peers: number
  /** Seconds; the delays between two of them are counted together. */
  readonly delayBounds: readonly number[]
  /** Of each peer, once the first weeks are over; 0 is healthy traffic. */
  readonly incidentsPerWeek?: number
  readonly healthyWeeks?: number
}

/** Monday, 2026-01-05 00:00 UTC, as minutes. */
const BEGIN = Date.UTC(2026, 0, 5) / 60e3
const DAY = 24 * 60
const WEEK = 7 * DAY
/** Noise over hours goes on in steps of so many minutes, and forgets in an hour. */
const WANDER = 10
const REMEMBERED = Math.exp(-WANDER / 60)

/**
 * Weeks of traffic of many peers, as counts of every ten seconds: days, weekends, holidays, growth, noise of days, hours and
 * minutes, and incidents whose beginning is known. Not messages: a year of thirty peers is made in minutes.
 */
export function labelledTraffic(options: LabelledOptions): LabelledPeer[] {
  const random = new Random(options.seed)
  return Array.from({ length: options.peers }, (_, at) => labelledPeer(`peer-${at + 1}`, random.word(), options))
}

function labelledPeer(peer: string, seed: number, options: LabelledOptions): LabelledPeer {
  const { weeks, incidentsPerWeek = 2, healthyWeeks = 3 } = options
  const random = new Random(seed)
  const habits = habitsOf(random, weeks)
  const labels =
    incidentsPerWeek === 0
      ? []
      : incidents(random, {
          habits,
          from: (BEGIN + healthyWeeks * WEEK) * 60,
          until: (BEGIN + weeks * WEEK) * 60,
          perWeek: incidentsPerWeek,
          rateAt: second => rateAt(habits, second / 60 - BEGIN)
        })
  return { peer, labels, steps: () => stepsOf(habits, labels, seed, options) }
}

function* stepsOf(
  habits: Habits,
  labels: readonly Label[],
  seed: number,
  options: LabelledOptions
): Iterable<LabelledStep> {
  const random = new Random(seed ^ 0x5eed)
  const noise = new Noise(random, habits)
  const bounds = options.delayBounds.map(Math.log)
  let from = 0
  for (let minute = 0; minute < options.weeks * WEEK; minute++) {
    noise.go(minute)
    const rate = rateAt(habits, minute) * noise.rate * gamma(random, habits.minuteNoise)
    for (let second = 0; second < 60; second += LABELLED_STEP_SECONDS) {
      const at = (BEGIN + minute) * 60 + second
      while (from < labels.length && labels[from]!.end <= at) from++
      const label = labels[from]
      const isWrong = label !== undefined && label.start < at + LABELLED_STEP_SECONDS
      const wrong = isWrong
        ? { signal: label.signal, factor: factorAt(label, at, LABELLED_STEP_SECONDS) }
        : { signal: '', factor: 1 }
      const counts = stepOf(random, habits, noise, (rate * LABELLED_STEP_SECONDS) / 60, bounds, wrong)
      if (counts) yield { at, counts }
    }
  }
}

/** Attempts a minute without any noise; `minute` since the beginning. */
function rateAt(habits: Habits, minute: number): number {
  const { week, busiest, growth } = habits
  const hours = (minute / 60 + 167.5) % 168
  const hour = Math.floor(hours)
  const between = week[hour]! + (hours - hour) * (week[(hour + 1) % 168]! - week[hour]!)
  return busiest * between * (1 + growth) ** (minute / WEEK) * holidayAt(habits, minute)
}

/** A holiday begins in the morning, when people would go to work, and ends with the night. */
function holidayAt({ holidays }: Habits, minute: number): number {
  const left = holidays.get(Math.floor(minute / DAY))
  if (left === undefined) return 1
  const hour = (minute % DAY) / 60
  const part = Math.max(0, Math.min(1, (hour - 4) / 4, (24 - hour) / 3))
  return 1 - part * (1 - left)
}

/** Wanders of days and hours. */
class Noise {
  readonly #random: Random
  readonly #habits: Habits
  #day = 0
  #hour = 0
  #today = 1
  #now = 1
  /** Of the shares: seized, early media, answered, answered with early media. */
  readonly shares = [0, 0, 0, 0]

  constructor(random: Random, habits: Habits) {
    this.#random = random
    this.#habits = habits
  }

  get rate(): number {
    return this.#today * this.#now
  }

  go(minute: number): void {
    const { dayNoise, hourNoise, shareNoise } = this.#habits
    if (minute % WANDER !== 0) return
    // A day's own noise comes and goes with its night.
    if (minute % DAY === 0) this.#day = dayNoise * this.#random.normal()
    this.#hour = this.#wander(this.#hour, hourNoise)
    this.#today = Math.exp(this.#day * Math.sin((Math.PI * (minute % DAY)) / DAY))
    this.#now = Math.exp(this.#hour)
    for (const at of this.shares.keys()) this.shares[at] = this.#wander(this.shares[at]!, shareNoise)
  }

  #wander(value: number, spread: number): number {
    return REMEMBERED * value + Math.sqrt(1 - REMEMBERED ** 2) * spread * this.#random.normal()
  }
}

type Wrong = { readonly signal: string; readonly factor: number }

function stepOf(
  random: Random,
  habits: Habits,
  noise: Noise,
  rate: number,
  bounds: readonly number[],
  wrong: Wrong
): LabelledCounts | undefined {
  const by = (signal: string): number => (wrong.signal === signal ? wrong.factor : 1)
  const attempts = poisson(random, rate * by('attempts'))
  const rejections501 = poisson(random, rate * habits.rejections501 * by('rejections_501') * by('attempts'))
  if (attempts + rejections501 === 0) return undefined
  const [seizing = 0, early = 0, answering = 0, answeringEarly = 0] = noise.shares
  const seizures = binomial(random, attempts, shifted(habits.seized, seizing))
  const earlyMedia = binomial(random, seizures, shifted(habits.earlyMedia, early) * by('early_media'))
  const isAnswered = by('asr') * shifted(habits.answered, answering)
  const asrEarly = by('asr') * by('early_media_asr') * shifted(habits.answeredEarlyMedia, answeringEarly)
  const failedShare = Math.min(
    0.95,
    (1 - habits.answeredEarlyMedia) * habits.failedEarlyMedia * by('early_media_failures')
  )
  const failedEarlyMedia = binomial(random, earlyMedia, failedShare)
  const answeredEarlyMedia = binomial(random, earlyMedia - failedEarlyMedia, Math.min(1, asrEarly / (1 - failedShare)))
  return {
    attempts,
    seizures,
    answered: answeredEarlyMedia + binomial(random, seizures - earlyMedia, isAnswered),
    earlyMedia,
    answeredEarlyMedia,
    failedEarlyMedia,
    rejections501,
    unusable: unusableOf(random, habits, attempts, wrong),
    delays: delaysOf(random, habits, seizures, bounds, by('post_dial_delay'))
  }
}

const shifted = (share: number, logits: number): number => 1 / (1 + ((1 - share) / share) * Math.exp(-logits))

function unusableOf(
  random: Random,
  { unusable }: Habits,
  attempts: number,
  { signal, factor }: Wrong
): Record<string, number> {
  const counts: Record<string, number> = {}
  const shares: Record<string, number> = { ...unusable }
  if (signal.startsWith('unusable_')) {
    const code = signal.slice('unusable_'.length)
    shares[code] = (shares[code] ?? 0) + 0.002 * (factor - 1)
  }
  for (const [code, share] of Object.entries(shares)) {
    const count = binomial(random, attempts, share)
    if (count > 0) counts[code] = count
  }
  return counts
}

function delaysOf(
  random: Random,
  { delayMedian, delaySpread }: Habits,
  count: number,
  bounds: readonly number[],
  longer: number
): number[] {
  const delays = Array.from({ length: bounds.length + 1 }, () => 0)
  const middle = Math.log(delayMedian * longer)
  for (let each = 0; each < count; each++) {
    const delay = middle + delaySpread * random.normal()
    let at = 0
    while (at < bounds.length && bounds[at]! < delay) at++
    delays[at]!++
  }
  return delays
}
