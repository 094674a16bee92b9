import { describe, expect, it } from '@jest/globals'
import { epochMicros } from '@earshot/units'
import { alertsOf, allowed, learnt, midnight, rejected, times, told } from './method-watch.fixture.ts'
import { MethodWatch } from './index.ts'

const agreed = times(50, 0, 1, after => allowed(after, 'INVITE UPDATE'))
const without = (count: number, from = 100) => times(count, from, 1, after => allowed(after, 'INVITE'))

describe('an Allow drop (MC-10)', () => {
  it.each([
    { name: '20 messages without what 50 listed', rows: [...agreed, ...without(20)], tells: ['start UPDATE +100'] },
    { name: 'not 19', rows: [...agreed, ...without(19)], tells: [] },
    { name: 'not of what 49 listed', rows: [...agreed.slice(1), ...without(20)], tells: [] },
    {
      name: 'messages of one second count together',
      rows: [allowed(0, 'INVITE UPDATE', { count: 50 }), allowed(1, 'INVITE', { count: 20 })],
      tells: ['start UPDATE +1']
    },
    {
      name: 'not where one in between lists it',
      rows: [...agreed, ...without(19), allowed(119, 'INVITE UPDATE'), ...without(19, 120)],
      tells: []
    },
    {
      name: 'not where others of the same second list it',
      rows: [
        ...agreed,
        ...times(40, 100, 1, after => [allowed(after, 'INVITE'), allowed(after, 'INVITE UPDATE')]).flat()
      ],
      tells: []
    },
    {
      name: 'not of another source',
      rows: [...agreed, ...without(30).map(row => ({ ...row, source: 'options' as const }))],
      tells: []
    },
    { name: 'not of another agent', rows: [...agreed, ...without(30).map(row => ({ ...row, agent: 'X' }))], tells: [] },
    {
      name: 'of each method that is gone',
      rows: [...agreed, ...times(20, 100, 1, after => allowed(after, 'ACK'))],
      tells: ['start INVITE +100', 'start UPDATE +100']
    },
    {
      name: 'until 20 messages in a row list it',
      rows: [...agreed, ...without(20), ...times(20, 200, 1, after => allowed(after, 'INVITE UPDATE'))],
      tells: ['start UPDATE +100', 'end UPDATE +219']
    },
    {
      name: 'not over while only some do',
      rows: [
        ...agreed,
        ...without(20),
        ...times(60, 200, 1, after => allowed(after, after % 10 === 0 ? 'INVITE' : 'INVITE UPDATE'))
      ],
      tells: ['start UPDATE +100']
    }
  ])('$name', ({ rows, tells }) => expect(told(alertsOf(rows)).sort()).toEqual(tells.sort()))

  it('of several sources is one alert, and is over when all of them list it again', () => {
    const both = (rows: readonly ReturnType<typeof allowed>[]) =>
      rows.flatMap(row => [row, { ...row, source: 'provisional' as const }])
    const back = times(20, 200, 1, after => allowed(after, 'INVITE UPDATE'))
    expect(told(alertsOf([...both(agreed), ...both(without(20)), ...back]))).toEqual(['start UPDATE +100'])
    expect(told(alertsOf([...both(agreed), ...both(without(20)), ...both(back)]))).toEqual([
      'start UPDATE +100',
      'end UPDATE +219'
    ])
  })

  it('does not start in a maintenance window', () => {
    const watch = new MethodWatch(() => [
      { from: epochMicros((midnight + 100) * 1e6), to: epochMicros((midnight + 110) * 1e6) }
    ])
    expect(told(alertsOf([...agreed, ...without(29)], watch))).toEqual([])
    expect(told(alertsOf(without(1, 200), watch))).toEqual(['start UPDATE +110'])
  })

  it('says what was lost', () => {
    const [alert] = alertsOf([...agreed, ...without(20)])
    expect(alert).toMatchObject({
      kind: 'allow_drop',
      evidence: { source: 'answer', allow: ['INVITE'], allowLost: ['UPDATE'] },
      runbook: 'allow-drop'
    })
    expect(alert!.advice).toContain('lists INVITE; before that also UPDATE')
  })
})

describe('what was lost (MC-11)', () => {
  it('is of what was agreed, whatever sets came since', () => {
    const rows = [
      ...times(50, 0, 1, after => allowed(after, 'INVITE PRACK UPDATE')),
      ...times(10, 100, 1, after => allowed(after, 'INVITE PRACK')),
      ...times(20, 200, 1, after => allowed(after, 'INVITE'))
    ]
    const lost = { allow: ['INVITE'], allowLost: ['PRACK', 'UPDATE'] }
    expect(alertsOf(rows).sort((a, b) => a.startedAt - b.startedAt)).toMatchObject([
      { method: 'UPDATE', evidence: lost },
      { method: 'PRACK', evidence: lost }
    ])
  })

  it('is of what was agreed where a method is rejected', () => {
    const sets = [...agreed, ...without(10), allowed(3500, 'ACK INVITE')]
    const [alert] = alertsOf([...learnt(), ...sets, ...times(5, 3600, 1, rejected)])
    expect(alert!.evidence).toMatchObject({ allow: ['ACK', 'INVITE'], allowLost: ['UPDATE'] })
  })
})

describe('what is advertised (MC-8)', () => {
  const advertisedIn = (...sets: readonly [source: 'provisional' | 'answer' | 'options', methods: string][]) => {
    const watch = new MethodWatch()
    for (const [source, methods] of sets) watch.observe(allowed(0, methods, { source }))
    watch.advance(epochMicros((midnight + 60) * 1e6))
    return Object.fromEntries(watch.capabilities('far').map(({ method, advertised }) => [method, advertised]))
  }

  it('of an 18x is not held against that of a 2xx (MC-7)', () => {
    expect(advertisedIn(['provisional', 'INVITE PRACK'], ['answer', 'INVITE UPDATE'])).toEqual({
      INVITE: 'yes',
      PRACK: 'yes',
      UPDATE: 'yes'
    })
  })

  it('is mixed where those that can be compared differ', () => {
    expect(advertisedIn(['options', 'INVITE'], ['answer', 'INVITE UPDATE'], ['provisional', 'INVITE'])).toEqual({
      INVITE: 'yes',
      UPDATE: 'mixed'
    })
  })
})

describe('a regression', () => {
  it('names what the peer lists, and what it listed before (MC-11)', () => {
    const sets = [allowed(10, 'INVITE PRACK UPDATE'), allowed(3600, 'INVITE PRACK', { source: 'answer' })]
    const [alert] = alertsOf([...learnt(), ...sets, ...times(5, 3600, 1, rejected)])
    expect(alert!.evidence).toMatchObject({ allow: ['INVITE', 'PRACK'], allowLost: ['UPDATE'] })
    expect(alert!.advice).toContain('lists INVITE, PRACK; before that also UPDATE')
  })

  it('says so where the peer goes on advertising it', () => {
    const [alert] = alertsOf([...learnt(), allowed(10, 'INVITE UPDATE'), ...times(5, 3600, 1, rejected)])
    expect(alert!.advice).toContain('still advertises what it rejects')
  })
})
