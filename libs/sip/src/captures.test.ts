import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { segmentsOf } from './captures.fixture.ts'
import { SipStreamFramer, looksLikeSip, readSip, transactionKey } from './index.ts'
import type { SipMessage } from './index.ts'
import { only } from './messages.fixture.ts'

const folder = join(process.cwd(), '../shared/captures')
const captured = existsSync(folder) ? describe : describe.skip

const open = (file: string): Buffer => readFileSync(join(folder, 'messages', file))

/** The messages of a flow: YAML list items, two blanks in front of each line. */
const flow = (file: string): SipMessage[] =>
  open(file)
    .toString()
    .split(/^- \|[+-]?\n/m)
    .slice(1)
    .map(item => only(Buffer.from(item.replaceAll(/^ {2}/gm, '').replaceAll('\n', '\r\n'))))

const ladder = (messages: readonly SipMessage[]): string =>
  messages.map(({ method, status, cseqMethod }) => method || `${status} ${cseqMethod}`).join(', ')

captured('flows of the RFCs', () => {
  const proxied = 'rfc3665/3.02_session-establishment-through-two-proxies.yaml'

  it.each([
    {
      file: 'rfc3665/2.01_sip-client-new-registration.yaml',
      messages: 'REGISTER, 401 REGISTER, REGISTER, 200 REGISTER'
    },
    { file: 'rfc3665/2.03_request-for-current-contact-list.yaml', messages: 'REGISTER, 200 REGISTER' },
    {
      file: proxied,
      messages:
        'INVITE, 407 INVITE, ACK, INVITE, INVITE, 100 INVITE, INVITE, 100 INVITE, 180 INVITE, 180 INVITE, 180 INVITE, ' +
        '200 INVITE, 200 INVITE, 200 INVITE, ACK, ACK, ACK, BYE, BYE, BYE, 200 BYE, 200 BYE, 200 BYE'
    },
    { file: 'rfc5626/9.4_re-registration.yaml', messages: 'REGISTER' }
  ])('$file reads as its ladder', ({ file, messages }) => {
    expect(ladder(flow(file))).toBe(messages)
  })

  it.each([
    'rfc3327/5.5.1_example-of-mechanism-in-register-transaction.yaml',
    'rfc3515/4.1_prototypical-refer-callflow.yaml',
    'rfc3665/2.05_unsuccessful-registration.yaml',
    'rfc3665/3.04_successful-session-with-proxy-failure.yaml',
    'rfc3665/3.06_session-via-redirect-and-proxy-servers-with-sdp-in-ack.yaml',
    'rfc3665/3.08_unsuccessful-no-answer.yaml',
    'rfc3665/3.09_unsuccessful-busy.yaml',
    'rfc3665/3.11_unsuccessful-temporarily-unavailable.yaml',
    'rfc4916/5.1_sending-connected-identity-after-answering-a-call.yaml',
    'rfc5626/3.2_single-registrar-and-ua.yaml',
    'rfc5626/9.2_registration.yaml'
  ])('%s has no message that cannot be correlated', file => {
    const messages = flow(file)
    expect(messages.length).toBeGreaterThan(0)
    expect(messages.filter(message => message.problem !== undefined || message.viaCount === 0)).toEqual([])
  })

  it('each response has the transaction key of one request', () => {
    const messages = flow(proxied)
    const requests = messages.filter(message => message.isRequest).map(message => transactionKey(message))
    const responses = messages.filter(message => !message.isRequest).map(message => transactionKey(message))
    expect(responses.filter(key => !requests.includes(key))).toEqual([])
    expect(new Set(requests).size).toBe(requests.length)
  })

  it('Via values grow by one a hop', () => {
    const invites = flow(proxied).filter(message => message.method === 'INVITE')
    expect(invites.map(message => message.viaCount)).toEqual([1, 1, 2, 3])
  })
})

