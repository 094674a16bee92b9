import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { age, count, duration, percent, shortCount, timeOfDay, timeOn, tinyCount, words } from './format.ts'

describe('counts', () => {
  it.each([
    { value: 0, all: '0', short: '0', tiny: '0' },
    { value: 999, all: '999', short: '999', tiny: '999' },
    { value: 1_999, all: '1,999', short: '1,999', tiny: '1.9k' },
    { value: 12_399, all: '12,399', short: '12.3k', tiny: '12k' },
    { value: 999_999, all: '999,999', short: '999k', tiny: '999k' },
    { value: 1_239_999, all: '1,239,999', short: '1.23M', tiny: '1.2M' },
    { value: 4.5e9, all: '4,500,000,000', short: '4.50G', tiny: '4.5G' }
  ])('$value', ({ value, all, short, tiny }) => {
    expect([count(value), shortCount(value), tinyCount(value)]).toEqual([all, short, tiny])
  })

  it('keep to the width of their columns', () => {
    fc.assert(
      fc.property(fc.nat(1e11), value => {
        expect(shortCount(value).length).toBeLessThanOrEqual(5)
        expect(tinyCount(value).length).toBeLessThanOrEqual(4)
      })
    )
  })
})

describe('percent', () => {
  it.each([
    { ratio: undefined, text: '–' },
    { ratio: 0, text: '0%' },
    { ratio: 0.0004, text: '<0.1%' },
    { ratio: 0.1234, text: '12.3%' },
    { ratio: 0.9996, text: '>99.9%' },
    { ratio: 1, text: '100%' }
  ])('$ratio is $text', ({ ratio, text }) => expect(percent(ratio)).toBe(text))
})

describe('duration', () => {
  it.each([
    { seconds: undefined, text: '–' },
    { seconds: 0, text: '0 s' },
    { seconds: 4.25, text: '4.3 s' },
    { seconds: 59.96, text: '1m 00s' },
    { seconds: 3_599.7, text: '1h 00m' },
    { seconds: 18_300, text: '5h 05m' },
    { seconds: 90_000, text: '1d 01h' }
  ])('of $seconds s is $text', ({ seconds, text }) => expect(duration(seconds)).toBe(text))

  it('has no fractions as an age', () => expect([age(-1), age(8.9), age(61.9)]).toEqual(['0 s', '8 s', '1m 01s']))
})

describe('times', () => {
  const noon = new Date('2026-11-22T12:00:05Z')

  it('are UTC, with the day where it is another', () => {
    expect(timeOfDay(noon)).toBe('12:00:05')
    expect(timeOn(noon, new Date('2026-11-22T23:59:59Z'))).toBe('12:00:05')
    expect(timeOn(noon, new Date('2026-11-23T00:00:00Z'))).toBe('22 Nov 12:00:05')
  })

  it('that are none are a dash', () => expect(timeOn(new Date('?'), noon)).toBe('–'))
})

it('values are read as words', () => expect(words('no_answer')).toBe('no answer'))
