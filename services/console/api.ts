import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import fastifyStatic from '@fastify/static'
import type { Log } from '@earshot/bus'
import type { EpochMicros } from '@earshot/units'
import { statesOf, type Registry } from '@earshot/peers'
import { withCapacity, withGroupCapacity, type BusiestOf } from '../capacity-rows.ts'
import type { DecisionsView } from '../monitor/decisions-view.ts'
import type { MonitorView } from '../monitor/view.ts'
import type { AgentsView, SeenAgent } from './agents-view.ts'
import { alertsApi } from './alerts-api.ts'

export type ConsoleParts = {
  readonly figures: Pick<
    MonitorView,
    'counts' | 'since' | 'watermark' | 'rows' | 'groups' | 'history' | 'capabilities' | 'busiest' | 'alerts'
  >
  readonly agents: Pick<AgentsView, 'agents' | 'collectors' | 'drops'>
  readonly decisions: Pick<DecisionsView, 'acknowledgement' | 'silenceOf' | 'silences'>
  /** Where commands are written. */
  readonly log: Pick<Log, 'append'>
  /** The console's clock. */
  readonly now: () => EpochMicros
  readonly registry: () => Registry
}

const runbooks = join(import.meta.dirname, '../../docs/runbooks')

/** Whether only this machine can reach a server that listens there. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)

/** In place of the page where others could reach it: they get figures of calls only once access is controlled. */
export function refuse(app: FastifyInstance): void {
  const message =
    'The page and the API are served on a loopback address only. Listen on 127.0.0.1 and put a reverse proxy that asks who it is in front.'
  app.get('/', async (_request, reply) => reply.code(403).send({ error: 'forbidden', message }))
  app.all('/api/*', async (_request, reply) => reply.code(403).send({ error: 'forbidden', message }))
}

/** The page and the API behind it. */
export function console(app: FastifyInstance, parts: ConsoleParts): void {
  const { figures, agents, registry } = parts
  void app.register(fastifyStatic, { root: `${import.meta.dirname}/web/dist` })
  void app.register(fastifyStatic, {
    root: runbooks,
    prefix: '/runbooks/',
    extensions: ['md'],
    index: false,
    decorateReply: false,
    // Markdown is read as it is; browsers would save it.
    setHeaders: reply => void reply.header('content-type', 'text/plain; charset=utf-8')
  })

  const busiestOf: BusiestOf = (peer, side) => figures.busiest(peer, side)

  app.get('/api/peers', async () => {
    const { since, watermark } = figures
    const { calls, ...messages } = figures.counts
    return {
      since: iso(since),
      now: iso(watermark),
      messages,
      calls,
      agents: merged(agents.agents()),
      drops: agents.drops(),
      peers: withCapacity(figures.rows(), busiestOf, peer => registry().named(peer)).map(row => {
        const entry = registry().named(row.peer)
        const capabilities = statesOf(figures.capabilities(row.peer))
        return { ...row, capabilities, ...(entry?.group && { group: entry.group }), ...(entry?.ours && { ours: true }) }
      }),
      groups: withGroupCapacity(
        figures.groups(peer => registry().named(peer)?.group),
        registry().entries
      )
    }
  })

  app.get<{ Params: { peer: string } }>('/api/peers/:peer/capabilities', async ({ params: { peer } }, reply) => {
    const methods = figures.capabilities(peer)
    if (methods.length > 0) return { peer, now: iso(figures.watermark), methods }
    const message = `Nothing is known of the methods of ${peer}: no peer has that name, or it has answered nothing yet.`
    return reply.code(404).send({ error: 'not_found', message })
  })

  void app.register(async scope => alertsApi(scope, parts))

  app.get('/api/agents', async () => ({
    collectors: agents.collectors().map(({ collector, at, drops }) => ({ collector, toldAt: iso(at), drops })),
    agents: agents.agents().map(({ lastSeen, ...agent }) => ({ ...agent, lastSeen: iso(lastSeen) }))
  }))

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
    async ({ query }) => figures.history.show(query.minutes)
  )
}

/** One row per agent, however many collectors hear it; its clock as the one says that heard it last. */
function merged(seen: readonly SeenAgent[]): object[] {
  const byName = Map.groupBy(
    seen.filter(({ packets }) => packets > 0),
    ({ agent }) => agent
  )
  return Array.from(byName, ([agent, all]) => {
    const last = all.reduce((one, other) => ((other.lastSeen ?? 0) > (one.lastSeen ?? 0) ? other : one))
    return {
      agent,
      packets: all.reduce((sum, { packets }) => sum + packets, 0),
      lastSeen: iso(last.lastSeen),
      clockOffsetSeconds: last.clockOffsetSeconds,
      ...(last.shiftedBySeconds !== undefined && { shiftedBySeconds: last.shiftedBySeconds })
    }
  })
}

const iso = (time: EpochMicros | undefined): string | null =>
  time === undefined ? null : new Date(time / 1e3).toISOString()
