import type { FastifyInstance, FastifyRequest } from 'fastify'
import { identify, isRefusal, SESSION_COOKIE, type AccessRules } from './identity.ts'
import { askingOf } from './guard.ts'
import { loginPage } from './login-page.ts'

/** A working day. */
const SESSION_SECONDS = 12 * 3600

/** Where the form of a browser without a token is sent, and where it gives the token back. */
export function session(app: FastifyInstance, rules: () => AccessRules): void {
  const answered = { hide: true }
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 8 << 10 },
    (_request, body, done) => done(null, new URLSearchParams(String(body)))
  )

  app.post('/session', { schema: answered }, async (request, reply) => {
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
    const page = pageIn(form.get('page') ?? '')
    const token = (form.get('token') ?? '').trim()
    const { address } = askingOf(request)
    const found = identify({ address, headers: { authorization: `Bearer ${token}` } }, rules())
    if (isRefusal(found) || found.by !== 'token') {
      return loginPage(reply.code(401), `/${page}`, 'This token is not known.').header('www-authenticate', 'Bearer')
    }
    const cookie = cookieOf(request, token, SESSION_SECONDS)
    return reply.header('set-cookie', cookie).redirect(`./${page}`, 303)
  })

  app.delete('/session', { schema: answered }, async (request, reply) =>
    reply
      .header('set-cookie', cookieOf(request, '', 0))
      .code(204)
      .send()
  )
}

/** A page of ours and nothing else: a name, then a query. */
const pageIn = (text: string): string => (/^[\w-]*(\/[\w-]+)?(\?[^#\\]*)?$/.test(text) ? text : '')

/** Lax: whoever follows a link to the page has it; what changes something takes JSON, which no other site's form sends. */
function cookieOf({ headers }: FastifyRequest, token: string, seconds: number): string {
  const secure = headers['x-forwarded-proto'] === 'https' ? '; Secure' : ''
  return `${SESSION_COOKIE}=${token}; HttpOnly; SameSite=Lax; Path=/; Max-Age=${seconds}${secure}`
}
