import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { guard } from './access/guard.ts'
import type { AccessRules } from './access/identity.ts'
import { session } from './access/session.ts'
import { agentsApi, type AgentsParts } from './agents-api.ts'
import { alertsApi, type AlertsParts } from './alerts-api.ts'
import { Session } from './answers/session.ts'
import { callsApi, type CallsParts } from './calls-api.ts'
import { eventsApi } from './events-api.ts'
import { pages } from './pages.ts'
import { peersApi, type PeersParts } from './peers-api.ts'
import { pipelineApi, type PipelineParts } from './pipeline-api.ts'
import { reportsApi, type ReportsParts } from './reports-api.ts'
import { route } from './route.ts'
import { seriesApi, type SeriesParts } from './series-api.ts'

export type ConsoleParts = PeersParts &
  AgentsParts &
  AlertsParts &
  CallsParts &
  ReportsParts &
  SeriesParts &
  PipelineParts & { readonly access: () => AccessRules; readonly version: string }

/** The page and the API behind it, for those who may ask. */
export function console(app: FastifyInstance, parts: ConsoleParts): void {
  const { access, version } = parts
  guard(app, access)
  void app.register(async scope => session(scope, access))
  void app.register(async scope => {
    // Before the routes, of which it makes the document.
    await scope.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: { title: 'Earshot', version, description: 'What the figures mean: docs/counting.md' },
        components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
        security: [{ token: [] }]
      }
    })
    scope.get('/api/openapi.json', { schema: { hide: true } }, async () => scope.swagger())
    route(scope, {
      method: 'GET',
      url: '/api/session',
      summary: 'Who asks',
      tag: 'access',
      answer: Session,
      handle: async (_asked, { identity }) => identity!
    })
    peersApi(scope, parts)
    agentsApi(scope, parts)
    eventsApi(scope, parts)
    callsApi(scope, parts)
    seriesApi(scope, parts)
    pipelineApi(scope, parts)
    reportsApi(scope, parts)
    await scope.register(async inner => alertsApi(inner, parts))
  })
  void app.register(async scope => pages(scope))
}
