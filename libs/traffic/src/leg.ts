import {
  micros,
  plus,
  type Captured,
  type Endpoint,
  type EpochMicros,
  type Micros,
  type Transport
} from '@earshot/units'
import { ourEquipment, ourNumbers, type CarrierProfile, type Equipment, type OurSbc } from './carrier-peers.ts'
import type { Random } from './random.ts'
import { hostOf, hostPort, reasonPhrase, viaValue, writeDescription } from './sip-text.ts'
import type { Note } from './truth.ts'

/** One end of a leg. */
export type Party = {
  readonly endpoint: Endpoint
  readonly equipment: Equipment
  /** E.164, with the plus sign. */
  readonly number: string
  /** In From, To and P-Asserted-Identity. */
  readonly address: string
  /** Header lines of a message that opens a dialog or changes its target. */
  readonly abilities: string
  readonly media: { readonly port: number; readonly session: number }
}

export type Transaction = {
  readonly leg: Leg
  readonly method: string
  readonly cseq: number
  readonly byCaller: boolean
  /** Which of its leg's branches. */
  readonly branch: number
  /** The callee's tag in the request; '' out of a dialog. */
  readonly tag: string
}

/** A message with its time: written when its turn comes, so a call that waits holds little. */
export type Step = {
  readonly at: EpochMicros
  readonly transaction: Transaction
  /** 0 for the request. */
  readonly status: number
  /** The callee's. */
  readonly tag: string
  /** More header lines, each with its line end. */
  readonly headers: string
  readonly description?: SentDescription | undefined
  readonly agent: string
  readonly copy?: 'retransmission' | 'duplicate'
  readonly notes: readonly Note[]
}

export type SentDescription = { readonly direction?: string; readonly codecs?: readonly string[] }

export type Sent = {
  readonly tag?: string
  readonly headers?: string
  readonly description?: SentDescription
  /** What the message settles; [] for none. */
  readonly notes?: readonly Note[]
}

/** The dialogs of one Call-ID between one of our SBCs and a peer, written down ahead of their time. */
export class Leg {
  readonly profile: CarrierProfile
  readonly outbound: boolean
  readonly callId: string
  readonly fromTag: string
  readonly caller: Party
  readonly callee: Party
  readonly transport: Transport
  readonly steps: Step[]
  /** What its branches begin with: unlike those of any other leg. */
  readonly branchRoot: string
  readonly #agent: string
  readonly #random: Random
  #callerCseq: number
  #calleeCseq = 0
  #branches = 0

  /** `before` is the leg of the same call whose failure sent it here: it keeps Call-ID, From-tag and CSeq. */
  constructor(ends: LegEnds, random: Random, before?: Leg) {
    const { profile, outbound, sbc } = ends
    const address = random.pick(profile.addresses)
    const near = address.address.includes(':') ? sbc.v6 : sbc.v4
    const caller = before?.caller.number ?? number(outbound ? ourNumbers : profile.numbers, random)
    const callee = before?.callee.number ?? number(outbound ? profile.numbers : ourNumbers, random)
    const us = party(near, ourEquipment, outbound ? caller : callee, profile.transport, random)
    const them = party(address, profile.equipment, outbound ? callee : caller, profile.transport, random)
    this.profile = profile
    this.outbound = outbound
    this.callId = before?.callId ?? `${random.hex()}${random.hex()}-${ends.serial}@${hostOf(outbound ? near : address)}`
    this.fromTag = before?.fromTag ?? random.hex()
    this.caller = outbound ? us : them
    this.callee = outbound ? them : us
    this.transport = profile.transport
    this.steps = before?.steps ?? []
    this.branchRoot = `z9hG4bK${random.hex()}${ends.serial.toString(36)}`
    this.#agent = sbc.agent
    this.#random = random
    this.#callerCseq = before ? before.#callerCseq : 1 + (random.word() % 900)
  }

  request(at: EpochMicros, method: string, byCaller: boolean, sent: Sent = {}): Transaction {
    const cseq = byCaller ? ++this.#callerCseq : ++this.#calleeCseq
    return this.#open(at, { leg: this, method, cseq, byCaller, branch: this.#branch(), tag: sent.tag ?? '' }, sent)
  }

  /** In the INVITE's own transaction when it failed, otherwise by itself (RFC 3261 §13.2.2.4). */
  acknowledge(at: EpochMicros, invite: Transaction, status: number, tag: string): void {
    const branch = status < 300 ? this.#branch() : invite.branch
    this.#open(at, { ...invite, method: 'ACK', branch, tag }, { tag })
  }

  cancel(at: EpochMicros, invite: Transaction, sent: Sent): Transaction {
    return this.#open(at, { ...invite, method: 'CANCEL', tag: '' }, sent)
  }

  respond(at: EpochMicros, transaction: Transaction, status: number, sent: Sent = {}): void {
    this.#push(at, transaction, status, sent.tag ?? transaction.tag, sent)
  }

