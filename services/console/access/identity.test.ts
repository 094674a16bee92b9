import { describe, expect, it } from '@jest/globals'
import { blockList } from '../../networks.ts'
import { identify, type AccessRules, type Asking } from './identity.ts'
import { newToken, parseTokens } from './tokens.ts'

const { token, line } = newToken('ann')
const tokens = parseTokens(line, 'tokens')
const userHeader = { name: 'X-User', proxies: blockList(['10.0.0.0/8', '127.0.0.1']) }
const far = '192.0.2.9'

type Case = { name: string; rules: AccessRules; asking?: Partial<Asking>; is: object }

const asks = (asking: Partial<Asking> = {}): Asking => ({
  address: far,
  headers: { host: 'localhost:8080' },
  ...asking
})

describe('whoever asks', () => {
  it.each<Case>([
    { name: 'here, without configuration', rules: { loopback: true }, is: { by: 'loopback' } },
    {
      name: 'here by another spelling',
      rules: { loopback: true },
      asking: { headers: { host: '[::1]:8080' } },
      is: { by: 'loopback' }
    },
    {
      name: 'here by a name that leads here',
      rules: { loopback: true },
      asking: { headers: { host: 'evil.example' } },
      is: { status: 403 }
    },
    { name: 'here without any name', rules: { loopback: true }, asking: { headers: {} }, is: { status: 403 } },
    {
      name: 'here by the name that people use',
      rules: { loopback: true, pageUrl: 'https://earshot.example/live' },
      asking: { headers: { host: 'earshot.example' } },
      is: { by: 'loopback' }
    },
    {
      name: 'here for a page of another site',
      rules: { loopback: true },
      asking: { headers: { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } },
      is: { status: 403 }
    },
    {
      name: 'here, led by a link of another site',
      rules: { loopback: true },
      asking: { headers: { host: 'localhost', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } },
      is: { by: 'loopback' }
    },
    { name: 'elsewhere, without configuration', rules: { loopback: false }, is: { status: 403 } },
    { name: 'without a token', rules: { loopback: true, tokens }, is: { status: 401 } },
    {
      name: 'with a token',
      rules: { loopback: false, tokens },
      asking: { headers: { authorization: `Bearer ${token}` } },
      is: { name: 'ann', by: 'token' }
    },
    {
      name: 'with a token in a cookie',
      rules: { loopback: false, tokens },
      asking: { headers: { cookie: `theme=dark; earshot_token=${token}` } },
      is: { name: 'ann', by: 'token' }
    },
    {
      name: 'with the hash of a token',
      rules: { loopback: false, tokens },
      asking: { headers: { authorization: `Bearer ${line.split(' ')[1]}` } },
      is: { status: 401 }
    },
    {
      name: 'with a token where none are known',
      rules: { loopback: false, userHeader },
      asking: { headers: { authorization: `Bearer ${token}` } },
      is: { status: 401 }
    },
    {
      name: 'by the proxy',
      rules: { loopback: false, userHeader },
      asking: { address: '::ffff:10.1.2.3', headers: { 'x-user': ' bob ' } },
      is: { name: 'bob', by: 'proxy' }
    },
    {
      name: 'by the proxy, that says nobody',
      rules: { loopback: false, userHeader },
      asking: { address: '10.1.2.3', headers: {} },
      is: { status: 401 }
    },
    {
      name: 'with the proxy’s header, from elsewhere',
      rules: { loopback: false, userHeader },
      asking: { headers: { 'x-user': 'bob' } },
      is: { status: 401 }
    },
    {
      name: 'with the proxy’s header from a page on the proxy’s own machine',
      rules: { loopback: true, userHeader },
      asking: { address: '127.0.0.1', headers: { 'x-user': 'bob', host: 'evil.example' } },
      is: { status: 403 }
    }
  ])('$name', ({ rules, asking, is }) => {
    expect(identify(asks(asking), rules)).toMatchObject(is)
  })
})

describe('a file of tokens', () => {
  it('has comments, and several tokens of one name', () => {
    const [one, other] = [newToken('ann'), newToken('ann')]
    const read = parseTokens(`# who\n\n${one.line}\r\n${other.line.toUpperCase()}\n`, 'tokens')
    expect(read.size).toBe(2)
  })

  it.each([
    { name: 'nothing', text: '# nobody\n', says: 'f: has no token; write the line that earshot token NAME prints' },
    {
      name: 'a token instead of its hash',
      text: `ann ${token}`,
      says: 'f:1: write a name and the SHA-256 of a token, as earshot token NAME prints it'
    },
    { name: 'a token twice', text: `${line}\n${line}`, says: 'f:2: is the token of "ann" already' }
  ])('is refused with $name', ({ text, says }) => {
    expect(() => parseTokens(text, 'f')).toThrow(says)
  })
})
