import { describe, expect, it } from '@jest/globals'
import { fastify } from 'fastify'
import { LocalLog } from '@earshot/bus'
import { emptyRegistry } from '@earshot/peers'
import { epochMicros, plus, seconds } from '@earshot/units'
import type { AgentStatus } from '../agents-record.ts'
import { MonitorView } from '../monitor/view.ts'
import { console as serve } from './api.ts'
import type { AgentsView } from './agents-view.ts'

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

async function answer(url: string): Promise<object> {
  const app = fastify()
  const figures = new MonitorView({ log: new LocalLog({ topics: {} }) })
  serve(app, { figures, agents, registry: () => emptyRegistry })
  const { body } = await app.inject(url)
  await app.close()
  return JSON.parse(body) as object
}

describe('the API', () => {
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
