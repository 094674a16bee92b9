import { describe, expect, it } from '@jest/globals'
import { decodeHep, encodeHep, type HepPacket } from '@earshot/hep'
import { epochMicros, plus, seconds } from '@earshot/units'
import { Access, TokenBucket, type Verdict } from './access.ts'
import { parseAccess } from './access-file.ts'

const noon = epochMicros(1_767_225_600e6)

function packet(captureId: number, key?: string): HepPacket {
  const endpoint = { address: '192.0.2.9', port: 5060 }
  const fields = { captureId, protocol: 1, transport: 'udp', source: endpoint, destination: endpoint } as const
  const authKey = key === undefined ? undefined : Buffer.from(key)
  return decodeHep(encodeHep({ ...fields, authKey, payload: Buffer.from('x') })) as HepPacket
}

const yaml = `
allow: [192.0.2.0/24, 2001:db8::/32, 203.0.113.7]
agents:
  - name: sbc
    captureIds: [101, 102]
    keys: [current, next]
  - name: proxy
    sources: [192.0.2.64/26]
    keys: ['x']
    maxPacketsPerSecond: 2
  - name: probe
    captureIds: [7]
    sources: [2001:db8:7::/48]
`

function accessOf(text: string): Access {
  const access = new Access()
  access.use(parseAccess(text, 'agents.yaml'))
  return access
}

describe('who may send at all', () => {
  it.each([
    { address: '192.0.2.200', may: true },
    { address: '::ffff:192.0.2.200', may: true },
    { address: '192.0.3.1', may: false },
    { address: '::ffff:192.0.3.1', may: false },
    { address: '203.0.113.7', may: true },
    { address: '203.0.113.8', may: false },
    { address: '2001:db8::1', may: true },
    { address: '2001:db9::1', may: false },
    { address: 'fe80::1%eth0', may: false },
    { address: '', may: false }
  ])('$address: $may', ({ address, may }) => {
    const access = accessOf(yaml)
    expect(access.allows(access.source(address))).toBe(may)
  })

  it('is everybody without a list, and as soon as there is none any more', () => {
    const access = accessOf('allow: [192.0.2.1]')
    const source = access.source('198.51.100.1')
    expect(access.allows(source)).toBe(false)
    access.use(parseAccess('unlisted: accept', 'agents.yaml'))
    expect(access.allows(source)).toBe(true)
  })
})

describe('the verdict on a packet', () => {
  const verdict = (captureId: number, address: string, key?: string): Verdict => {
    const access = accessOf(yaml)
    return access.verdict(access.source(address), packet(captureId, key), noon)
  }
  const taken = { refused: undefined }

  it.each([
    { name: 'the current key', of: verdict(101, '192.0.2.1', 'current'), is: { ...taken, listedAs: 'sbc' } },
    { name: 'the next key', of: verdict(102, '2001:db8::1', 'next'), is: { ...taken, authenticated: true } },
    { name: 'no key', of: verdict(101, '192.0.2.1'), is: { refused: 'unauthorized', listedAs: 'sbc' } },
    { name: 'an empty key', of: verdict(101, '192.0.2.1', ''), is: { refused: 'unauthorized' } },
    { name: 'the beginning of a key', of: verdict(101, '192.0.2.1', 'curren'), is: { refused: 'unauthorized' } },
    { name: 'a key and zeros', of: verdict(101, '192.0.2.1', 'current\0'), is: { refused: 'unauthorized' } },
    { name: 'a key too long', of: verdict(101, '192.0.2.1', 'x'.repeat(500)), is: { refused: 'unauthorized' } },
    { name: 'the key of another agent', of: verdict(101, '192.0.2.65', 'x'), is: { refused: 'unauthorized' } },
    { name: 'a network’s key', of: verdict(3, '192.0.2.65', 'x'), is: { ...taken, listedAs: 'proxy' } },
    { name: 'no key where none is asked for', of: verdict(7, '2001:db8:7::1'), is: { ...taken, authenticated: false } },
    { name: 'a capture id from elsewhere', of: verdict(7, '192.0.2.1'), is: { refused: 'not-allowed' } },
    { name: 'an agent that is not listed', of: verdict(3, '192.0.2.1', 'current'), is: { refused: 'unauthorized' } }
  ])('with $name', ({ of, is }) => {
    expect(of).toMatchObject(is)
  })

  it('on those that are not listed can be told', () => {
    const access = accessOf('unlisted: accept\nagents: [{ name: a, captureIds: [1], keys: [k] }]')
    const source = access.source('192.0.2.1')
    expect(access.verdict(source, packet(2), noon).refused).toBeUndefined()
    expect(access.verdict(source, packet(1), noon).refused).toBe('unauthorized')
  })

  it('counts against the limit of the agent, wherever it sends from, only what has its key', () => {
    const access = accessOf(yaml)
    const [one, other] = ['192.0.2.65', '192.0.2.66'].map(address => access.source(address))
    const refused = [
      access.verdict(one!, packet(1, 'wrong'), noon),
      access.verdict(one!, packet(1, 'x'), noon),
      access.verdict(other!, packet(2, 'x'), noon),
      access.verdict(one!, packet(3, 'x'), noon),
      access.verdict(one!, packet(3, 'x'), plus(noon, seconds(0.5)))
    ].map(each => each.refused)
    expect(refused).toEqual(['unauthorized', undefined, undefined, 'rate-limited', undefined])
  })

  it('has a limit for each address without a rule, and for rules without their own', () => {
    const access = accessOf(
      'unlisted: accept\ndefaults: { maxPacketsPerSecond: 1 }\nagents: [{ name: a, captureIds: [1] }]'
    )
    const [one, other] = ['192.0.2.1', '192.0.2.2'].map(address => access.source(address)!)
    const take = (source: typeof one, id: number) => access.verdict(source!, packet(id), noon).refused
    expect([take(one, 5), take(one, 6), take(other, 5), take(one, 1), take(other, 1)]).toEqual([
      undefined,
      'rate-limited',
      undefined,
      undefined,
      'rate-limited'
    ])
  })

  it('stays right for more addresses and capture ids than are remembered', () => {
    const access = accessOf('agents: [{ name: a, captureIds: [1] }]')
    const source = access.source('192.0.2.1')
    for (let id = 0; id < 5000; id++) {
      expect(access.verdict(source, packet(id), noon).refused).toBe(id === 1 ? undefined : 'unauthorized')
    }
    for (let each = 0; each < 70_000; each++) access.source(`2001:db8::${each.toString(16)}`)
    expect(access.allows(access.source('192.0.2.1'))).toBe(true)
  })
})

describe('a limit of packets per second', () => {
  const taken = (bucket: TokenBucket, count: number, at: number): number =>
    Array.from({ length: count }, () => bucket.take(plus(noon, seconds(at)))).filter(Boolean).length

  it('lets a second’s worth through at once, and then as much as time has passed', () => {
    const bucket = new TokenBucket(100)
    expect([taken(bucket, 500, 0), taken(bucket, 500, 0.25), taken(bucket, 500, 1), taken(bucket, 500, 60)]).toEqual([
      100, 25, 75, 100
    ])
  })

  it('below one a second lets one through from time to time', () => {
    const bucket = new TokenBucket(0.1)
    expect([taken(bucket, 5, 0), taken(bucket, 5, 9), taken(bucket, 5, 10.1)]).toEqual([1, 0, 1])
  })

  it('gives nothing for time that goes back', () => {
    const bucket = new TokenBucket(10)
    expect([taken(bucket, 50, 10), taken(bucket, 50, 0), taken(bucket, 50, 1)]).toEqual([10, 0, 10])
  })
})
