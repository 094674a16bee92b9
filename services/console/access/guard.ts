import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { identify, isRefusal, type AccessRules, type Identity, type Refusal } from './identity.ts'
import { loginPage } from './login-page.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks: set before any handler but those of routes that are open to everybody. */
    identity: Identity | undefined
  }
}

/** What load balancers, Kubernetes and Prometheus ask, and where a token is given. */
const openRoutes: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/metrics', '/session'])

/** Answers nobody who may not ask, on any route of the server, also those that do not exist. */
export function guard(app: FastifyInstance, rules: () => AccessRules): void {
  app.decorateRequest('identity', undefined)
  app.addHook('onRequest', async (request, reply) => {
    if (openRoutes.has(request.routeOptions.url)) return
    const found = identify(askingOf(request), rules())
    if (!isRefusal(found)) request.identity = found
    else return refuse(request, reply, found, rules())
  })
}

/** Whether whoever asked would still be answered, and as the same one. */
export function isStillAllowed(request: FastifyRequest, rules: AccessRules): boolean {
  const found = identify(askingOf(request), rules)
  return !isRefusal(found) && found.name === request.identity?.name
}

export const askingOf = ({ ip, headers }: FastifyRequest) => ({ address: ip, headers })

function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, error, message }: Refusal,
  { tokens }: AccessRules
): FastifyReply {
  void reply.code(status)
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="Earshot"')
  const isVisit = request.method === 'GET' && String(request.headers.accept ?? '').includes('text/html')
  return status === 401 && tokens && isVisit ? loginPage(reply, request.url) : reply.send({ error, message })
}
