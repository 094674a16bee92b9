import { describe, expect, it } from '@jest/globals'
import { fastify, type FastifyInstance } from 'fastify'
import { LocalLog } from '@earshot/bus'
import { Figures, parseRegistry } from '@earshot/peers'
import { epochMicros, plus, seconds } from '@earshot/units'
import type { AgentStatus } from '../agents-record.ts'
import { MonitorView } from '../monitor/view.ts'
import { console, type ConsoleParts } from './api.ts'
import type { AgentsView } from './agents-view.ts'
import { consoleParts } from './console.fixture.ts'

const noon = epochMicros(1_767_225_600e6)

const status = (agent: string, changes: Partial<AgentStatus> = {}): AgentStatus => ({
  agent,
  packets: 1,
  lastSeen: noon,
  clockOffsetSeconds: 0,
  drops: {},
  transports: ['udp'],
  address: '192.0.2.1',
  authenticated: false,
  ...changes
})

const { lastSeen: _lastSeen, ...unseen } = status('stranger', { packets: 0, drops: { unauthorized: 4 } })

const agents: Pick<AgentsView, 'agents' | 'collectors' | 'drops'> = {
  agents: () => [
    { collector: 'one', ...status('sbc', { packets: 3, clockOffsetSeconds: 0.5 }) },
    { collector: 'two', ...status('sbc', { packets: 4, lastSeen: plus(noon, seconds(1)), shiftedBySeconds: 7200 }) },
    { collector: 'two', ...unseen }
  ],
  collectors: () => [{ collector: 'one', at: noon, drops: { 'not-sip': 2 } }],
  drops: () => ({ 'not-sip': 2, unauthorized: 4 })
}

const log = new LocalLog({ topics: {} })
const serve = (app: FastifyInstance, given: Partial<ConsoleParts>): void => console(app, consoleParts(given))

async function answer(url: string): Promise<object> {
  const app = fastify()
  const figures = new MonitorView({ log })
  serve(app, { figures, agents })
  const { body } = await app.inject(url)
  await app.close()
  return JSON.parse(body) as object
}

