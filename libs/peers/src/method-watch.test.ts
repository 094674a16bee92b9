import { describe, expect, it } from '@jest/globals'
import { epochMicros } from '@earshot/units'
import fc from 'fast-check'
import { allowed, answered, learnt, midnight, rejected, times } from './method-watch.fixture.ts'
import { methodLabels, MethodWatch, statesOf, type Alert } from './index.ts'

type Row = ReturnType<typeof answered> | ReturnType<typeof allowed>

function watching(rows: readonly Row[], hour = 1): MethodWatch {
  const watch = new MethodWatch()
  for (const row of rows) watch.observe(row)
  watch.advance(epochMicros((midnight + hour * 3600) * 1e6))
  return watch
}

describe('the state of a cell (MC-8)', () => {
  it.each([
    { name: 'nothing', rows: [], state: undefined },
    { name: 'advertised', rows: [allowed(0, 'UPDATE')], state: 'advertised' },
    { name: 'supported', rows: [answered(0)], state: 'supported' },
    { name: 'rejected', rows: [rejected(0)], state: 'rejected' },
    { name: 'rejected, and not advertised', rows: [allowed(0, 'INVITE'), rejected(1)], state: 'rejected' },
    { name: 'inconsistent', rows: [allowed(0, 'UPDATE'), rejected(1)], state: 'inconsistent' },
    { name: 'rejected after it worked', rows: [answered(0), rejected(1)], state: 'rejected' },
    { name: 'working after it was rejected', rows: [rejected(0), answered(1)], state: 'supported' },
    { name: 'learnt, and rejected once', rows: [...learnt(), rejected(1200)], state: 'supported' },
    { name: 'regressed', rows: [...learnt(), ...times(5, 1200, 1, rejected)], state: 'regressed' }
  ])('$name', ({ rows, state }) => {
    const watch = watching(rows)
    expect(statesOf(watch.capabilities('far'))['UPDATE']).toBe(state)
    expect(Array.from(watch.states()).find(({ method }) => method === 'UPDATE')?.state).toBe(state)
  })
})

describe('the matrix', () => {
  it('has counts by code, times, samples and agents, and what is advertised', () => {
    const watch = watching([
      allowed(0, 'INVITE UPDATE'),
      allowed(0, 'INVITE', { agent: 'X/2' }),
      answered(1, { agent: 'X/1', count: 3 }),
      rejected(2, { agent: 'X/2', code: 405 })
    ])
    expect(watch.capabilities('far')).toMatchObject([
      { method: 'INVITE', state: 'advertised', advertised: 'yes', agents: [] },
      {
        method: 'UPDATE',
        state: 'inconsistent',
        advertised: 'mixed',
        ok: { 200: 3 },
        rejected: { 405: 1 },
        advertisedAt: '2026-01-01T00:00:00Z',
        lastOk: '2026-01-01T00:00:01Z',
        callIds: { ok: '1@x', rejected: ['2@x'] },
        agents: [
          { agent: 'X/1', ok: 3, rejected: 0 },
          { agent: 'X/2', ok: 0, rejected: 1 }
        ]
      }
    ])
  })

  it('is bounded: agents and methods beyond are others', () => {
    const rows = times(100, 0, 1, after => rejected(after, { agent: `X/${after}`, method: `M${after}` }))
    const cells = watching(rows).capabilities('far')
    expect(cells.length).toBe(9)
    const others = cells.find(({ method }) => method === 'OTHER')
    expect(others).toMatchObject({ rejected: { 501: 92 }, agents: [{ agent: 'others', rejected: 92 }] })
  })

  it('takes names that mean something to JavaScript for names', () => {
    const names = ['__proto__', 'constructor', 'toString']
    const watch = watching(
      names.flatMap((name, index) => [
        rejected(index, { method: name, agent: name }),
        allowed(index, name, { agent: name })
      ])
    )
    expect(watch.capabilities('far').map(({ method, rejected: codes }) => [method, codes])).toEqual(
      names.toSorted().map(name => [name, { 501: 1 }])
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('does not break on times that no calendar has', () => {
    const watch = new MethodWatch()
    for (const row of [...learnt(), ...times(5, 1e12, 1, rejected), allowed(1e12, 'UPDATE')]) watch.observe(row)
    watch.advance(epochMicros(1e22))
    expect(watch.capabilities('far')).toHaveLength(1)
  })
})

describe('the same observations', () => {
  const row = fc.record({
    after: fc.integer({ min: 0, max: 1500 }),
    method: fc.constantFrom('UPDATE', 'OPTIONS', 'FOO'),
    peer: fc.constantFrom('far', 'near'),
    agent: fc.constantFrom('', 'X'),
    count: fc.integer({ min: 1, max: 12 }),
    code: fc.constantFrom(200, 200, 200, 501, 405, 420),
    allow: fc.constantFrom('INVITE UPDATE', 'INVITE', ''),
    isAllow: fc.boolean()
  })
  const rowsOf = fc
    .array(row, { maxLength: 120 })
    .map(all =>
      all
        .map(({ after, isAllow, allow, method, code, ...each }) =>
          isAllow ? allowed(after, allow, each) : answered(after, { method, code, ...each })
        )
        .sort((a, b) => a.second - b.second || (a.kind < b.kind ? -1 : Number(a.kind > b.kind)))
    )

  /** Steps of seconds, each a commit; at those of `crashes` another process goes on. */
  function fold(rows: readonly Row[], step: number, crashes: ReadonlySet<number>): { alerts: Alert[]; state: object } {
    const state = new Map<string, Buffer>()
    let watch = new MethodWatch()
    const alerts: Alert[] = []
    for (let until = midnight; until <= midnight + 4000; until += step) {
      for (const each of rows) if (each.second >= until - step && each.second < until) watch.observe(each)
      watch.advance(epochMicros(until * 1e6))
      alerts.push(...watch.alerts())
      for (const { key, value } of watch.changes()) {
        if (value) state.set(key, value)
        else state.delete(key)
      }
      if (!crashes.has((until - midnight) / step)) continue
      watch = new MethodWatch()
      for (const [key, value] of state) watch.restore(key, value)
    }
    const shown = Object.fromEntries(['far', 'near'].map(peer => [peer, watch.capabilities(peer)]))
    return { alerts: alerts.sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1)), state: shown }
  }

  it('give the same alerts and the same matrix, however they are cut, crashes or not', () => {
    fc.assert(
      fc.property(rowsOf, fc.constantFrom(5, 10, 50, 200, 1000), fc.array(fc.nat(200)), (rows, step, crashes) => {
        expect(fold(rows, step, new Set(crashes))).toEqual(fold(rows, 2000, new Set()))
      }),
      { numRuns: 100 }
    )
  })
})

describe('the labels', () => {
  it('are those of the contract (MC-12)', () => expect(methodLabels).toHaveLength(14))
})
