import { describe, expect, it } from '@jest/globals'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { busyHourOf, type LoadedHour } from './busy-hour.ts'
import { LocalTime } from './local-time.ts'
import { HOUR } from './range.ts'

const at = (text: string): EpochMicros => epochMicros(Date.parse(text) * 1e3)
const hoursBetween = (from: EpochMicros, to: EpochMicros, erlangsOf: (at: EpochMicros) => number): LoadedHour[] =>
  Array.from({ length: Math.ceil((to - from) / HOUR) }, (_, index) => epochMicros(from + index * HOUR)).map(each => ({
    at: each,
    erlangs: erlangsOf(each),
    attempts: 10,
    blocked: 0
  }))

describe('the busy hour', () => {
  it('is not lessened by a day that has not come to it', () => {
    const utc = new LocalTime('UTC')
    const range = { from: at('2026-11-02T00:00Z'), to: at('2026-11-09T09:00Z') }
    const byClock: Readonly<Record<string, number>> = { '08:00': 90, '20:00': 100 }
    const hours = hoursBetween(range.from, range.to, each => byClock[utc.momentOf(each).clock] ?? 1)
    expect(busyHourOf(hours, range, utc)).toMatchObject({ days: 8, timeConsistent: { clock: '20:00', erlangs: 100 } })
  })

  it('leaves out the hour that is not over', () => {
    const utc = new LocalTime('UTC')
    const range = { from: at('2026-11-02T00:00Z'), to: at('2026-11-03T08:30Z') }
    const hours = hoursBetween(range.from, range.to, each => (utc.momentOf(each).clock === '08:00' ? 8 : 1))
    expect(busyHourOf(hours, range, utc)).toMatchObject({ timeConsistent: { clock: '08:00', erlangs: 8 } })
    expect(busyHourOf(hours, { from: range.from, to: epochMicros(range.from + HOUR / 2) }, utc)).toBeNull()
  })

  it.each(['2026-10-24T22:00Z', '2026-10-21T22:00Z'])('is not doubled where the clock is put back, from %s', from => {
    const berlin = new LocalTime('Europe/Berlin')
    const range = { from: at(from), to: at('2026-10-26T23:00Z') }
    const hours = hoursBetween(range.from, range.to, () => 10)
    expect(busyHourOf(hours, range, berlin)).toMatchObject({ timeConsistent: { erlangs: 10 } })
  })
})
