import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** What the page knows by the path, beside `/`; all are as deep, so that its relative links hold below any proxy's path. */
export const pagePaths = ['peer', 'calls', 'call', 'alerts', 'capacity', 'pipeline'] as const

const built = join(import.meta.dirname, 'web/dist')
const runbooks = join(import.meta.dirname, '../../docs/runbooks')

/** The page, which draws what its URL says, and the runbooks that alerts lead to. */
export function pages(app: FastifyInstance): void {
  void app.register(fastifyStatic, { root: built, schemaHide: true })
  for (const path of pagePaths) {
    app.get(`/${path}`, { schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(readFileSync(join(built, 'index.html')))
    )
  }
  void app.register(fastifyStatic, {
    root: runbooks,
    prefix: '/runbooks/',
    extensions: ['md'],
    index: false,
    decorateReply: false,
    schemaHide: true,
    // Markdown is read as it is; browsers would save it.
    setHeaders: reply => void reply.header('content-type', 'text/plain; charset=utf-8')
  })
}
