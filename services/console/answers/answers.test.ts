import { describe, expect, it } from '@jest/globals'
import { diagnosisCodes, earlyClasses, outcomes as allOutcomes } from '@earshot/calls'
import { alertKinds as allKinds, Figures, parseRegistry } from '@earshot/peers'
import { SqliteStore } from '@earshot/store'
import { carrierPeers } from '@earshot/traffic'
import { epochMicros, plus, seconds } from '@earshot/units'
import { recordsOfCarriers } from '../carriers.fixture.ts'
import { consoleServer, noon } from '../console.fixture.ts'
import { MonitorView } from '../../monitor/view.ts'
import { Agents } from './agents.ts'
import { Alerts, PastAlerts } from './alerts.ts'
import { CallsFound } from './calls.ts'
import { History } from './history.ts'
import { Snapshot } from './peers.ts'
import { Pipeline } from './pipeline.ts'
import { AllowChanges, Series } from './series.ts'
import { Session } from './session.ts'
import { alertKinds, diagnoses, earlyMediaClasses, outcomes } from './words.ts'

describe('the closed lists of the page', () => {
  const sorted = (words: Iterable<string>) => [...words].sort()

  it('are those of the counting contract', () => {
    expect(sorted(outcomes)).toEqual(sorted(allOutcomes))
    expect(sorted(earlyMediaClasses)).toEqual(sorted(earlyClasses))
    expect(sorted(alertKinds)).toEqual(sorted(allKinds))
    expect(sorted(Object.keys(diagnoses))).toEqual(sorted(diagnosisCodes))
  })
})

describe('what is answered', () => {
  it('has the shape that the document says, of every route', async () => {
    const { attempts, rejections, callEnds, allows, records } = recordsOfCarriers()
    const store = new SqliteStore(undefined)
    await store.start()
    const alert = {
      id: 'a',
      kind: 'spike',
      peer: 'Atlas Transit',
      signal: 'rejected',
      severity: 'warning',
      startedAt: noon,
      raisedAt: noon,
      endedAt: plus(noon, seconds(9)),
      summary: 'more than usual',
      evidence: { callIds: ['x'], expected: 1.5, since: 'noon' },
      advice: '',
      runbook: 'spike'
    } as const
    await store.write({ attempts, rejections, callEnds, allows, alerts: [alert] })
    await store.refresh('minute')
    await store.refresh('hour')
    const figures = new MonitorView({ log: { partitions: async () => 0, states: () => [] as never } })
    const figured = new Figures()
    for (const record of records) figured.add(record)
    figures.rows = () => figured.rows(60)
    figures.groups = groupOf => figured.groups(groupOf, 60)
    figures.alerts = () => [alert]
    const registry = parseRegistry(JSON.stringify({ peers: carrierPeers }), 'peers')
    const now = epochMicros(noon + 120e6)
    const { app } = consoleServer({ store, figures, registry: () => registry, now: () => now })
    const shapes = [
      ['/api/session', Session],
      ['/api/peers', Snapshot],
      ['/api/history', History],
      ['/api/agents', Agents],
      ['/api/alerts', Alerts],
      ['/api/alerts/past', PastAlerts],
      ['/api/calls', CallsFound],
      ['/api/series?peer=Atlas+Transit', Series],
      ['/api/series?from=0&to=1000', Series],
      ['/api/peers/Atlas%20Transit/allow-history', AllowChanges],
      ['/api/pipeline', Pipeline]
    ] as const
    for (const [url, shape] of shapes) {
      const answer = await app.inject({ url, headers: { host: 'localhost' } })
      expect({ url, status: answer.statusCode, ...shape.safeParse(answer.json()) }).toMatchObject({
        url,
        status: 200,
        success: true
      })
    }
    const series = (
      await app.inject({ url: '/api/series?peer=Atlas+Transit', headers: { host: 'localhost' } })
    ).json<Series>()
    const own = attempts.filter(({ peer, direction }) => peer === 'Atlas Transit' && direction !== 'internal')
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
    expect(series.total.attempts).toBe(own.length)
    expect(sum(series.attempts)).toBe(own.length)
    expect(sum(Object.values(series.earlyMedia).map(sum))).toBe(
      own.filter(({ class: early }) => early === 'early_media').length
    )
    expect(sum(Object.values(series.rejections).map(sum))).toBe(
      rejections.filter(({ peer }) => peer === 'Atlas Transit').length
    )
    await app.close()
    await store.stop()
  })
})