  /** The newest step once more, as after a lost packet. */
  repeat(after: Micros): void {
    const last = this.steps.at(-1)!
    this.steps.push({ ...last, at: plus(last.at, after), copy: 'retransmission', notes: [] })
  }

  get isLossy(): boolean {
    return this.transport === 'udp' && this.profile.secondAgent === undefined
  }

  #open(at: EpochMicros, transaction: Transaction, sent: Sent): Transaction {
    this.#push(at, transaction, 0, transaction.tag, sent)
    return transaction
  }

  #push(at: EpochMicros, transaction: Transaction, status: number, tag: string, sent: Sent): void {
    const { headers = '', description, notes = [] } = sent
    const step = { at, transaction, status, tag, headers, description, agent: this.#agent, notes }
    const { secondAgent } = this.profile
    if (secondAgent !== undefined) {
      const later = plus(at, micros(Math.round(150 + 1000 * this.#random.next())))
      this.steps.push({ ...step, at: later, agent: secondAgent, copy: 'duplicate', notes: [] })
    }
    this.steps.push(step)
  }

  #branch(): number {
    return ++this.#branches
  }
}

export type LegEnds = {
  readonly profile: CarrierProfile
  readonly outbound: boolean
  readonly sbc: OurSbc
  readonly serial: number
}

function party(at: Endpoint, equipment: Equipment, called: string, transport: Transport, random: Random): Party {
  const address = `<sip:${called}@${hostOf(at)};user=phone>`
  const abilities =
    `Contact: <sip:${called}@${hostPort(at)};transport=${transport}>\r\nAllow: ${equipment.allow}\r\n` +
    `Supported: ${equipment.supported}\r\nP-Asserted-Identity: ${address}\r\n`
  const media = { port: 16384 + 2 * (random.word() % 8000), session: random.word() }
  return { endpoint: at, equipment, number: called, address, abilities, media }
}

function number(pattern: string, random: Random): string {
  const digits = pattern.length - pattern.indexOf('#')
  return pattern.slice(0, -digits) + String(random.word() % 10 ** digits).padStart(digits, '0')
}

export function writeStep(step: Step): Captured {
  const { leg, byCaller } = step.transaction
  const [caller, callee] = [leg.caller.endpoint, leg.callee.endpoint]
  const fromCaller = byCaller === (step.status === 0)
  return {
    capturedAt: step.at,
    agent: step.agent,
    transport: leg.transport,
    source: fromCaller ? caller : callee,
    destination: fromCaller ? callee : caller,
    payload: Buffer.from(writeText(step), 'latin1')
  }
}

function writeText(step: Step): string {
  const { status, transaction } = step
  const { leg, byCaller, method } = transaction
  const [requester, responder] = byCaller ? [leg.caller, leg.callee] : [leg.callee, leg.caller]
  const sender = status === 0 ? requester : responder
  const caller = `${leg.caller.address};tag=${leg.fromTag}`
  const callee = step.tag ? `${leg.callee.address};tag=${step.tag}` : leg.callee.address
  const start =
    status === 0
      ? `${method} sip:${responder.number}@${hostPort(responder.endpoint)};user=phone SIP/2.0`
      : `SIP/2.0 ${status} ${reasonPhrase(status)}`
  const head =
    `${start}\r\nVia: ${viaValue(leg.transport, requester.endpoint, `${leg.branchRoot}.${transaction.branch}`)}\r\n` +
    (status === 0 ? 'Max-Forwards: 68\r\n' : '') +
    `From: ${byCaller ? caller : callee}\r\nTo: ${byCaller ? callee : caller}\r\nCall-ID: ${leg.callId}\r\n` +
    `CSeq: ${transaction.cseq} ${method}\r\n${equipmentHeaders(step, sender)}${step.headers}`
  if (!step.description) return `${head}Content-Length: 0\r\n\r\n`
  const body = describe(sender, step.description)
  return `${head}Content-Type: application/sdp\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** What SBCs add to each kind of message. */
function equipmentHeaders({ status, transaction: { method } }: Step, { equipment, abilities }: Party): string {
  if (status === 100) return ''
  const name = status === 0 ? `User-Agent: ${equipment.agent}\r\n` : `Server: ${equipment.agent}\r\n`
  if (status === 405 || status === 501) return `${name}Allow: ${equipment.allow.replace(`, ${method}`, '')}\r\n`
  if (status >= 300) return name
  if (method === 'OPTIONS') return `${name}Accept: application/sdp\r\nAllow: ${equipment.allow}\r\n`
  if (method !== 'INVITE' && method !== 'UPDATE') return name
  return name + abilities + (status === 0 ? 'Session-Expires: 1800;refresher=uac\r\nMin-SE: 90\r\n' : '')
}

function describe(sender: Party, sent: SentDescription): string {
  return writeDescription({
    address: sender.endpoint.address,
    port: sender.media.port,
    origin: sender.endpoint.address,
    session: sender.media.session,
    version: 1,
    codecs: sent.codecs ?? sender.equipment.codecs,
    direction: sent.direction ?? 'sendrecv',
    profile: 'RTP/AVP'
  })
}
