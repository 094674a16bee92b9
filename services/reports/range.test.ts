import { describe, expect, it } from '@jest/globals'
import { epochMicros } from '@earshot/units'
import { LocalTime } from './local-time.ts'
import { BadReportRequest, rangeOf } from './range.ts'

const at = (text: string) => epochMicros(Date.parse(text) * 1e3)
const berlin = new LocalTime('Europe/Berlin')
const now = at('2026-11-23T10:20:30Z')

describe('the range of a report', () => {
  it.each([
    { asked: { from: '2026-11-01', to: '2026-11-02' }, from: '2026-10-31T23:00Z', to: '2026-11-02T23:00Z' },
    { asked: { from: '2026-10-25', to: '2026-10-25' }, from: '2026-10-24T22:00Z', to: '2026-10-25T23:00Z' },
    { asked: { from: '2026-03-29', to: '2026-03-29' }, from: '2026-03-28T23:00Z', to: '2026-03-29T22:00Z' },
    { asked: { from: '2026-11-01 10:30', to: '2026-11-01 11:30' }, from: '2026-11-01T09:00Z', to: '2026-11-01T11:00Z' },
    { asked: { from: '2026-11-20' }, from: '2026-11-19T23:00Z', to: '2026-11-23T10:20Z' },
    { asked: { from: '2026-11-20', to: '2027-01-01' }, from: '2026-11-19T23:00Z', to: '2026-11-23T10:20Z' },
    { asked: {}, from: '2026-11-15T23:00Z', to: '2026-11-23T10:20Z' },
    { asked: { to: '2026-11-10' }, from: '2026-11-03T23:00Z', to: '2026-11-10T23:00Z' }
  ])('that is asked for by $asked is $from to $to', ({ asked, from, to }) => {
    expect(rangeOf(asked, berlin, now)).toEqual({ from: at(from), to: at(to) })
  })

  it.each([
    { asked: { from: 'soon' }, why: 'soon is no time: write 2026-11-23, or 2026-11-23 10:00' },
    { asked: { from: '2026-11-02', to: '2026-11-01' }, why: 'nothing lies between' },
    { asked: { from: '2023-01-01' }, why: 'a report has at most 25000 hours' },
    { asked: { from: '2026-12-01' }, why: 'nothing lies between' }
  ])('is none by $asked', ({ asked, why }) => {
    expect(() => rangeOf(asked, berlin, now)).toThrow(BadReportRequest)
    expect(() => rangeOf(asked, berlin, now)).toThrow(why)
  })
})
