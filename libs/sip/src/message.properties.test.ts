import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { findCallId, looksLikeSip, originLine, parseDescription, readSip, transactionKey } from './index.ts'
import type { SipMessage } from './index.ts'

/** Everything a message says of itself; calls each getter. */
const facts = (message: SipMessage) => ({
  isRequest: message.isRequest,
  method: message.method,
  requestUri: message.requestUri,
  status: message.status,
  callId: message.callId,
  cseq: message.cseq,
  cseqMethod: message.cseqMethod,
  fromTag: message.fromTag,
  toTag: message.toTag,
  viaCount: message.viaCount,
  branch: message.branch,
  sentBy: message.sentBy,
  fromUri: message.fromUri,
  toUri: message.toUri,
  rseq: message.rseq,
  rack: message.rack,
  requires: message.requires('100rel'),
  supports: message.supports('timer'),
  allow: message.allow,
  reasons: message.reasons,
  pEarlyMedia: message.pEarlyMedia,
  retryAfter: message.retryAfter,
  agentName: message.agentName,
  contacts: message.headers('Contact'),
  body: message.body.toString('latin1'),
  description: message.description?.toString('latin1'),
  problem: message.problem?.code,
  key: transactionKey(message)
})

const views = (message: SipMessage): Buffer[] => [message.bytes, message.body, message.description ?? message.body]

const isInside = (view: Buffer, payload: Buffer): boolean =>
  view.length === 0 ||
  (view.buffer === payload.buffer &&
    view.byteOffset >= payload.byteOffset &&
    view.byteOffset + view.length <= payload.byteOffset + payload.length)

/** Octets that mean something to the reader, so that random text gets far. */
const fragment = fc.oneof(
  fc.constantFrom(
    ...'INVITE sip:a@b SIP/2.0\r\n|SIP/2.0 183 x\r\n|Via: |v:|SIP/2.0/UDP |From: |To:|tag|branch=|CSeq: |Call-ID: '.split(
      '|'
    ),
    ...'l: |Reason:|RAck: |Content-Type: multipart/mixed;boundary=b\r\n|--b\r\n|--b--|c: application/sdp\r\n'.split(
      '|'
    ),
    ...'v=0\r\n|o=x\r\n|"|\\|<|>|;|=|,|:|@|[|]|/| |\t|\r|\n|\r\n|\r\n |\0|7|99999999999'.split('|')
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.uint8Array({ maxLength: 4 }).map(octets => Buffer.from(octets).toString('latin1'))
)
const hostile = fc
  .tuple(fc.constantFrom('', 'INVITE sip:a@b SIP/2.0\r\n', 'SIP/2.0 183 x\r\n'), fc.array(fragment, { maxLength: 60 }))
  .map(([start, fragments]) => Buffer.from(start + fragments.join(''), 'latin1'))

describe('on any bytes', () => {
  it('every getter has a value, and every view lies inside the payload', () => {
    fc.assert(
      fc.property(hostile, payload => {
        const { messages, rest } = readSip(payload)
        for (const message of messages) {
          facts(message)
          expect(views(message).every(view => isInside(view, payload))).toBe(true)
          expect(message.problem === undefined || message.problem.offset <= message.bytes.length).toBe(true)
          parseDescription(message.body)
          originLine(message.body)
        }
        expect(messages.reduce((sum, message) => sum + message.bytes.length, 0)).toBeLessThanOrEqual(payload.length)
        if (rest !== undefined) expect(rest.offset).toBeLessThanOrEqual(payload.length)
        expect(looksLikeSip(payload)).toBe(messages.length > 0)
      }),
      { numRuns: 3000 }
    )
  })

  it('findCallId agrees with the first message', () => {
    fc.assert(
      fc.property(hostile, payload => {
        const callId = readSip(payload).messages[0]?.callId ?? ''
        const found = findCallId(payload)?.toString('latin1') ?? ''
        expect(
          found
            .split('\n')
            .map(line => line.replaceAll(/^[ \t\r]+|[ \t\r]+$/g, ''))
            .join(' ')
        ).toBe(found.includes('\n') ? callId : found)
        expect(found === '').toBe(callId === '')
      }),
      { numRuns: 2000 }
    )
  })

  it('a message read alone says what it said within its payload', () => {
    fc.assert(
      fc.property(hostile, payload => {
        for (const message of readSip(payload).messages) {
          expect(facts(readSip(Buffer.from(message.bytes)).messages[0]!)).toEqual(facts(message))
        }
      }),
      { numRuns: 1000 }
    )
  })
})

const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,12}$/)
const displayName = fc.stringMatching(/^[ -~]{0,12}$/).map(name => `"${name.replaceAll(/["\\]/g, '\\$&')}" `)

/** A header in parts between which white space, folds included, means nothing. */
type Header = readonly [name: string, ...parts: string[]]

