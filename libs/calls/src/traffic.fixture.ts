import { ladder } from '@earshot/traffic'
import { micros, minus, type Captured } from '@earshot/units'
import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import type { Expected } from './fold.fixture.ts'
import type { Parties } from './index.ts'

const folder = new URL('../testdata/ladders/', import.meta.url)

export const ladderNames = readdirSync(folder)
  .filter(file => file.endsWith('.ladder'))
  .map(file => file.slice(0, -'.ladder'.length))

export const ladderText = (name: string): string => readFileSync(new URL(`${name}.ladder`, folder), 'utf8')
export const ladderExpectation = (name: string): Expected =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Expected

/** Ladders that are not yet folded as the contract says, with the reason; their tests are expected to fail. */
export const failing: Readonly<Record<string, string>> = {
  'tx1-no-branch-two-request-uris':
    'the key of a legacy transaction leaves out the Request-URI, which a response does not have',
  'tx8-one-call-much-later': 'a call is forgotten 212 s after its last message, so that memory is bounded'
}

/** The registry of all random traffic: ours are those of 10.0.0.0/8, of the others each address and port is a peer. */
export const everybody: Parties = {
  version: 'everybody',
  of: ({ address, port }) => ({ name: `${address} ${port}`, ours: address.startsWith('10.') })
}

/** Calls with Call-IDs of their own, merged by time. */
export const merged = (calls: readonly (readonly Captured[])[]): Captured[] =>
  calls
    .flatMap((call, index) => call.map(captured => moved(captured, `${index}.ladder.example`)))
    .sort((a, b) => a.capturedAt - b.capturedAt)

function moved(captured: Captured, host: string): Captured {
  const { payload, media } = captured
  if (!media) return { ...captured, payload: renamed(payload, host) }
  const correlationId = media.correlationId?.replace(/@.*/, `@${host}`)
  return { ...captured, media: { ...media, correlationId } }
}

const renamed = (payload: Buffer, host: string): Buffer =>
  Buffer.from(payload.toString('latin1').replaceAll(/^((?:Call-ID|i): \S+?)@\S+/gim, `$1@${host}`), 'latin1')

const known = (names: readonly string[]): fc.Arbitrary<Captured[]> =>
  fc.constantFrom(...names).map(name => ladder(ladderText(name)))

const times = [0, 1, 20, 400, 1000, 4900, 6000, 33_000, 61_000, 245_000]
const lines = [
  'a>b INVITE b1 +S',
  'a>b INVITE b2',
  'a>c INVITE b3',
  'a>b INVITE b4 cseq=2 +S',
  'b>a INVITE b5',
  'a>b INVITE b6 cseq=3 tt=x +S',
  ...['b1', 'b2', 'b4'].flatMap(branch => [
    `b>a 100 ${branch}`,
    `b>a 180 ${branch} tt=x`,
    `b>a 183 ${branch} tt=x`,
    `b>a 183 ${branch} tt=x +S   Reason: Q.850;cause=34`,
    `b>a 183 ${branch} tt=y +S`,
    `b>a 183 ${branch} tt=y rseq=7 +S`,
    `b>a 199 ${branch} tt=x`,
    `b>a 407 ${branch} tt=z`,
    `b>a 487 ${branch} tt=x`,
    `b>a 486 ${branch} tt=y   Reason: Q.850;cause=17`,
    `b>a 503 ${branch} tt=z`,
    `b>a 200 ${branch} tt=y +S`,
    `a>b CANCEL ${branch}`
  ]),
  'c>a 180 b2 tt=u +S',
  'c>a 486 b2 tt=u',
  'c>a 180 b3 tt=v',
  'c>a 486 b3 tt=v',
  'c>a 200 b3 tt=v +S',
  'a>b 501 b5 tt=w   Reason: Q.850;cause=79',
  'b>a 200 b6 tt=x',
  'b>a 200 CANCEL',
  'a>b BYE tt=x',
  'b>a 200 BYE',
  'a>b BYE tt=y   Reason: Q.850;cause=16',
  'b>a BYE tt=y b10',
  'b>a BYE tt=x b10',
  'c>a BYE tt=v',
  'a>b 200 BYE b10',
  'a>b 401 BYE b10',
  'b>a 481 BYE',
  'a>b UPDATE tt=x b7',
  'b>a 501 UPDATE b7',
  'b>a 183 b1 tt=x +S(codecs=G729)',
  'b>a 183 b2 tt=x rseq=8 +S(v=2)',
  'b>a 180 b1 tt=x   P-Early-Media: inactive',
  'b>a 183 b1 tt=x +S   P-Early-Media: sendrecv',
  'a>b PRACK tt=y rack=7',
  'a>b PRACK tt=y rack=7 +S(recvonly)',
  'a>b PRACK tt=x rack=8 +S',
  'b>a 200 PRACK',
  'b>a 200 PRACK +S',
  'b>a 501 PRACK',
  'a>b UPDATE tt=x b9 +S(v=3)',
  'b>a 200 UPDATE b9 +S(inactive)',
  'b>a 491 UPDATE b9',
  'b>a UPDATE tt=x b8 +S(v=4)   P-Early-Media: recvonly',
  'a>b 200 UPDATE b8 +S',
  'a>b 500 UPDATE b8   Retry-After: 1',
  'b>a 405 INFO b8',
  'b>a rtp',
  'a>b rtp',
  'b>a rtp port=31000',
  'c>a rtp',
  'b>a rtcp packets=7',
  'b>a rtcp packets=0',
  'a>b rtcp packets=5 blocks=1',
  'a>b rtcp packets=5 call=',
  'b>a report packets=0',
  'b>a report packets=9 call='
]

/** How far the clock of who sees the peers' messages is behind, in µs. */
const skews = fc.constantFrom(0, 0, 30_000, 1_500_000)

/** A conversation without a plan: whatever line may follow another, but each INVITE once and before its responses. */
const random: fc.Arbitrary<Captured[]> = fc
  .tuple(
    skews,
    fc.array(fc.tuple(fc.constantFrom(...times), fc.constantFrom(...lines)), { minLength: 1, maxLength: 25 })
  )
  .map(([skew, steps]) => {
    let at = 0
    const asked = new Set(['b1'])
    const text = ['0 a>b INVITE b1 +S']
    for (const [after, line] of steps) {
      const branch = /\bb\d\b/.exec(line)?.[0] ?? 'b1'
      const invites = line.includes('INVITE')
      if (invites === asked.has(branch) && (invites || / \d{3} b\d/.test(line))) continue
      if (invites) asked.add(branch)
      text.push(`${(at += after)} ${line}`)
    }
    return ladder(text.join('\n')).map(captured => {
      const behind = captured.source.address.startsWith('10.') ? 0 : skew
      return { ...captured, capturedAt: minus(captured.capturedAt, micros(behind)) }
    })
  })

/** One to three calls at the same time. */
export const traffic = (names: readonly string[] = ladderNames): fc.Arbitrary<Captured[]> =>
  fc.array(fc.oneof(known(names), random), { minLength: 1, maxLength: 3 }).map(merged)
