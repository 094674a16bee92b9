import { epochMicros, plus, type Captured, type EpochMicros, type Micros } from '@earshot/units'
import { LadderCall, type Transaction } from './ladder-calls.ts'
import { mediaPacket, mediaPort, type LadderPacket } from './ladder-media.ts'
import { readLadder, type LadderLine, type Participant } from './ladder-lines.ts'
import { hostOf, hostPort, reasonPhrase, writeDescription } from './sip-text.ts'

export type LadderOptions = {
  /** Time 0 of the ladder; 2026-01-01T00:00:00Z unless told. */
  readonly start?: EpochMicros
}

/** 2026-01-01T00:00:00Z */
const newYear = epochMicros(1_767_225_600_000_000)

/**
 * The SIP messages of a ladder, complete and in the order of their arrival: by time, then by line; `late=` moves a
 * message back in this order and keeps its time. The same text always gives the same bytes.
 *
 * Throws a LadderError with the number of the line. The README has the grammar.
 */
export function ladder(text: string, options: LadderOptions = {}): Captured[] {
  const start = options.start ?? newYear
  const calls = new Map<string, LadderCall>()
  const arrivals: { readonly arrival: number; readonly captured: Captured }[] = []
  for (const line of readLadder(text).lines) {
    const packet = line.media ? mediaPacket(line) : sipPacket(line, calls)
    for (let copy = 0; copy < line.copies; copy++) {
      const at = plus(start, (line.at + copy * line.spacing) as Micros)
      for (const agent of line.agents.length ? line.agents : ['agent1'])
        arrivals.push({ arrival: at + line.late, captured: { capturedAt: at, agent, ...packet } })
    }
  }
  return arrivals.sort((one, other) => one.arrival - other.arrival).map(({ captured }) => captured)
}

/** Everybody whom a ladder names and, unless it says otherwise, the usual a (ours), b and c. */
export function ladderParticipants(text: string): Participant[] {
  return readLadder(text).participants
}

function sipPacket(line: LadderLine, calls: Map<string, LadderCall>): LadderPacket {
  const call = calls.get(line.call) ?? new LadderCall(line.call)
  calls.set(line.call, call)
  const transport = line.to.transport === 'udp' ? line.from.transport : line.to.transport
  const payload = Buffer.from(writeMessage(line, call))
  return { transport, source: line.from.endpoint, destination: line.to.endpoint, payload }
}

type Header = readonly [name: string, value: string]

function writeMessage(line: LadderLine, call: LadderCall): string {
  const transaction = line.status ? call.response(line) : call.request(line)
  const calleeTag = line.status ? call.answeringTag(line, transaction) : transaction.calleeTag
  const [contentType, body] = writeBody(line)
  const headers: Header[] = [
    ...transaction.via.map(value => ['Via', value] as const),
    ...(line.status ? [] : [['Max-Forwards', String(71 - transaction.via.length)] as const]),
    ...parties(call, transaction, calleeTag),
    ['Call-ID', call.callId],
    ['CSeq', `${transaction.cseq} ${transaction.method}`],
    ...contact(line, transaction),
    ...reliability(line, call, calleeTag),
    ...(contentType ? [['Content-Type', contentType] as const] : []),
    ['Content-Length', String(Buffer.byteLength(body))]
  ]
  const text = withWishes(headers, line).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${startLine(line, transaction)}\r\n${text.join('')}\r\n${body}`
}

function startLine(line: LadderLine, transaction: Transaction): string {
  if (line.status) return `SIP/2.0 ${line.status} ${reasonPhrase(line.status)}`
  const user = transaction.reversed ? 'caller' : 'callee'
  return `${transaction.method} sip:${user}@${hostPort(line.to.endpoint)} SIP/2.0`
}

function parties(call: LadderCall, transaction: Transaction, calleeTag: string): Header[] {
  const tagged = (user: string, at: Participant, tag: string): string =>
    `<sip:${user}@${hostOf(at.endpoint)}>${tag && `;tag=${tag}`}`
  const caller = tagged('caller', call.parties.caller, transaction.callerTag)
  const callee = tagged('callee', call.parties.callee, calleeTag)
  const [from, to] = transaction.reversed ? [callee, caller] : [caller, callee]
  return [
    ['From', from],
    ['To', to]
  ]
}

/** Where a dialog may begin or its target change, Contact is needed (RFC 3261 §8.1.1.8, §12.1.1, RFC 3311 §4). */
function contact(line: LadderLine, transaction: Transaction): Header[] {
  const targets = ['INVITE', 'UPDATE', 'SUBSCRIBE', 'REFER'].includes(transaction.method)
  const needed = targets && (line.status === 0 || (line.status > 100 && line.status < 300))
  const user = transaction.reversed === (line.status === 0) ? 'callee' : 'caller'
  return needed ? [['Contact', `<sip:${user}@${hostPort(line.from.endpoint)}>`]] : []
}

/** RFC 3262 §3, §7.2 */
function reliability(line: LadderLine, call: LadderCall, calleeTag: string): Header[] {
  const written = line.headers.some(([name]) => name.toLowerCase() === 'rack')
  if (line.status === 0 && line.method === 'PRACK' && !written) return [['RAck', call.rack(line, calleeTag)]]
  if (line.rseq === undefined) return []
  return [
    ['Require', '100rel'],
    ['RSeq', String(line.rseq)]
  ]
}

/** The header lines of the ladder take the place of those with their name, or stand before the content's. */
function withWishes(headers: readonly Header[], line: LadderLine): Header[] {
  const wished = new Set([...line.headers.map(([name]) => name), ...line.removed].map(name => name.toLowerCase()))
  const kept = headers.filter(([name]) => !wished.has(name.toLowerCase()))
  const content = kept.findIndex(([name]) => name.startsWith('Content-'))
  return kept.toSpliced(content === -1 ? kept.length : content, 0, ...line.headers)
}

function writeBody(line: LadderLine): [contentType: string, body: string] {
  const lines = (texts: readonly string[]): string => texts.map(text => `${text}\r\n`).join('')
  if (line.bodyLines.length) return ['', lines(line.bodyLines)]
  if (!line.description) return [line.descriptionLines.length ? 'application/sdp' : '', lines(line.descriptionLines)]
  const wish = line.description
  const description = writeDescription({
    address: wish.address ?? line.from.endpoint.address,
    port: wish.port ?? mediaPort,
    origin: line.from.endpoint.address,
    session: 1,
    version: wish.version ?? 1,
    codecs: wish.codecs ?? ['PCMA', 'PCMU', 'DTMF'],
    direction: wish.direction ?? 'sendrecv',
    profile: wish.profile ?? 'RTP/AVP',
    key: wish.key,
    kind: wish.kind,
    more: line.descriptionLines
  })
  return ['application/sdp', description]
}
