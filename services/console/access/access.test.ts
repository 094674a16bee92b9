import { describe, expect, it } from '@jest/globals'
import type { InjectOptions } from 'fastify'
import { blockList } from '../../networks.ts'
import { consoleServer } from '../console.fixture.ts'
import type { AccessRules } from './identity.ts'
import { newToken, parseTokens } from './tokens.ts'

const { token, line } = newToken('ann')
const tokens = parseTokens(line, 'tokens')
const abroad: AccessRules = { loopback: false }

type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>> }
type Asked = { readonly method: 'GET' | 'POST' | 'DELETE'; readonly url: string }

/** Every route of the document, and the page's own, which are not in it. */
async function everyRoute(): Promise<Asked[]> {
  const { app } = consoleServer()
  const { paths } = (await app.inject({ url: '/api/openapi.json', headers: { host: 'localhost' } })).json<Document>()
  await app.close()
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => ({
      method: method.toUpperCase() as Asked['method'],
      url: path.replaceAll(/\{\w+\}/g, 'x')
    }))
  )
  expect(documented.length).toBeGreaterThan(8)
  const others = [
    '/',
    '/index.html',
    '/calls',
    '/favicon.svg',
    '/runbooks/spike',
    '/api/openapi.json',
    '/nothing',
    '/api/'
  ]
  return [...documented, ...others.map(url => ({ method: 'GET' as const, url }))]
}

describe('without a valid token', () => {
  it.each([
    { name: 'nobody is configured', rules: abroad, status: 403 },
    { name: 'there are tokens', rules: { ...abroad, tokens }, status: 401 },
    {
      name: 'a proxy names the user',
      rules: { ...abroad, userHeader: { name: 'x-user', proxies: blockList(['10.0.0.1']) } },
      status: 401
    }
  ])('no route answers where $name, but health and metrics', async ({ rules, status }) => {
    const { app } = consoleServer({ access: () => rules })
    const headers = [{}, { authorization: 'Bearer wrong' }, { cookie: 'earshot_token=wrong' }, { 'x-user': 'ann' }]
    for (const asked of await everyRoute()) {
      for (const each of headers) {
        const { statusCode, body } = await app.inject({
          ...asked,
          headers: each,
          ...(asked.method === 'POST' && { payload: {} })
        })
        expect({ ...asked, each, statusCode }).toEqual({ ...asked, each, statusCode: status })
        expect(JSON.parse(body)).toEqual({ error: expect.any(String), message: expect.any(String) })
      }
    }
    for (const url of ['/healthz', '/readyz', '/metrics']) expect((await app.inject(url)).statusCode).toBe(200)
    await app.close()
  })
})

describe('a browser', () => {
  const form = (given: Record<string, string>): InjectOptions => ({
    method: 'POST',
    url: '/session',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(given).toString()
  })

  it('is asked for a token, gets a cookie for it and is led to the page that it wanted', async () => {
    const { app } = consoleServer({ access: () => ({ ...abroad, tokens }) })
    const visit = { url: '/calls?peer=%22%3E%3Cscript%3E', headers: { accept: 'text/html' } }
    const asked = await app.inject(visit)
    expect(asked.statusCode).toBe(401)
    expect(asked.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(asked.body).toContain('action="session"')
    expect(asked.body).toContain('value="calls?peer=%22%3E%3Cscript%3E"')

    const answer = await app.inject(form({ token, page: 'calls?peer=x' }))
    expect([answer.statusCode, answer.headers.location]).toEqual([303, './calls?peer=x'])
    const cookie = String(answer.headers['set-cookie'])
    expect(cookie).toBe(`earshot_token=${token}; HttpOnly; SameSite=Lax; Path=/; Max-Age=43200`)
    const headers = { cookie: cookie.split(';')[0] }
    expect((await app.inject({ url: '/api/session', headers })).json()).toEqual({ name: 'ann', by: 'token' })
    await app.close()
  })

  it.each(['//evil.example', 'https://evil.example', '\\evil', '../x'])('is not led to %s', async page => {
    const { app } = consoleServer({ access: () => ({ ...abroad, tokens }) })
    expect((await app.inject(form({ token, page }))).headers.location).toBe('./')
    await app.close()
  })

  it('with a wrong token is asked again', async () => {
    const { app } = consoleServer({ access: () => ({ ...abroad, tokens }) })
    const answer = await app.inject(form({ token: 'wrong', page: 'calls' }))
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([401, undefined])
    expect(answer.body).toContain('This token is not known.')
    await app.close()
  })
})

describe('what changes something', () => {
  const statusOf = async (url: string, type: string): Promise<number> => {
    const { app } = consoleServer({ access: () => ({ ...abroad, tokens }) })
    const payload = url.endsWith('silences') ? '{"kind":"allow_drop","until":"2030-01-01T00:00Z"}' : '{}'
    const headers = { 'content-type': type, cookie: `earshot_token=${token}` }
    const { statusCode } = await app.inject({ method: 'POST', url, headers, payload })
    await app.close()
    return statusCode
  }

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
    'is refused as %s, which forms of other sites send',
    async type => {
      const posts = (await everyRoute()).filter(({ method }) => method === 'POST')
      expect(posts.length).toBeGreaterThan(1)
      for (const { url } of posts) expect([400, 415]).toContain(await statusOf(url, type))
    }
  )

  it('is taken as JSON', async () => {
    expect(await statusOf('/api/alerts/x/acknowledge', 'application/json')).toBe(404)
  })
})

describe('a token', () => {
  it('ends with its line in the file', async () => {
    let known = tokens
    const { app } = consoleServer({ access: () => ({ ...abroad, tokens: known }) })
    const request = { url: '/api/alerts', headers: { authorization: `Bearer ${token}` } }
    expect((await app.inject(request)).statusCode).toBe(200)
    known = parseTokens(newToken('bob').line, 'tokens')
    expect((await app.inject(request)).statusCode).toBe(401)
    await app.close()
  })

  it('takes its streams along', async () => {
    let known = tokens
    const { app } = consoleServer({ access: () => ({ ...abroad, tokens: known }) })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const { body } = await fetch(`${url}/api/events`, { headers: { cookie: `earshot_token=${token}` } })
    known = parseTokens(newToken('bob').line, 'tokens')
    const text = await new Response(body).text()
    expect(text).toContain('event: snapshot')
    await app.close()
  })
})
