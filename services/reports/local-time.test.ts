import { describe, expect, it } from '@jest/globals'
import { epochMicros } from '@earshot/units'
import { LocalTime } from './local-time.ts'

const at = (text: string) => epochMicros(Date.parse(text) * 1e3)

describe('a moment', () => {
  it.each([
    { zone: 'UTC', written: '2026-11-23', is: '2026-11-23T00:00Z' },
    { zone: 'UTC', written: '2026-11-23 10:30', is: '2026-11-23T10:30Z' },
    { zone: 'Europe/Berlin', written: '2026-11-23', is: '2026-11-22T23:00Z' },
    { zone: 'Europe/Berlin', written: '2026-07-01T12:00', is: '2026-07-01T10:00Z' },
    { zone: 'Europe/Berlin', written: '2026-07-01T12:00:30Z', is: '2026-07-01T12:00:30Z' },
    { zone: 'Europe/Berlin', written: '2026-07-01T12:00+05:30', is: '2026-07-01T06:30Z' },
    { zone: 'Europe/Berlin', written: '2026-03-29 03:30', is: '2026-03-29T01:30Z' },
    { zone: 'Europe/Berlin', written: '2026-10-25 02:30', is: '2026-10-25T01:30Z' },
    { zone: 'America/New_York', written: '2026-03-08', is: '2026-03-08T05:00Z' },
    { zone: 'Asia/Kolkata', written: '2026-11-23', is: '2026-11-22T18:30Z' },
    { zone: 'America/New_York', written: '2026-11-01 01:30', is: '2026-11-01T06:30Z' },
    { zone: 'America/Havana', written: '2010-03-14', is: '2010-03-14T05:00Z' },
    { zone: 'America/Havana', written: '2010-03-15', is: '2010-03-15T04:00Z' },
    { zone: 'Europe/Berlin', written: '2026-03-29 02:30', is: '2026-03-29T01:30Z' },
    { zone: 'Pacific/Apia', written: '2026-11-23', is: '2026-11-22T11:00Z' }
  ])('that is written $written in $zone is $is', ({ zone, written, is }) => {
    expect(new LocalTime(zone).moment(written)).toBe(at(is))
  })

  it.each([
    '',
    'yesterday',
    '2026-13-01',
    '2026-02-30',
    '2026-11-23 25:00',
    '23.11.2026',
    '2026-11-23T10',
    '0001-01-01'
  ])('is not what %s names', written => {
    expect(new LocalTime('Europe/Berlin').moment(written)).toBeUndefined()
  })

  it('is told by the calendar and the clock of the place', () => {
    const berlin = new LocalTime('Europe/Berlin')
    expect(berlin.momentOf(at('2026-11-22T23:00Z'))).toEqual({ day: '2026-11-23', clock: '00:00' })
    expect(berlin.text(at('2026-07-01T10:15Z'))).toBe('2026-07-01 12:15')
  })

  it('is not told in a time zone that there is not', () => {
    expect(() => new LocalTime('Mars/Olympus')).toThrow(RangeError)
  })
})
