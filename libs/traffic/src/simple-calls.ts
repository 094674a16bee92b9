import { micros, plus, type Captured, type Endpoint, type EpochMicros, type Micros } from '@earshot/units'
import { reasonPhrase, viaValue, writeDescription } from './sip-text.ts'

export type SimpleCallsOptions = {
  readonly count: number
  readonly start: EpochMicros
  readonly callsPerSecond?: number
  /** From the 200 to the BYE. */
  readonly talkSeconds?: number
}

const us: Endpoint = { address: '10.0.0.1', port: 5060 }
const them: Endpoint = { address: '203.0.113.7', port: 5060 }

/** Where a template has the number of its call, in as many hexadecimal digits. */
const blank = '########'

/** A message of which all calls have the same, but for the call's number. */
type Template = {
  readonly after: Micros
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly bytes: Buffer
  readonly blanks: readonly number[]
}

/**
 * Equal calls to one peer, for load: INVITE, 100, 183 with SDP, 200, ACK, BYE, 200, seven messages each. All are
 * answered 5 s after the 183. Copied from templates, so that making them costs little beside what is measured.
 */
export function simpleCalls(options: SimpleCallsOptions): Iterable<Captured> {
  const talk = (options.talkSeconds ?? 10) * 1e6
  return fromTemplates(options, [
    ...setup(),
    response(6_500_000, 'INVITE', 200, true),
    request(6_520_000, 'ACK', false),
    request(6_500_000 + talk, 'BYE', false),
    response(6_510_000 + talk, 'BYE', 200, false)
  ])
}

/** Attempts that stay open: INVITE, 100 and 183 with SDP, and never another word. For what an open attempt costs. */
export function openAttempts(count: number, start: EpochMicros, callsPerSecond?: number): Iterable<Captured> {
  return fromTemplates({ count, start, ...(callsPerSecond && { callsPerSecond }) }, setup())
}

function setup(): Template[] {
  return [request(0, 'INVITE', true), response(12_000, 'INVITE', 100, false), response(1_500_000, 'INVITE', 183, true)]
}

/** The same template of all calls is in the order of time by itself, so that one place in each is all there is to keep. */
function* fromTemplates(options: SimpleCallsOptions, templates: readonly Template[]): Generator<Captured> {
  const interval = 1e6 / (options.callsPerSecond ?? 1000)
  const calls = templates.map(() => 0)
  const due = templates.map(template => template.after as number)
  for (let left = options.count * templates.length; left > 0; left--) {
    let first = 0
    for (let index = 1; index < due.length; index++) if (due[index]! < due[first]!) first = index
    const call = calls[first]!++
    yield fill(templates[first]!, call, plus(options.start, micros(Math.round(due[first]!))))
    due[first] = call + 1 < options.count ? templates[first]!.after + (call + 1) * interval : Infinity
  }
}

function fill(template: Template, call: number, capturedAt: EpochMicros): Captured {
  const payload = Buffer.from(template.bytes)
  for (const blankAt of template.blanks)
    for (let digit = 0; digit < blank.length; digit++)
      payload[blankAt + digit] = hexDigits[(call >>> (28 - 4 * digit)) & 15]!
  const { source, destination } = template
  return { capturedAt, agent: '101', transport: 'udp', source, destination, payload }
}

const hexDigits = Buffer.from('0123456789abcdef')

const caller = `<sip:+4722000000@${us.address};user=phone>;tag=f${blank}`
const callee = `<sip:+34910000000@${them.address};user=phone>`
const calleeTag = `;tag=t${blank}`
const cseqs: Readonly<Record<string, number>> = { INVITE: 1, ACK: 1, BYE: 2 }

function request(after: number, method: string, withSdp: boolean): Template {
  const opens = method === 'INVITE'
  const head =
    `${method} sip:+34910000000@${them.address}:5060;user=phone SIP/2.0\r\n${via(method)}Max-Forwards: 70\r\n` +
    parties(method, opens ? '' : calleeTag)
  const more = `Contact: <sip:+4722000000@${us.address}:5060>\r\nUser-Agent: Border/7.4.2\r\n${opens ? abilities : ''}`
  return template(after, us, them, head + more, withSdp)
}

function response(after: number, method: string, status: number, withSdp: boolean): Template {
  const head = `SIP/2.0 ${status} ${reasonPhrase(status)}\r\n${via(method)}${parties(method, status === 100 ? '' : calleeTag)}`
  const more = withSdp ? `Contact: <sip:gw@${them.address}:5060>\r\nServer: NT-SBC/9.1\r\n${abilities}` : ''
  return template(after, them, us, head + more, withSdp)
}

const abilities =
  'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO\r\nSupported: timer, 100rel\r\n' +
  'P-Asserted-Identity: <sip:+4722000000@10.0.0.1;user=phone>\r\n'

function via(method: string): string {
  return `Via: ${viaValue('udp', us, `z9hG4bK${method.toLowerCase()}${blank}`)}\r\n`
}

function parties(method: string, tag: string): string {
  return `From: ${caller}\r\nTo: ${callee}${tag}\r\nCall-ID: ${blank}@${us.address}\r\nCSeq: ${cseqs[method]} ${method}\r\n`
}

function template(after: number, source: Endpoint, destination: Endpoint, head: string, withSdp: boolean): Template {
  const body = withSdp
    ? writeDescription({
        address: source.address,
        port: 20000,
        origin: source.address,
        session: 1,
        version: 1,
        codecs: ['PCMA', 'PCMU', 'DTMF'],
        direction: 'sendrecv',
        profile: 'RTP/AVP'
      })
    : ''
  const type = withSdp ? 'Content-Type: application/sdp\r\n' : ''
  const bytes = Buffer.from(`${head}${type}Content-Length: ${body.length}\r\n\r\n${body}`)
  const blanks: number[] = []
  for (let at = bytes.indexOf(blank); at >= 0; at = bytes.indexOf(blank, at + blank.length)) blanks.push(at)
  return { after: micros(after), source, destination, bytes, blanks }
}