describe('the API', () => {
  it('knows nothing of the methods of a peer that showed none', async () => {
    expect(await answer('/api/peers/far/capabilities')).toMatchObject({ error: 'not_found' })
  })

  it('tells the methods of a peer, and the alerts that last and that are over', async () => {
    const alert = {
      id: 'a',
      kind: 'method_regression',
      peer: 'far/1',
      severity: 'critical',
      startedAt: noon,
      raisedAt: noon,
      summary: 'far rejects UPDATE',
      evidence: {},
      advice: '',
      runbook: 'method-regression'
    } as const
    const over = { ...alert, id: 'b', endedAt: plus(noon, seconds(9)) }
    const method = { method: 'UPDATE', state: 'regressed', advertised: 'yes' }
    const app = fastify()
    const figures = new MonitorView({ log })
    figures.capabilities = peer => (peer === 'far/1' ? [method as never] : [])
    figures.alerts = () => [alert, over]
    serve(app, { figures, agents })
    const capabilities = await app.inject(`/api/peers/${encodeURIComponent('far/1')}/capabilities`)
    expect(capabilities.json()).toEqual({ peer: 'far/1', now: null, methods: [method] })
    const startedAt = '2026-01-01T00:00:00.000Z'
    expect((await app.inject('/api/alerts')).json()).toEqual({
      now: null,
      active: [{ ...alert, startedAt, raisedAt: startedAt }],
      recent: [{ ...over, startedAt, raisedAt: startedAt, endedAt: '2026-01-01T00:00:09.000Z' }],
      silences: []
    })
    await app.close()
  })

  it('has the runbooks as text, and nothing else of the disk', async () => {
    const app = fastify()
    serve(app, { figures: new MonitorView({ log }), agents })
    const runbook = await app.inject('/runbooks/allow-drop')
    expect(runbook.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(runbook.body).toMatch('Alert `allow_drop`')
    expect((await app.inject('/runbooks/..%2Foperations')).statusCode).toBe(404)
    await app.close()
  })

  it('tells how much of a peer is used in both directions, and what is left of what was contracted', async () => {
    const sums = (direction: 'inbound' | 'outbound', answered: number) => ({
      peer: 'far',
      direction,
      earlyMediaMicros: 0,
      withSdp: 0,
      withoutSdp: 0,
      rejections: {},
      attempts: { none: { open: 3 }, early_media: { open: 2 } },
      tallies: { parts: { answered, given_up: 1 }, spreads: {} }
    })
    const figured = new Figures()
    figured.merge([sums('inbound', 1), sums('outbound', 6)])
    const figures = new MonitorView({ log })
    figures.rows = () => figured.rows(0)
    figures.groups = groupOf => figured.groups(groupOf, 0)
    figures.busiest = (_peer, side) => ({
      busySecond: { attempts: side === 'both' ? 9 : 7, at: '2026-01-01T00:00:00Z' },
      peak: null
    })
    figures.groupBusiest = () => ({
      busySecond: { attempts: 6, at: '2026-01-01T00:00:01Z' },
      peak: { calls: 11, at: '2026-01-01T00:00:02Z' }
    })
    const registry = parseRegistry(
      JSON.stringify({ peers: [{ name: 'far', group: 'abroad', members: ['192.0.2.1'], calls: 20, cps: 8 }] }),
      'peers.yaml'
    )
    const app = fastify()
    serve(app, { figures, agents, registry: () => registry })
    const { peers, groups } = (await app.inject('/api/peers')).json<{ peers: object[]; groups: object[] }>()
    await app.close()
    const left = { contracted: { calls: 20, cps: 8 }, headroom: { calls: 5, cps: -1 } }
    const concurrent = { setup: 3, earlyMedia: 2, established: 5 }
    const busySecond = { attempts: 7, at: '2026-01-01T00:00:00Z' }
    expect(peers).toMatchObject([
      { direction: 'inbound', capacity: { concurrent: { established: 0 }, busySecond, ...left } },
      { direction: 'outbound', capacity: { concurrent, carriedErlangs: null, busySecond, peak: null, ...left } }
    ])
    expect(groups[1]).toMatchObject({
      group: 'abroad',
      capacity: {
        concurrent,
        busySecond: { attempts: 6, at: '2026-01-01T00:00:01Z' },
        peak: { calls: 11, at: '2026-01-01T00:00:02Z' },
        contracted: { calls: 20, cps: 8 },
        headroom: { calls: 5, cps: 2 }
      }
    })
  })

  it('tells of each agent at each collector what that knows', async () => {
    expect(await answer('/api/agents')).toEqual({
      collectors: [{ collector: 'one', toldAt: '2026-01-01T00:00:00.000Z', drops: { 'not-sip': 2 } }],
      agents: [
        {
          collector: 'one',
          ...status('sbc', { packets: 3, clockOffsetSeconds: 0.5 }),
          lastSeen: '2026-01-01T00:00:00.000Z'
        },
        {
          collector: 'two',
          ...status('sbc', { packets: 4, shiftedBySeconds: 7200 }),
          lastSeen: '2026-01-01T00:00:01.000Z'
        },
        { collector: 'two', ...unseen, lastSeen: null }
      ]
    })
  })

  it('has beside the peers one row per agent that was heard, and the drops of all collectors', async () => {
    expect(await answer('/api/peers')).toMatchObject({
      agents: [
        {
          agent: 'sbc',
          packets: 7,
          lastSeen: '2026-01-01T00:00:01.000Z',
          clockOffsetSeconds: 0,
          shiftedBySeconds: 7200
        }
      ],
      drops: { 'not-sip': 2, unauthorized: 4 },
      peers: []
    })
  })
})
