import type { FastifyInstance } from 'fastify'
import fastifyStatic from '@fastify/static'
import { inSeconds, type EpochMicros } from '@earshot/units'
import type { Registry } from '@earshot/peers'
import type { Collector } from '../collector/collector.ts'
import { clockAhead } from '../collector/agents.ts'
import type { Monitor } from '../monitor/monitor.ts'

export type ConsoleParts = {
  readonly monitor: Monitor
  readonly collector: Pick<Collector, 'agents' | 'drops'>
  readonly registry: () => Registry
}

/** Whether only this machine can reach a server that listens there. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)

/** In place of the page where others could reach it: they get figures of calls only once access is controlled. */
export function refuse(app: FastifyInstance): void {
  const message =
    'The page and the API are served on a loopback address only. Listen on 127.0.0.1 and put a reverse proxy that asks who it is in front.'
  app.get('/', async (_request, reply) => reply.code(403).send({ error: 'forbidden', message }))
  app.get('/api/*', async (_request, reply) => reply.code(403).send({ error: 'forbidden', message }))
}

/** The page and the API behind it. */
export function console(app: FastifyInstance, { monitor, collector, registry }: ConsoleParts): void {
  void app.register(fastifyStatic, { root: `${import.meta.dirname}/web/dist` })

  app.get('/api/peers', async () => {
    const { counts, since, watermark } = monitor.state ?? {}
    const { calls = 0, ...messages } = counts ?? {}
    return {
      since: iso(since),
      now: iso(watermark),
      messages,
      calls,
      agents: [...collector.agents].map(agent => ({
        agent: agent.name,
        packets: agent.packets,
        lastSeen: iso(agent.lastSeen),
        clockOffsetSeconds: clockAhead(agent),
        ...(agent.shift !== undefined && { shiftedBySeconds: inSeconds(agent.shift) })
      })),
      drops: Object.fromEntries([...collector.drops].filter(([, count]) => count > 0)),
      peers: monitor.rows().map(row => {
        const entry = registry().named(row.peer)
        return { ...row, ...(entry?.group && { group: entry.group }), ...(entry?.ours && { ours: true }) }
      })
    }
  })

  app.get<{ Querystring: { minutes: number } }>(
    '/api/history',
    {
      schema: {
        querystring: {
          type: 'object',
          properties: { minutes: { type: 'integer', minimum: 1, maximum: 60, default: 60 } }
        }
      }
    },
    async ({ query }) => monitor.history.show(query.minutes)
  )
}

const iso = (time: EpochMicros | undefined): string | null =>
  time === undefined ? null : new Date(time / 1e3).toISOString()
