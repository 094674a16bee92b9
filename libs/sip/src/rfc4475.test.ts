import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { readSip } from './index.ts'
import type { SipMessage } from './index.ts'
import { only, wire } from './messages.fixture.ts'

const folder = join(process.cwd(), '../shared/captures/messages/rfc4475')
const torture = existsSync(folder) ? describe : describe.skip

type Verdict = Partial<Record<keyof SipMessage, unknown>>

const sdpBody = (length: number) => ({ description: expect.objectContaining({ length }) })

/**
 * What an observer makes of each message. "RFC" says what the RFC asks of an element that answers; an observer answers
 * nothing, so it keeps what can be correlated and marks what would mislead.
 */
const accepted: Readonly<Record<string, Verdict & { readonly why: string }>> = {
  wsinv: {
    why: '§3.1.1.1 valid: folds, compact forms, escapes in quoted strings, white space around every separator',
    method: 'INVITE',
    requestUri: 'sip:vivekg@chair-dnrc.example.com;unknownparam',
    callId: 'wsinv.ndaksdj@192.0.2.1',
    cseq: 9,
    cseqMethod: 'INVITE',
    fromTag: '98asjd8',
    toTag: '1918181833n',
    fromUri: 'jdrosen@example.com',
    branch: '390skdjuw',
    sentBy: '192.0.2.2:5060',
    viaCount: 3,
    problem: undefined,
    ...sdpBody(150)
  },
  intmeth: {
    why: '§3.1.1.2 valid: every character a token may have, a NUL in a quoted string, UTF-8',
    method: "!interesting-Method0123456789_*+`.%indeed'~",
    cseq: 139122385,
    callId: 'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
    fromTag: "_token~1'+`*%!-.",
    toTag: '',
    branch: "z9hG4bK-.!%66*_+`'~",
    problem: undefined
  },
  esc02: {
    why: '§3.1.1.5 valid: % is no escape in a method or a header name',
    method: 'RE%47IST%45R',
    cseqMethod: 'RE%47IST%45R',
    fromTag: 'f232jadfj23',
    branch: 'z9hG4bK209%fzsnel234',
    problem: undefined
  },
  noreason: {
    why: '§3.1.1.13 valid: empty reason phrase',
    status: 100,
    cseq: 35,
    toTag: '902jndnke3',
    problem: undefined
  },
  badinv01: {
    why: '§3.1.2.1 separators without values; RFC: 400 or be lenient. An empty Via value is none, `;` is one',
    method: 'INVITE',
    cseq: 8,
    sentBy: '192.0.2.15:5060',
    branch: '',
    viaCount: 2,
    problem: undefined
  },
  scalar02: {
    why: '§3.1.2.4 CSeq of 2⁶⁵; RFC: 400. It cannot be correlated',
    method: 'REGISTER',
    cseq: -1,
    cseqMethod: 'REGISTER',
    problem: expect.objectContaining({ code: 'bad-cseq' })
  },
  quotbal: {
    why: '§3.1.2.6 a display name that is never closed; RFC: 400 or be lenient',
    toUri: 'j.user@example.com',
    toTag: '',
    fromTag: '93334',
    sentBy: '192.0.2.59:5050',
    problem: undefined
  },
  ltgtruri: {
    why: '§3.1.2.7 Request-URI in angle brackets; RFC: 400 or strip them. Kept as written',
    requestUri: '<sip:user@example.com>',
    callId: 'ltgtruri.1@192.0.2.5',
    problem: undefined
  },
  lwsruri: {
    why: '§3.1.2.8 blank in the Request-URI; RFC: 400. What follows the method up to the version is the URI',
    requestUri: 'sip:user@example.com; lr',
    cseq: 2130706432,
    toTag: '3xfe-9921883-z9f',
    problem: undefined
  },
  trws: {
    why: '§3.1.2.10 blanks at the end of the start line; RFC: may be accepted',
    method: 'OPTIONS',
    cseq: 238923,
    problem: undefined
  },
  escruri: {
    why: '§3.1.2.11 escaped headers in the Request-URI; RFC: 400 or ignore them',
    requestUri: 'sip:user@example.com?Route=%3Csip:example.com%3E',
    problem: undefined
  },
  baddate: {
    why: '§3.1.2.12 a date outside GMT: not read',
    method: 'INVITE',
    cseq: 1392934,
    problem: undefined,
    ...sdpBody(150)
  },
  regbadct: {
    why: '§3.1.2.13 Contact without angle brackets: not read',
    method: 'REGISTER',
    cseq: 1,
    problem: undefined
  },
  badaspec: {
    why: '§3.1.2.14 blanks inside the angle brackets; RFC: 400 or be lenient',
    toUri: 't.watson@example.org',
    fromUri: 'a.g.bell@example.com',
    fromTag: '433423',
    problem: undefined
  },
  mismatch02: {
    why: '§3.1.2.18 unknown method, CSeq names another; RFC: 501 or 400. Neither a NEWMETHOD nor an INVITE is counted',
    method: 'NEWMETHOD',
    cseqMethod: 'INVITE',
    problem: expect.objectContaining({ code: 'cseq-method-mismatch' }),
    ...sdpBody(138)
  },
  unksm2: {
    why: '§3.3.4 unknown URI schemes: no caller or callee to name, everything else is there',
    fromUri: '',
    toUri: '',
    fromTag: '3234233',
    problem: undefined
  },
  invut: { why: '§3.3.6 unknown body type; RFC: 415', method: 'INVITE', description: undefined, problem: undefined },
  multi01: {
    why: '§3.3.8 two of what may occur once; RFC: 400. The first of each rules',
    callId: 'multi01.98asdh@192.0.2.1',
    cseq: 5,
    fromTag: '3413415',
    toUri: 'user@company.com'.replace('company', 'example'),
    problem: undefined
  },
  mcl01: {
    why: '§3.3.9 contradictory Content-Lengths are none, so the body goes to the end of the datagram',
    method: 'OPTIONS',
    body: expect.objectContaining({ length: 67 }),
    problem: undefined
  },
  bcast: {
    why: '§3.3.10 a response with a broadcast address in its second Via; RFC: drop. It was sent, so it is read',
    status: 200,
    sentBy: '192.0.2.198:5060',
    viaCount: 2,
    problem: undefined
  },
  cparam01: { why: '§3.3.12 an unknown Contact parameter', method: 'REGISTER', cseq: 2, problem: undefined },
  sdp01: { why: '§3.3.15 an SDP that Accept rules out', method: 'INVITE', problem: undefined, ...sdpBody(150) }
}

