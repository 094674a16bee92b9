import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { EpochMicros } from '@earshot/units'
import type { Alert } from '../alert.ts'
import { after, monday, timeOf } from './traffic-watch.fixture.ts'
import { TrafficWatch } from './traffic-watch.ts'
import { countedAt, type CountedRecord } from './minute-counts.ts'

const MINUTES = 300

/** What happens to whom: in these minutes all calls fail, or there are none, or more. */
type Incident = {
  readonly peer: string
  readonly from: number
  readonly length: number
  readonly kind: 'fails' | 'silent' | 'more'
}

const incident: fc.Arbitrary<Incident> = fc.record({
  peer: fc.constantFrom('a', 'b'),
  from: fc.integer({ min: 100, max: MINUTES - 60 }),
  length: fc.integer({ min: 5, max: 50 }),
  kind: fc.constantFrom('fails', 'silent', 'more')
})

/** Calls of two peers, in the order of their ends. */
function callsOf(incidents: readonly Incident[]): CountedRecord[] {
  const calls = Array.from({ length: MINUTES }, (_, minute) =>
    ['a', 'b'].flatMap(peer => {
      const now = incidents.find(each => each.peer === peer && each.from <= minute && minute < each.from + each.length)
      const calls = now?.kind === 'silent' ? 0 : now?.kind === 'more' ? 40 : 10
      return Array.from({ length: calls }, (_, at) =>
        callOf(peer, minute, (60 * at) / calls, at % 2 > 0 && now?.kind !== 'fails')
      )
    })
  )
  return calls.flat().sort((one, other) => countedAt(one) - countedAt(other))
}

const callOf = (peer: string, minute: number, second: number, isAnswered: boolean): CountedRecord => ({
  kind: 'attempt',
  peer,
  direction: 'inbound',
  class: 'early_media',
  outcome: isAnswered ? 'answered' : 'busy',
  status: isAnswered ? 200 : 486,
  firstCode: 183,
  flags: [],
  sessionRequestDelay: (second % 7) / 2,
  endedAt: timeOf(monday + minute, second),
  closedAt: timeOf(monday + minute, second)
})

/** One batch after the other; at each end the time has come as far as its last record. */
function alertsOf(
  batches: readonly (readonly CountedRecord[])[],
  restored: (detector: TrafficWatch) => TrafficWatch
): Alert[] {
  let detector = new TrafficWatch({ keepsChanges: true })
  const alerts: Alert[] = []
  for (const batch of batches) {
    for (const record of batch) detector.observe(record)
    const last = Math.max(...batch.map(countedAt)) as EpochMicros
    detector.advance(last)
    alerts.push(...detector.alerts())
    detector = restored(detector)
  }
  detector.advance(after(monday + MINUTES))
  return [...alerts, ...detector.alerts()]
}

const stays = (detector: TrafficWatch): TrafficWatch => detector

const whole = (records: readonly CountedRecord[]): Alert[] => alertsOf([records], stays)

/** Cut at these places; inside a batch the order is another. */
function cut<T>(records: readonly T[], at: readonly number[]): T[][] {
  const places = [...new Set(at.map(each => each % records.length))].filter(each => each > 0).sort((a, b) => a - b)
  return [0, ...places].map((from, index) => records.slice(from, places[index]))
}

/** Each is hours of traffic. */
const few = { numRuns: 20 }

const incidents = fc.array(incident, { maxLength: 3 })
const places = fc.array(fc.nat(), { minLength: 1, maxLength: 30 })

describe('the alerts are the same', () => {
  it('whatever the batches, and the order in them', () => {
    fc.assert(
      fc.property(incidents, places, (given, at) => {
        const records = callsOf(given)
        expect(
          alertsOf(
            cut(records, at).map(batch => batch.toReversed()),
            stays
          )
        ).toEqual(whole(records))
      }),
      few
    )
  })

  it('whenever it was restored, and whether the state was taken before', () => {
    fc.assert(
      fc.property(incidents, places, fc.boolean(), (given, at, twice) => {
        const records = callsOf(given)
        const states = new Map<string, Buffer>()
        const restored = (detector: TrafficWatch): TrafficWatch => {
          for (const { key, value } of detector.changes()) {
            if (value) states.set(key, value)
            else states.delete(key)
          }
          const next = new TrafficWatch({ keepsChanges: true })
          for (const [key, value] of [...states].reverse()) next.restore(key, value)
          if (twice) expect(next.active()).toEqual(detector.active())
          return next
        }
        expect(alertsOf(cut(records, at), restored)).toEqual(whole(records))
      }),
      few
    )
  })

  it('and there are some', () => {
    const alerts = whole(callsOf([{ peer: 'a', from: 200, length: 40, kind: 'silent' }]))
    expect(alerts.map(({ peer, kind }) => `${peer} ${kind}`)).toEqual(['a absence', 'a absence'])
  })
})

it('the state does not grow: what is looked back on no more is gone', () => {
  const detector = new TrafficWatch({ keepsChanges: true })
  const keys = new Map<string, number>()
  for (const record of callsOf([])) {
    detector.observe(record)
    detector.advance(countedAt(record))
  }
  for (const { key, value } of detector.changes()) if (value) keys.set(key, value.length)
  expect(keys.size).toBeLessThan(2 * (62 + 4 * 6) + 3)
})

it('refuses a state of a later version', () => {
  expect(() => new TrafficWatch().restore('traffic-time next', Buffer.from('{"v":3}'))).toThrow('format 3')
})
