import type { BlockList } from 'node:net'
import { covers } from '../../networks.ts'
import { ownerOf, type Tokens } from './tokens.ts'

/** Who asks. Without a name it is somebody on this machine, where access is not controlled. */
export type Identity = { readonly name?: string; readonly by: 'token' | 'proxy' | 'loopback' }

export type Refusal = {
  readonly status: 401 | 403
  readonly error: 'unauthorized' | 'forbidden'
  readonly message: string
}

/** What tells who asks, of a request. */
export type Asking = {
  /** Of the connection, not of any header. */
  readonly address: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

export type AccessRules = {
  /** The address that is listened on is a loopback address. */
  readonly loopback: boolean
  readonly tokens?: Tokens | undefined
  readonly userHeader?: { readonly name: string; readonly proxies: BlockList } | undefined
  /** Where people reach the page: a host that a request may name. */
  readonly pageUrl?: string | undefined
}

/** The cookie holds the token itself: any console knows it, and it ends with its line in the file. */
export const SESSION_COOKIE = 'earshot_token'

const LONGEST_NAME = 100

/** Who asks, or why nobody is answered. */
export function identify(asking: Asking, rules: AccessRules): Identity | Refusal {
  const { loopback, tokens, userHeader } = rules
  const token = tokenOf(asking)
  const owner = tokens && token !== undefined ? ownerOf(tokens, token) : undefined
  if (owner !== undefined) return { name: owner, by: 'token' }
  if (userHeader && covers(userHeader.proxies, asking.address)) return namedByProxy(asking, userHeader.name, rules)
  if (tokens || userHeader) {
    const message = token === undefined ? 'A token is needed.' : 'The token is not known.'
    return { status: 401, error: 'unauthorized', message }
  }
  if (loopback) return rebound(asking, rules) ?? { by: 'loopback' }
  return forbidden(
    'The page and the API are served on a loopback address only, until access is controlled: docs/operations.md.'
  )
}

export const isRefusal = (found: Identity | Refusal): found is Refusal => 'status' in found

/** Whether only this machine can reach a server that listens there. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(host)

function namedByProxy(asking: Asking, header: string, rules: AccessRules): Identity | Refusal {
  const given = asking.headers[header.toLowerCase()]
  const name = typeof given === 'string' ? given.trim().slice(0, LONGEST_NAME) : ''
  if (name === '') {
    return { status: 401, error: 'unauthorized', message: `The reverse proxy does not say who asks, in ${header}.` }
  }
  // A browser on the proxy's own machine could write the header itself.
  return (isLoopback(asking.address) ? rebound(asking, rules) : undefined) ?? { name, by: 'proxy' }
}

/**
 * A page of another site can have its name lead to this machine, and its script then asks as if it were from here. The
 * browser tells the name. It also tells when a page of another site asks for more than to lead here.
 */
function rebound({ headers }: Asking, { pageUrl }: AccessRules): Refusal | undefined {
  if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') {
    return forbidden('A page of another site asks.')
  }
  const host = hostIn(`http://${String(headers.host ?? '')}`)
  if (host !== undefined && (isLoopback(host) || (pageUrl !== undefined && host === hostIn(pageUrl)))) return undefined
  return forbidden(
    'The request does not name this machine in Host; ask 127.0.0.1 or localhost, or give --alert-page-url.'
  )
}

function hostIn(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : undefined
}

const forbidden = (message: string): Refusal => ({ status: 403, error: 'forbidden', message })

/** As a machine gives it, or as a browser keeps it. */
function tokenOf({ headers: { authorization, cookie } }: Asking): string | undefined {
  const bearer = typeof authorization === 'string' ? /^Bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined
  if (bearer !== undefined || typeof cookie !== 'string') return bearer
  for (const pair of cookie.split(';')) {
    const [name = '', value = ''] = pair.trim().split('=')
    if (name === SESSION_COOKIE) return value
  }
  return undefined
}