const via = fc
  .record({ host: fc.domain(), port: fc.option(fc.integer({ min: 1, max: 65535 })), branch: token })
  .map(({ host, port, branch }) => [
    'SIP',
    '/',
    '2.0',
    '/',
    'UDP ',
    host,
    ...(port === null ? [] : [':', `${port}`]),
    ';',
    'branch',
    '=',
    branch
  ])

const party = fc
  .record({ name: fc.option(displayName), user: token, tag: fc.option(token) })
  .map(({ name, user, tag }) => [
    `${name ?? ''}<sip:${user}@example.org;tag=uri>`,
    ...(tag === null ? [] : [';', 'tag', '=', tag])
  ])

const headers = fc
  .record({
    callId: token,
    cseq: fc.nat(),
    method: token,
    from: party,
    to: party,
    vias: fc.array(via, { minLength: 1, maxLength: 3 })
  })
  .map(({ callId, cseq, method, from, to, vias }): Header[] => [
    ['Call-ID', callId],
    ['CSeq', `${cseq} `, method],
    ['From', ...from],
    ['To', ...to],
    ['Via', ...vias.flatMap((parts, i) => (i === 0 ? parts : [',', ...parts]))],
    ['Supported', 'timer', ',', '100rel'],
    ['Content-Type', 'application/sdp']
  ])

const compact: Readonly<Record<string, string>> = {
  'Call-ID': 'i',
  From: 'f',
  To: 't',
  Via: 'v',
  Supported: 'k',
  'Content-Type': 'c'
}

/** One way to write a header: name, and what stands between the parts. */
const spelling = fc.record({
  name: fc.constantFrom<(name: string) => string>(
    name => name,
    name => compact[name] ?? name,
    name => name.toUpperCase(),
    name => name.toLowerCase()
  ),
  colon: fc.constantFrom(':', ': ', ' \t: ', ':\r\n ', ':  '),
  space: fc.constantFrom('', ' ', '\t', '\r\n ', ' \r\n\t ')
})

describe('however a message is written', () => {
  it('its fields are the same: case, compact forms, folds, white space, order', () => {
    const written = fc.record({
      headers,
      spellings: fc.array(spelling, { minLength: 7, maxLength: 7 }),
      order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }),
      startLine: fc.constantFrom('INVITE sip:x SIP/2.0', 'SIP/2.0 180 Ringing')
    })
    fc.assert(
      fc.property(written, ({ headers: plain, spellings, order, startLine }) => {
        const lines = plain.map(([name, ...parts]) => `${name}: ${parts.join('')}`)
        const respelled = plain.map(([name, ...parts], i) => {
          const { name: rename, colon, space } = spellings[i]!
          return `${rename(name)}${colon}${parts.join(space)}`
        })
        const shuffled = order.map(i => respelled[i]!)
        const [one, other] = [lines, shuffled].map(text =>
          facts(readSip(Buffer.from([startLine, ...text, '', 'v=0'].join('\r\n'), 'latin1')).messages[0]!)
        )
        expect(other).toEqual(one)
      }),
      { numRuns: 1000 }
    )
  })

  it('the fields are those it was written from', () => {
    fc.assert(
      fc.property(headers, plain => {
        const text = ['SIP/2.0 200 OK', ...plain.map(([name, ...parts]) => `${name}: ${parts.join('')}`), '', '']
        const message = readSip(Buffer.from(text.join('\r\n'), 'latin1')).messages[0]!
        const value = (wanted: string) => plain.find(([name]) => name === wanted)!.slice(1)
        const tag = (parts: readonly string[]) => (parts.includes('tag') ? parts.at(-1) : '')
        expect(message).toMatchObject({
          callId: value('Call-ID')[0],
          cseqMethod: value('CSeq')[1],
          fromTag: tag(value('From')),
          toTag: tag(value('To')),
          viaCount: value('Via').filter(part => part === ',').length + 1,
          branch: value('Via')[value('Via').indexOf('branch') + 2]
        })
      })
    )
  })

  it('messages joined by Content-Length come out as they went in', () => {
    const message = fc.record({ headers, body: fc.uint8Array({ maxLength: 40 }) }).map(({ headers: plain, body }) => {
      const lines = plain.map(([name, ...parts]) => `${name}: ${parts.join('')}`)
      const head = ['BYE sip:x SIP/2.0', ...lines, `Content-Length: ${body.length}`, '', ''].join('\r\n')
      return Buffer.concat([Buffer.from(head, 'latin1'), body])
    })
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), sent => {
        const { messages, rest } = readSip(Buffer.concat(sent))
        expect(messages.map(({ bytes }) => bytes.toString('latin1'))).toEqual(
          sent.map(bytes => bytes.toString('latin1'))
        )
        expect(rest).toBeUndefined()
      })
    )
  })
})
