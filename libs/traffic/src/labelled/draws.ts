import type { Random } from '../random.ts'

/** Beyond this the product of uniforms takes longer than rejection. */
const FEW = 30

/** How many arrive where `mean` do on average. Exact for every mean (Knuth; Hörmann's PTRS 1993 for large ones). */
export function poisson(random: Random, mean: number): number {
  if (mean <= 0) return 0
  if (mean > FEW) return poissonByRejection(random, mean)
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random.next(); product > limit; product *= random.next()) count++
  return count
}

function poissonByRejection(random: Random, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean)
  const a = -0.059 + 0.02483 * b
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
  const right = 0.9277 - 3.6224 / (b - 2)
  for (;;) {
    const u = random.next() - 0.5
    const v = 1 - random.next()
    const us = 0.5 - Math.abs(u)
    const count = Math.floor(((2 * a) / us + b) * u + mean + 0.43)
    if (us >= 0.07 && v <= right) return count
    if (count < 0 || (us < 0.013 && v > us)) continue
    const accepted = Math.log(v * inverseAlpha) - Math.log(a / (us * us) + b)
    if (accepted <= count * Math.log(mean) - mean - lnFactorial(count)) return count
  }
}

/** How many of `trials` succeed. Exact: it leaps from one success to the next. */
export function binomial(random: Random, trials: number, probability: number): number {
  if (probability > 0.5) return trials - binomial(random, trials, 1 - probability)
  if (probability <= 0) return 0
  const perFailure = Math.log1p(-probability)
  let count = 0
  let at = Math.floor(Math.log(1 - random.next()) / perFailure)
  while (at < trials) {
    count++
    at += 1 + Math.floor(Math.log(1 - random.next()) / perFailure)
  }
  return count
}

/** Positive, with mean 1 and this variance (Marsaglia and Tsang 2000). */
export function gamma(random: Random, variance: number): number {
  const shape = 1 / variance
  // A shape below 1 is made of the one above it.
  const d = (shape < 1 ? shape + 1 : shape) - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v <= 0 || Math.log(1 - random.next()) >= 0.5 * x * x + d - d * v + d * Math.log(v)) continue
    const boost = shape < 1 ? (1 - random.next()) ** (1 / shape) : 1
    return (d * v * boost) / shape
  }
}

/** Stirling's series; exact to ten digits from 10 on, summed below. */
function lnFactorial(count: number): number {
  if (count < 10) {
    let sum = 0
    for (let each = 2; each <= count; each++) sum += Math.log(each)
    return sum
  }
  const x = count + 1
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3)
}
