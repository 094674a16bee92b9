import type { FastifyInstance } from 'fastify'
import { isStillAllowed } from './access/guard.ts'
import type { AccessRules } from './access/identity.ts'
import { agentsOf, type AgentsParts } from './agents-api.ts'
import { alertsOf, type AlertsParts } from './alerts-api.ts'
import { EventStream } from './event-stream.ts'
import { snapshotOf, type PeersParts } from './peers-api.ts'
import { route } from './route.ts'

type EventsParts = PeersParts & AgentsParts & AlertsParts & { readonly access: () => AccessRules }

/** One stream of everything that changes by itself. */
export function eventsApi(app: FastifyInstance, parts: EventsParts): void {
  const events = new EventStream([
    { name: 'snapshot', everyMs: 2_000, show: () => snapshotOf(parts) },
    { name: 'alerts', everyMs: 1_000, show: () => alertsOf(parts) },
    { name: 'agents', everyMs: 5_000, show: () => agentsOf(parts) },
    { name: 'history', everyMs: 10_000, show: () => parts.figures.history.show(60) }
  ])
  route(app, {
    method: 'GET',
    url: '/api/events',
    summary: 'Server-sent events: snapshot, alerts, agents and history, each whole whenever it has changed',
    tag: 'live',
    mediaType: 'text/event-stream',
    async handle(_asked, request, reply) {
      reply.hijack()
      for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value ?? '')
      events.add(reply.raw, () => isStillAllowed(request, parts.access()))
      return reply
    }
  })
  // Before the server waits for answers under way, of which these never end.
  app.addHook('preClose', async () => events.end())
}
