import { expect, it } from '@jest/globals'
import { Calendar } from './calendar.ts'

const minute = (time: string): number => Date.parse(time) / 60e3

it.each([
  { zone: 'UTC', time: '2026-01-05T00:00Z', is: 'Monday 00:00', at: 0 },
  { zone: 'UTC', time: '2026-01-04T23:59Z', is: 'Sunday 23:59', at: 7 * 1440 - 1 },
  { zone: 'Europe/Berlin', time: '2026-01-04T23:00Z', is: 'Monday 00:00', at: 0 },
  { zone: 'Europe/Berlin', time: '2026-03-29T00:59Z', is: 'Sunday 01:59, before summer time', at: 6 * 1440 + 119 },
  { zone: 'Europe/Berlin', time: '2026-03-29T01:00Z', is: 'Sunday 03:00, in summer time', at: 6 * 1440 + 180 },
  { zone: 'Asia/Kathmandu', time: '2026-01-04T18:15Z', is: 'Monday 00:00', at: 0 },
  { zone: 'America/St_Johns', time: '2026-01-05T03:30Z', is: 'Monday 00:00', at: 0 }
])('$time is $is in $zone', ({ zone, time, at }) => {
  expect(new Calendar(zone).minuteOfWeek(minute(time))).toBe(at)
})

it('refuses a zone that there is not', () => {
  expect(() => new Calendar('Europe/Atlantis')).toThrow(RangeError)
})
