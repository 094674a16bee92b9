import betainc from '@stdlib/math-base-special-betainc'
import lnGamma from '@stdlib/math-base-special-gammaln'

/**
 * Tails of the negative binomial with this mean and variance mean + spread × mean²: what counts of calls do whose rate
 * itself wanders. It becomes the Poisson distribution as `spread` goes to 0, which itself is not allowed.
 *
 * Exact for every count, small ones included: by the regularised incomplete beta function (NIST DLMF 8.17.24).
 */
export function countAtLeast(count: number, mean: number, spread: number): number {
  if (count <= 0) return 1
  if (mean <= 0) return 0
  return betainc((mean * spread) / (mean * spread + 1), count, 1 / spread)
}

export function countAtMost(count: number, mean: number, spread: number): number {
  if (mean <= 0) return 1
  return betainc(1 / (mean * spread + 1), 1 / spread, count + 1)
}

/**
 * Tail of the beta-binomial: `events` or more of `trials`, each with a probability that has this mean and, between one
 * set of trials and another, the variance spread × mean × (1 − mean). It becomes the binomial as `spread` goes to 0,
 * which itself is not allowed. The terms of the tail are summed, from the largest outwards.
 */
export function shareAtLeast(events: number, trials: number, mean: number, spread: number): number {
  if (events <= 0 || mean >= 1) return 1
  if (mean <= 0 || events > trials) return 0
  const strength = 1 / spread - 1
  return tailOf(events, trials, mean * strength, (1 - mean) * strength)
}

export const shareAtMost = (events: number, trials: number, mean: number, spread: number): number =>
  shareAtLeast(trials - events, trials, 1 - mean, spread)

function tailOf(from: number, trials: number, a: number, b: number): number {
  const chosen = lnGamma(trials + 1) - lnGamma(from + 1) - lnGamma(trials - from + 1)
  let term = Math.exp(chosen + lnBeta(from + a, trials - from + b) - lnBeta(a, b))
  let sum = term
  for (let at = from; at < trials; at++) {
    const ratio = ((trials - at) * (at + a)) / ((at + 1) * (trials - at - 1 + b))
    term *= ratio
    sum += term
    if (ratio < 1 && term < sum * 1e-16) break
  }
  return Math.min(sum, 1)
}

const lnBeta = (a: number, b: number): number => lnGamma(a) + lnGamma(b) - lnGamma(a + b)
