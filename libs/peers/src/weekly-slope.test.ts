import { describe, expect, it } from '@jest/globals'
import { medianOf, weeklySlope } from './weekly-slope.ts'

const week = [100, 110, 105, 108, 120, 40, 30]
const weeks = (count: number, perWeek: number): number[] =>
  Array.from({ length: 7 * count }, (_, day) => week[day % 7]! + perWeek * Math.floor(day / 7))

describe('the weekly slope', () => {
  it.each([
    { name: 'weeks that are alike', days: weeks(4, 0), slope: 0 },
    { name: 'weeks that rise', days: weeks(5, 3), slope: 3 },
    { name: 'a part of a week', days: weeks(5, 3).slice(2, -3), slope: 3 },
    { name: 'an odd day', days: weeks(5, 3).with(10, 10_000), slope: 3 },
    {
      name: 'days of which nothing is known',
      days: weeks(5, 3)
        .with(10, NaN)
        .map(day => (Number.isNaN(day) ? null : day)),
      slope: 3
    },
    { name: 'less than two weeks', days: weeks(2, 3).slice(1), slope: null },
    { name: 'nothing known', days: Array<null>(30).fill(null), slope: null }
  ])('of $name is $slope', ({ days, slope }) => {
    expect(weeklySlope(days)).toBe(slope)
  })
})

describe('the median', () => {
  it.each([
    { values: [], median: null },
    { values: [3], median: 3 },
    { values: [10, 2, 9], median: 9 },
    { values: [10, 2, 4, 9], median: 6.5 }
  ])('of $values is $median', ({ values, median }) => {
    expect(medianOf(values)).toBe(median)
  })
})
