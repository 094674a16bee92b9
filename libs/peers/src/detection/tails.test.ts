import { describe, expect, it } from '@jest/globals'
import { countAtLeast, countAtMost, shareAtLeast, shareAtMost } from './tails.ts'

/** The expected values were summed as fractions of integers, so they are exact to every digit shown. */
describe('the tails are those of the distributions, to ten digits', () => {
  it.each([
    { name: '1 or more where 2 come', tail: countAtLeast(1, 2, 1 / 2), exact: 0.75 },
    { name: '20 where 6.67 come', tail: countAtLeast(20, 20 / 3, 1 / 50), exact: 9.28710918104493e-5 },
    { name: '60 where 20 come', tail: countAtLeast(60, 20, 1 / 20), exact: 2.09702120446205e-6 },
    { name: '12 where one comes in two', tail: countAtLeast(12, 1 / 2, 1 / 5), exact: 4.08536917534353e-10 },
    { name: 'none where 20 come', tail: countAtMost(0, 20, 1 / 50), exact: 4.9385359105601e-8 },
    { name: '3 at most where 20 come', tail: countAtMost(3, 20, 1 / 20), exact: 0.000244140625 },
    { name: '5 of 20 at a tenth', tail: shareAtLeast(5, 20, 1 / 10, 1 / 21), exact: 0.102168102168102 },
    { name: '30 of 60 at a tenth', tail: shareAtLeast(30, 60, 1 / 10, 1 / 101), exact: 1.04634992866222e-8 },
    { name: 'all of 20 at a half', tail: shareAtLeast(20, 20, 1 / 2, 1 / 11), exact: 0.00106100795755968 },
    { name: 'none of 40 at a half', tail: shareAtMost(0, 40, 1 / 2, 1 / 101), exact: 2.63396569354127e-10 },
    { name: '8 of 50 at most at a half', tail: shareAtMost(8, 50, 1 / 2, 1 / 51), exact: 0.000205833472308281 }
  ])('$name', ({ tail, exact }) => {
    expect(Math.abs(tail / exact - 1)).toBeLessThan(1e-10)
  })

  it('a spread of next to nothing makes them Poisson and binomial', () => {
    expect(countAtLeast(20, 20 / 3, 1e-7) / 2.28421563614265e-5).toBeCloseTo(1, 4)
    expect(shareAtLeast(30, 60, 0.1, 1e-7) / 5.61233586978972e-15).toBeCloseTo(1, 3)
  })

  it.each([
    { name: 'nothing is always at least reached', tail: countAtLeast(0, 3, 0.1), is: 1 },
    { name: 'what cannot come does not', tail: countAtLeast(1, 0, 0.1), is: 0 },
    { name: 'more than all cannot be', tail: shareAtLeast(5, 4, 0.5, 0.1), is: 0 },
    { name: 'none of none is certain', tail: shareAtMost(0, 0, 0.5, 0.1), is: 1 },
    { name: 'what is certain comes', tail: shareAtLeast(4, 4, 1, 0.1), is: 1 }
  ])('$name', ({ tail, is }) => {
    expect(tail).toBe(is)
  })
})
