import { countAtLeast, countAtMost, shareAtLeast, shareAtMost } from './tails.ts'

/** Minutes together: what happened, of how many trials, and what was to be expected. */
export type Stretch = { events: number; trials: number; expected: number }

export type Way = 'rise' | 'fall'

/** Fewer events, or trials, say nothing, whatever their probability. */
const LEAST_EVENTS = 10
const LEAST_EXPECTED = 10
const LEAST_TRIALS = 20
/** Rates, or odds of shares, that differ by less are nobody's business. */
const LEAST_FACTOR = 2
/** Of the time before, so many events are taken as usual. */
const DRIFT_PRIOR = 10
/** Back to within this, all is well again, whatever the probability. */
const CALM_FACTOR = 1.5
const CALM_CHANCE = 0.01

/** How many times as often as expected; of shares the odds are compared, which can double whatever they are. */
export function factorOf({ events, trials, expected }: Stretch, isShare: boolean): number {
  if (!isShare) return expected > 0 ? events / expected : Infinity
  const most = trials - 1e-9
  return (events * (trials - Math.min(expected, most))) / (Math.max(trials - events, 1e-9) * Math.max(expected, 1e-9))
}

/** The probability of this, or of what is further that way, if everything is as usual. */
export function chanceOf({ events, trials, expected }: Stretch, way: Way, isShare: boolean, spread: number): number {
  if (isShare) return (way === 'rise' ? shareAtLeast : shareAtMost)(events, trials, expected / trials, spread)
  return (way === 'rise' ? countAtLeast : countAtMost)(events, expected, spread)
}

/** Large enough to be told of, if it is no chance. */
export function matters(stretch: Stretch, way: Way, isShare: boolean): boolean {
  const { events, trials, expected } = stretch
  if (isShare && trials < LEAST_TRIALS) return false
  if (way === 'rise') return events >= LEAST_EVENTS && factorOf(stretch, isShare) >= LEAST_FACTOR
  return expected >= LEAST_EXPECTED && factorOf(stretch, isShare) <= 1 / LEAST_FACTOR
}

/** The stretch with what was to be expected after the time before it, if that had more than usual. */
export function aboveDrift(before: Stretch, stretch: Stretch): Stretch {
  const drift = Math.max(1, (before.events + DRIFT_PRIOR) / (before.expected + DRIFT_PRIOR))
  return { ...stretch, expected: drift * stretch.expected }
}

/** As usual again, or near enough. */
export function isCalm(stretch: Stretch, way: Way, isShare: boolean, spread: number): boolean {
  if (isShare && stretch.trials === 0) return false
  const factor = factorOf(stretch, isShare)
  if (way === 'rise' ? factor < CALM_FACTOR : factor > 1 / CALM_FACTOR) return true
  return chanceOf(stretch, way, isShare, spread) > CALM_CHANCE
}

/** Whether a stretch of calm minutes is long enough to believe it. */
export function isEnoughCalm({ events, trials }: Stretch, way: Way, isShare: boolean): boolean {
  if (isShare) return trials >= LEAST_TRIALS
  return way === 'rise' || events >= 3
}

/** How much better the minutes are explained by a rate of their own than by the expected one; to find a start by. */
export function gainOf({ events, expected }: Stretch): number {
  return (events > 0 ? events * Math.log(events / Math.max(expected, 1e-9)) : 0) - (events - expected)
}
