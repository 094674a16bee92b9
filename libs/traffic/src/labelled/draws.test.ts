import { expect, it } from '@jest/globals'
import { Random } from '../random.ts'
import { binomial, gamma, poisson } from './draws.ts'

const DRAWS = 20_000

function momentsOf(draw: (random: Random) => number): { mean: number; variance: number } {
  const random = new Random(7)
  const values = Array.from({ length: DRAWS }, () => draw(random))
  const mean = values.reduce((a, b) => a + b, 0) / DRAWS
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS }
}

it.each([
  { name: 'few arrivals', draw: (random: Random) => poisson(random, 0.7), mean: 0.7, variance: 0.7 },
  { name: 'some arrivals', draw: (random: Random) => poisson(random, 29), mean: 29, variance: 29 },
  { name: 'many arrivals', draw: (random: Random) => poisson(random, 31), mean: 31, variance: 31 },
  { name: 'very many arrivals', draw: (random: Random) => poisson(random, 900), mean: 900, variance: 900 },
  { name: 'rare successes', draw: (random: Random) => binomial(random, 40, 0.05), mean: 2, variance: 1.9 },
  { name: 'usual successes', draw: (random: Random) => binomial(random, 40, 0.9), mean: 36, variance: 3.6 },
  { name: 'a rate that wanders a little', draw: (random: Random) => gamma(random, 0.04), mean: 1, variance: 0.04 },
  { name: 'a rate that wanders much', draw: (random: Random) => gamma(random, 2), mean: 1, variance: 2 }
])('$name have their mean and variance', ({ draw, mean, variance }) => {
  const found = momentsOf(draw)
  expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / DRAWS))
  expect(found.variance / variance).toBeCloseTo(1, 1)
})

it.each([
  { name: 'nothing comes of nothing', drawn: poisson(new Random(1), 0), is: 0 },
  { name: 'what cannot be is not', drawn: binomial(new Random(1), 10, 0), is: 0 },
  { name: 'what must be is', drawn: binomial(new Random(1), 10, 1), is: 10 }
])('$name', ({ drawn, is }) => {
  expect(drawn).toBe(is)
})
