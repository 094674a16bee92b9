import { describe, expect, it } from '@jest/globals'
import { epochMicros } from '@earshot/units'
import { alertsOf, answered, DAY, HOUR, learnt, midnight, rejected, times, told } from './method-watch.fixture.ts'
import { MethodWatch } from './index.ts'

const start = HOUR
const five = times(5, start, 60, rejected)

describe('a regression (MC-9)', () => {
  it.each([
    { name: 'five rejections of what worked 20 times', rows: [...learnt(), ...five], tells: ['start UPDATE +3600'] },
    { name: 'not four', rows: [...learnt(), ...five.slice(1)], tells: [] },
    { name: 'not five in more than 15 minutes', rows: [...learnt(), ...times(5, start, 226, rejected)], tells: [] },
    {
      name: 'five in exactly 15 minutes',
      rows: [...learnt(), ...times(5, start, 225, rejected)],
      tells: ['start UPDATE +3600']
    },
    { name: 'not of what never worked', rows: five, tells: [] },
    { name: 'not of what worked 19 times in one day', rows: [...learnt().slice(1), ...five], tells: [] },
    {
      name: 'of what worked five times over a day',
      rows: [...times(5, 0, DAY / 4, answered), ...times(5, DAY + 1, 1, rejected)],
      tells: [`start UPDATE +${DAY + 1}`]
    },
    {
      name: 'not of what worked five times in less than a day',
      rows: [...times(5, 0, DAY / 4 - 1, answered), ...times(5, DAY + 1, 1, rejected)],
      tells: []
    },
    {
      name: 'not of what worked more than a week ago',
      rows: [...learnt(), ...times(5, 8 * DAY, 1, rejected)],
      tells: []
    },
    {
      name: 'where as many work as are rejected',
      rows: [...learnt(), ...five, ...times(5, start + 10, 40, answered)],
      tells: ['start UPDATE +3600']
    },
    {
      name: 'not where more work than are rejected',
      rows: [...learnt(), ...five, ...times(6, start + 10, 35, answered)],
      tells: []
    },
    {
      name: 'by 405 as by 501',
      rows: [...learnt(), ...five.map(each => ({ ...each, code: 405 }))],
      tells: ['start UPDATE +3600']
    },
    {
      name: 'of several rejections in one second',
      rows: [...learnt(), rejected(start, { count: 7 })],
      tells: ['start UPDATE +3600']
    },
    {
      name: 'never of INVITE (MC-3)',
      rows: [...learnt(), ...five].map(each => ({ ...each, method: 'INVITE' })),
      tells: []
    },
    {
      name: 'of OPTIONS that was answered 2xx',
      rows: [...learnt(), ...five].map(each => ({ ...each, method: 'OPTIONS' })),
      tells: ['start OPTIONS +3600']
    },
    {
      name: 'not of OPTIONS that was only answered otherwise',
      rows: [...learnt({ code: 420 }), ...five].map(each => ({ ...each, method: 'OPTIONS' })),
      tells: []
    },
    {
      name: 'of a method of its own',
      rows: [...learnt(), ...five].map(each => ({ ...each, method: 'FOO' })),
      tells: ['start FOO +3600']
    },
    {
      name: 'of the devices of a peer together',
      rows: [...learnt({ agent: 'X/1' }), ...times(5, start, 1, after => rejected(after, { agent: `X/${after}` }))],
      tells: ['start UPDATE +3600']
    },
    {
      name: 'not of many that are counted as other',
      rows: [...learnt(), ...five].map(each => ({ ...each, peer: 'other' })),
      tells: []
    }
  ])('$name', ({ rows, tells }) => expect(told(alertsOf(rows))).toEqual(tells))

  it('says what was seen, what it means, and what to do', () => {
    const [alert] = alertsOf([...learnt(), ...five])
    expect(alert).toMatchObject({
      kind: 'method_regression',
      peer: 'far',
      method: 'UPDATE',
      severity: 'critical',
      startedAt: epochMicros((midnight + start) * 1e6),
      raisedAt: epochMicros((midnight + start + 240) * 1e6),
      summary: 'far rejects UPDATE with 501 since 2026-01-01T01:00:00Z; it last worked 2026-01-01T00:19:00Z',
      evidence: {
        codes: ['501'],
        ok: 0,
        lastGoodCallId: '1140@x',
        callIds: ['3600@x', '3660@x', '3720@x', '3780@x', '3840@x']
      },
      runbook: 'method-regression'
    })
    expect(alert!.advice).toContain('re-INVITE')
  })
})