const refused: Readonly<Record<string, string>> = {
  bigcode: '§3.1.2.19 a status of ten digits; RFC: drop. It is no status line',
  test: 'not in the RFC: a request line without the version'
}

torture('RFC 4475', () => {
  const read = (name: string) => readSip(readFileSync(join(folder, `${name}.dat`)))

  it.each(Object.entries(accepted))('accepts %s', (name, { why: _why, ...fields }) => {
    const { messages } = read(name)
    expect(messages).toHaveLength(1)
    expect(messages[0]).toMatchObject(fields)
  })

  it.each(Object.keys(refused))('refuses %s', name => {
    expect(read(name)).toEqual({ messages: [], rest: { kind: 'not-sip', code: 'no-start-line', offset: 0 } })
  })

  it('reads both messages of dblreq (§3.1.1.8), although a UDP receiver must ignore the second', () => {
    expect(read('dblreq').messages).toMatchObject([
      { method: 'REGISTER', callId: 'dblreq.0ha0isndaksdj99sdfafnl3lk233412', branch: 'z9hG4bKkdjuw23492' },
      { method: 'INVITE', callId: 'dblreq.0ha0isnda977644900765@192.0.2.15', branch: 'z9hG4bKkdjuw380234' }
    ])
  })

  it('has a verdict for each message of the folder', () => {
    const names = readdirSync(folder).map(file => file.replace('.dat', ''))
    expect([...Object.keys(accepted), ...Object.keys(refused), 'dblreq'].toSorted()).toEqual(names.toSorted())
  })
})

describe('RFC 4475, what the folder lacks, in short', () => {
  it('lets the body run to the end when Content-Length is negative (§3.1.2.3) or larger (§3.1.2.2)', () => {
    for (const length of ['-999', '9999']) {
      expect(only(wire('INVITE sip:x SIP/2.0', `Content-Length: ${length}`, '', 'v=0')).body.toString()).toBe(
        'v=0\r\n\r\n'
      )
    }
  })

  it('takes a cookie with nothing behind it for no transaction identifier (§3.2.1)', () => {
    expect(only(wire('OPTIONS sip:x SIP/2.0', 'Via: SIP/2.0/UDP h;branch=z9hG4bK')).branch).toBe('z9hG4bK')
  })

  it('keeps a request without From, To and Call-ID (§3.3.1) as one that cannot be correlated', () => {
    expect(only(wire('INVITE sip:x SIP/2.0', 'CSeq: 193942 INVITE')).problem?.code).toBe('missing-call-id')
  })

  it('reads RFC 2543 syntax (§3.4.1): no branch, no From tag', () => {
    expect(
      only(wire('INVITE sip:x SIP/2.0', 'Via: SIP/2.0/UDP h', 'From: <sip:a@b>', 'Call-ID: c', 'CSeq: 1 INVITE'))
    ).toMatchObject({ fromTag: '', branch: '', sentBy: 'h:5060', problem: undefined })
  })
})