captured('messages of parsers’ tests', () => {
  it.each([
    { file: 'kamailio+kamailio/long.sip', expected: { viaCount: 34, cseq: 2, sentBy: '195.37.77.100:5060' } },
    {
      file: 'kamailio+kamailio/bad_uri.sip',
      expected: { viaCount: 0, fromUri: 'jiri@iptel.org', agentName: 'Windows RTC/1.0' }
    },
    { file: 'kamailio+kamailio/invite3-callid.sip', expected: { callId: '', problem: { code: 'missing-call-id' } } },
    { file: 'kamailio+kamailio/invite5-callid.sip', expected: { callId: '', problem: { code: 'missing-call-id' } } },
    { file: 'kamailio+kamailio/message02.sip', expected: { method: 'MESSAGE', problem: { code: 'missing-call-id' } } },
    { file: 'kamailio+kamailio/pingtel.sip', expected: { toTag: '', fromTag: '7618c7618^', cseq: 61 } },
    {
      file: 'kamailio+kamailio/bc2.sip',
      expected: { toUri: 'christian@iptel.org', toTag: 'e495220a31344eb39a6bf44ee3b01303' }
    },
    { file: 'kamailio+kamailio/ms-invite-00-rpl.sip', expected: { status: 180, cseqMethod: 'OPTIONS', viaCount: 2 } },
    { file: 'kamailio+kamailio/short_reply.sip', expected: { status: 183, problem: { code: 'missing-call-id' } } },
    {
      file: 'kamailio+kamailio/req-test1.sip',
      expected: { requestUri: 'sip:foo@127.0.0.1:5061', viaCount: 2, fromUri: 'x@foo.bar' }
    },
    { file: 'kamailio+kamailio/inv_srv.sip', expected: { description: undefined, sentBy: 'dorian.fokus.gmd.de:5060' } },
    {
      file: 'npm-sip-message-examples/200ok.sip',
      expected: { status: 200, agentName: 'Dialogic-SIP/10.5.3.304 Raytheon_N0 0' }
    },
    { file: 'npm-sip-message-examples/invite.sip', expected: { viaCount: 2, fromUri: 'anonymous@anonymous.invalid' } },
    { file: 'SiddiqSoft+sip2json/REGISTER_401_Unauthorized.sip', expected: { status: 401, toTag: '12345678' } },
    { file: 'SiddiqSoft+sip2json/NOTIFY_CallEnd.sip', expected: { method: 'NOTIFY', cseq: 49, viaCount: 3 } }
  ])('$file', ({ file, expected }) => {
    expect(only(open(file))).toMatchObject(expected)
  })

  it('a version with something behind it is no start line', () => {
    expect(readSip(open('kamailio+kamailio/bad_via2.sip')).messages).toEqual([])
  })

  it('a 200 lists its eleven methods', () => {
    expect(only(open('npm-sip-message-examples/200ok.sip')).allow).toHaveLength(11)
  })

  it('a long stream comes apart into its 227 messages', () => {
    const framer = new SipStreamFramer()
    const messages = framer.push(open('stream/generic.txt'))
    expect([messages.length, framer.skippedBytes, framer.heldBytes]).toEqual([227, 0, 0])
    expect(messages.map(only).filter(message => message.problem !== undefined)).toEqual([])
  })
})

type Listed = { readonly name: string; readonly file: string; readonly counts: Record<string, number> | null }

/** What the reader of these tests does not do: tunnels (GRE, GTP, ESP), PPPoE, a variant of pcap. libs/capture does. */
const beyond = new Set([
  'ndpi_gre_100',
  'o5gs_nonipsec_to_ipsec_183',
  'o5gs_nonipsec_reg',
  'o5gs_volte',
  'ppp_reqs',
  'ptavi_invite'
])

const listed: readonly Listed[] = existsSync(folder)
  ? readFileSync(join(folder, 'index.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Listed)
      .filter(({ name, counts }) => counts !== null && !beyond.has(name))
  : []

/** What a datagram, or what a TCP flow so far completes, holds. */
function messagesOf(file: string): SipMessage[] {
  const framers = new Map<string, SipStreamFramer>()
  return segmentsOf(file).flatMap(({ protocol, flow: name, payload }) => {
    if (protocol === 'udp') return looksLikeSip(payload) ? readSip(payload).messages : []
    const framer = framers.get(name) ?? new SipStreamFramer()
    framers.set(name, framer)
    return framer.push(payload).map(only)
  })
}

captured('capture files', () => {
  it.each(listed)('$name has the messages that tshark counts', ({ file, counts }) => {
    const found: Record<string, number> = {}
    for (const { method, status } of messagesOf(join(folder, file))) {
      found[method || status] = (found[method || status] ?? 0) + 1
    }
    expect(found).toEqual(counts)
  })
})