describe('the recovery', () => {
  const regressed = [...learnt(), ...five]
  const after = start + 300
  it.each([
    { name: '20 in a row', rows: times(20, after, 1, answered), ends: [`end UPDATE +${after + 19}`] },
    {
      name: 'not 20 that are not in a row',
      rows: [...times(10, after, 1, answered), rejected(after + 10), ...times(10, after + 11, 1, answered)],
      hours: 0,
      ends: []
    },
    {
      name: 'under 10 % for 15 minutes from the last rejection on',
      rows: times(6, after, 100, answered),
      ends: [`end UPDATE +${start + 240 + 900}`]
    },
    {
      name: 'with one rejection among eleven',
      rows: [...times(11, after, 10, answered), rejected(after + 200)],
      ends: [`end UPDATE +${start + 240 + 900}`]
    },
    {
      name: '15 minutes later with one among ten',
      rows: [...times(9, after, 10, answered), rejected(after + 200), ...times(5, after + 300, 10, answered)],
      ends: [`end UPDATE +${after + 200 + 900}`]
    },
    { name: 'not by silence', rows: times(4, after, 1, answered), ends: [] }
  ])('$name', ({ rows, ends, hours }) => {
    expect(told(alertsOf([...regressed, ...rows], new MethodWatch(), { hours: hours ?? 1 })).slice(1)).toEqual(ends)
  })

  it('has the id of what it ends, and a new regression another', () => {
    const rows = [...regressed, ...times(20, after, 1, answered), ...times(5, after + 60, 1, rejected)]
    const alerts = alertsOf(rows)
    expect(told(alerts)).toHaveLength(3)
    const [first, end, second] = alerts.toSorted((a, b) => (a.endedAt ?? a.startedAt) - (b.endedAt ?? b.startedAt))
    expect(end!.id).toBe(first!.id)
    expect(second!.id).not.toBe(first!.id)
  })

  it('learns nothing before: what is regressed for a week is not known any more', () => {
    const watch = new MethodWatch()
    alertsOf([...regressed, ...times(4, DAY, 60, answered)], watch)
    expect(told(alertsOf(times(4, 9 * DAY, 1, answered), watch))).toEqual([`end UPDATE +${9 * DAY}`])
    expect(alertsOf(times(5, 9 * DAY + HOUR, 1, rejected), watch)).toEqual([])
  })
})

describe('a maintenance window', () => {
  const window = (from: number, to: number): MethodWatch =>
    new MethodWatch(peer =>
      peer === 'far' ? [{ from: epochMicros((midnight + from) * 1e6), to: epochMicros((midnight + to) * 1e6) }] : []
    )

  it('keeps a regression from starting inside it', () => {
    expect(alertsOf([...learnt(), ...five], window(start, start + 241))).toEqual([])
    expect(told(alertsOf([...learnt(), ...five], window(start, start + 1)))).toEqual([])
  })

  it('is over at its end: what is rejected from then on counts', () => {
    const rows = [...learnt(), ...five, ...times(5, start + 300, 1, rejected)]
    expect(told(alertsOf(rows, window(start, start + 300)))).toEqual([`start UPDATE +${start + 300}`])
  })

  it('does not keep one from ending', () => {
    const rows = [...learnt(), ...five, ...times(20, start + 300, 1, answered)]
    expect(told(alertsOf(rows, window(start + 300, start + 400)))).toHaveLength(2)
  })
})
