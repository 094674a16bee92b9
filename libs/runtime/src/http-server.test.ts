import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createLogger, type HttpServer, httpServer, type Readiness } from './index.ts'

const open: HttpServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(server => server.stop()))
})

type Given = { health?: readonly Readiness[]; metrics?: () => Promise<string>; port?: number; logged?: string[] }

function serverWith({ health = [], metrics, port = 0, logged = [] }: Given = {}): HttpServer {
  const logger = createLogger({ level: 'info', output: { write: line => void logged.push(line) } })
  const server = httpServer({
    host: '127.0.0.1',
    port,
    logger,
    health: () => health,
    ...(metrics === undefined ? {} : { metrics })
  })
  open.push(server)
  return server
}

describe('httpServer', () => {
  it('says that it is alive on the port that the system chose', async () => {
    const server = serverWith()
    await server.start()
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    const response = await fetch(`${server.url}/healthz`)
    expect([response.status, await response.json()]).toEqual([200, { status: 'alive' }])
  })

  it.each([
    { name: 'every part is ready', health: [{ name: 'hep', ready: true }], status: 200, ready: true },
    {
      name: 'one part is not',
      health: [
        { name: 'hep', ready: true },
        { name: 'store', ready: false, reason: 'disk full' }
      ],
      status: 503,
      ready: false
    }
  ])('answers $status at /readyz when $name', async ({ health, status, ready }) => {
    const response = await serverWith({ health }).app.inject('/readyz')
    expect([response.statusCode, response.json()]).toEqual([status, { ready, parts: health }])
  })

  it('serves the metrics as Prometheus wants them', async () => {
    const response = await serverWith({ metrics: async () => 'earshot_calls_total 0\n' }).app.inject('/metrics')
    expect(response.body).toBe('earshot_calls_total 0\n')
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  it.each(['/healthz', '/nothing-here'])('sends the security headers with %s', async url => {
    const { headers } = await serverWith().app.inject(url)
    expect(headers['content-security-policy']).toMatch(/^default-src 'self';/)
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  it('answers 404 in JSON', async () => {
    const response = await serverWith().app.inject('/nothing')
    expect(response.statusCode).toBe(404)
    expect(response.json()).toEqual({ error: 'not_found', message: 'There is nothing at GET /nothing' })
  })

  it('tells the caller what was wrong with a request', async () => {
    const server = serverWith()
    server.app.post('/api', async () => 'ok')
    const response = await server.app.inject({
      method: 'POST',
      url: '/api',
      headers: { 'content-type': 'application/json' },
      payload: '{'
    })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({ error: 'bad_request', message: expect.stringContaining('JSON') })
  })

  it('keeps the cause of an error of ours in the log', async () => {
    const logged: string[] = []
    const server = serverWith({ logged })
    server.app.get('/api', async () => {
      throw new Error('SELECT secret FROM calls')
    })
    const response = await server.app.inject('/api')
    expect(response.statusCode).toBe(500)
    expect(response.json()).toEqual({ error: 'internal', message: 'The request failed; the log says why.' })
    expect(logged.join('')).toContain('SELECT secret')
  })

  it('says in one line that its port is taken, and what to do', async () => {
    const first = serverWith()
    await first.start()
    const second = serverWith({ port: Number(new URL(first.url).port) })
    await expect(second.start()).rejects.toThrow(
      `HTTP cannot listen on ${first.url}: another process has that port; stop it or choose another with --http-port`
    )
  })

  it('is safe to stop before start and twice, and does not wait for connections without a request', async () => {
    await serverWith().stop()
    const server = serverWith()
    await server.start()
    const accepted = once(server.app.server, 'connection')
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    await accepted
    const closed = once(socket, 'close')
    await server.stop()
    await server.stop()
    await closed
  })
})
