import type { Server } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import helmet, { type FastifyHelmetOptions } from '@fastify/helmet'
import { fastify, type FastifyError, type FastifyInstance } from 'fastify'
import type { Component } from './component.ts'
import type { Logger } from './logger.ts'

/** One part of the process: whether it does its work now, and if not, why. */
export type Readiness = { readonly name: string; readonly ready: boolean; readonly reason?: string }

export type HttpServer = Component & {
  /** For services to register their routes and plugins on, before `start`. */
  readonly app: FastifyInstance
  /** Where it listens; after `start` with the port that the system chose for port 0. */
  readonly url: string
}

/** How long requests under way may take to end when the server stops. */
const graceMs = 5_000

/** Nothing from elsewhere, no inline script. Whether the way to here is HTTPS only is for the proxy to say that ends it. */
const securityHeaders: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'self'"], baseUri: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"] }
  },
  strictTransportSecurity: false
}

/**
 * The HTTP server of a role: /healthz (alive), /readyz (every part ready, or 503 with the reasons) and, where given,
 * /metrics. Errors leave as `{error, message}`; those of status 500 and above are logged and say nothing of their cause.
 */
export function httpServer({
  host,
  port,
  logger,
  health,
  metrics
}: {
  readonly host: string
  readonly port: number
  readonly logger: Logger
  readonly health: () => readonly Readiness[]
  /** Prometheus' text format. */
  readonly metrics?: () => Promise<string>
}): HttpServer {
  const app = fastify({
    logger: false,
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
    bodyLimit: 64 << 10,
    // Names and Call-IDs in paths are as long as they are.
    routerOptions: { maxParamLength: 1024 }
  })
  void app.register(helmet, securityHeaders)
  answerErrors(app, logger)
  const silent = silentConnections(app.server)
  app.get('/healthz', async () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    const parts = health()
    const ready = parts.every(part => part.ready)
    return reply.code(ready ? 200 : 503).send({ ready, parts })
  })
  if (metrics !== undefined) {
    app.get('/metrics', async (_request, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics())
    )
  }
  return {
    name: 'http',
    app,
    get url() {
      const bound = app.server.address()
      return urlOf(host, typeof bound === 'object' && bound !== null ? bound.port : port)
    },
    async start() {
      await app.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
        throw new Error(`HTTP cannot listen on ${urlOf(host, port)}: ${reasonOf(cause)}`, { cause })
      })
    },
    async stop() {
      const force = setTimeout(() => app.server.closeAllConnections(), graceMs)
      const closed = app.close()
      for (const socket of silent) socket.destroy()
      await closed
      clearTimeout(force)
    }
  }
}

/** Connections without a request yet. Browsers open them ahead of need, and Node waits for them when it closes. */
function silentConnections(server: Server): ReadonlySet<Socket> {
  const silent = new Set<Socket>()
  server.on('connection', socket => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  server.on('request', request => silent.delete(request.socket))
  return silent
}

function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 400 && status < 500) {
      return reply.code(status).send({ error: 'bad_request', message: error.message })
    }
    logger.error({ err: error, method: request.method, url: request.url }, 'a request failed')
    return reply
      .code(status > 500 ? status : 500)
      .send({ error: 'internal', message: 'The request failed; the log says why.' })
  })
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: 'not_found', message: `There is nothing at ${request.method} ${request.url}` })
  )
}

const urlOf = (host: string, port: number): string => `http://${isIPv6(host) ? `[${host}]` : host}:${port}`

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process has that port; stop it or choose another with --http-port',
  EACCES: 'this user may not open that port; choose one above 1023 with --http-port',
  EADDRNOTAVAIL: 'this machine does not have that address; choose another with --http-host',
  ENOTFOUND: 'no such host is known; choose another with --http-host'
}

const reasonOf = ({ code, message }: NodeJS.ErrnoException): string => reasons[code ?? ''] ?? message
