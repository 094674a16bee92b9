import { expect, it } from '@jest/globals'
import { nameOfPeriod, periodIn } from './periods.ts'

it.each([
  ['', '1h'],
  ['last=24h', '24h'],
  ['last=never', '1h'],
  ['last=toString', '1h'],
  ['from=2026-11-22T10:00:00Z', '1h'],
  [
    'last=24h&from=2026-11-22T10:00:00.000Z&to=2026-11-22T11:30:00.000Z',
    { from: '2026-11-22T10:00:00.000Z', to: '2026-11-22T11:30:00.000Z' }
  ]
])('the period of ?%s', (query, expected) => {
  expect(periodIn(new URLSearchParams(query))).toEqual(expected)
})

it('has a name', () => {
  expect(nameOfPeriod('6h')).toBe('The last 6 h')
  expect(nameOfPeriod({ from: '2026-11-22T10:00:00.000Z', to: '2026-11-22T11:30:00.000Z' })).toBe(
    '2026-11-22 10:00 to 2026-11-22 11:30'
  )
})
