import { describe, expect, it } from '@jest/globals'
import { parseRegistry, type Alert } from '@earshot/peers'
import { after, hour, storeOf } from './hours.fixture.ts'
import { LocalTime } from './local-time.ts'
import { methodsReport } from './methods.ts'

const local = new LocalTime('UTC')
const registry = parseRegistry('peers:\n  - { name: atlantic, group: west, members: [203.0.113.7] }', 'peers.yaml')

const alert = (id: string, change: Partial<Alert> = {}): Alert => ({
  id,
  kind: 'method_regression',
  peer: 'atlantic',
  method: 'UPDATE',
  severity: 'warning',
  startedAt: after(2),
  raisedAt: after(2),
  summary: `${id} of UPDATE`,
  evidence: {},
  advice: '',
  runbook: 'method-regression',
  ...change
})

describe('the report of methods', () => {
  const store = storeOf(
    [
      ...hour('atlantic', 1, 'outbound', { sums: { rejections: { 'UPDATE 501': 3, 'INFO 405': 9 } } }),
      ...hour('atlantic', 5, 'inbound', { sums: { rejections: { 'UPDATE 501': 4 } } }).slice(1),
      ...hour('pacific', 5, 'outbound', { sums: { rejections: { 'PRACK 501': 1 } } })
    ],
    {
      alerts: [
        alert('lasts'),
        alert('over before', { startedAt: after(-9), endedAt: after(-1) }),
        alert('reaches in', { kind: 'allow_drop', startedAt: after(-9), endedAt: after(1) }),
        alert('begins later', { startedAt: after(8) }),
        alert('another peer', { peer: 'pacific', startedAt: after(3) })
      ]
    }
  )
  const range = { from: after(0), to: after(6) }

  it('counts transactions by peer, method and code, most first, with their hours', async () => {
    const { rows } = await methodsReport({ store, registry, local }, { ...range, peer: 'atlantic' })
    const subject = { kind: 'peer', name: 'atlantic' }
    expect(rows).toEqual([
      { subject, method: 'INFO', code: 405, transactions: 9, firstHour: after(1), lastHour: after(1) },
      { subject, method: 'UPDATE', code: 501, transactions: 7, firstHour: after(1), lastHour: after(5) }
    ])
  })

  it('tells which regressions lasted in its time, oldest first', async () => {
    const { regressions } = await methodsReport({ store, registry, local }, range)
    expect(regressions.map(({ summary, endedAt }) => [summary, endedAt])).toEqual([
      ['reaches in of UPDATE', after(1)],
      ['lasts of UPDATE', undefined],
      ['another peer of UPDATE', undefined]
    ])
  })

  it('tells those of the peer or the group that is asked for', async () => {
    const of = async (whom: { peer?: string; group?: string }): Promise<string[]> => {
      const { regressions } = await methodsReport({ store, registry, local }, { ...range, ...whom })
      return [...new Set(regressions.map(({ peer }) => peer))]
    }
    expect(await of({ peer: 'pacific' })).toEqual(['pacific'])
    expect(await of({ group: 'west' })).toEqual(['atlantic'])
  })
})
