import type { SipMessage } from '@earshot/sip'
import type { EvidenceTally } from './evidence-tally.ts'
import { isNextHop } from './hops.ts'
import { settlingTime, type Limits } from './limits.ts'
import type { Observed } from './observed.ts'
import type { Parties } from './party.ts'
import type { AllowEvidence, RejectionRecord } from './records.ts'
import type { Call, Transaction } from './state.ts'

/** Finals that say, besides 2xx, that the method itself is understood (MC-6). */
const understood: ReadonlySet<number> = new Set([415, 420, 422, 469, 488, 489, 491, 493, 606])

export const isRejection = (code: number): boolean => code === 501 || code === 405

/** An answer that proves that its method works (MC-6). ACK and CANCEL tell nothing (MC-2). */
export const proves = (method: string, code: number): boolean =>
  ((code >= 200 && code < 300) || understood.has(code)) && method !== 'ACK' && method !== 'CANCEL'

/** Decides what of the messages is evidence about the methods of a peer, and notes it (MC-5 to MC-7). */
export class Witness {
  readonly #tally: EvidenceTally
  readonly #parties: Parties
  readonly #limits: Limits

  constructor(tally: EvidenceTally, parties: Parties, limits: Limits) {
    this.#tally = tally
    this.#parties = parties
    this.#limits = limits
  }

  /** Where an answer came from, it shows that the method works there; our own equipment shows nothing (MC-5). */
  answered(call: Call, transaction: Transaction, { message, at }: Observed): void {
    const { method, responder, transport } = transaction
    if (!proves(method, message.status) || isRelayed(call, transaction)) return
    const { name, ours } = this.#parties.of(responder, transport)
    if (ours) return
    this.#tally.noteMethod(name, { agent: agentOf(message), method, code: message.status, callId: call.callId }, at)
  }

  /** What was answered too late to be settled in time is counted, and is no evidence. */
  rejected({ peer, origin, direction, method, code, callId, at }: RejectionRecord, agent: string, now: number): void {
    if (!origin || direction !== 'outbound' || at < now - settlingTime(this.#limits)) return
    this.#tally.noteMethod(peer, { agent, method, code, callId }, at)
  }

  /** The message has an Allow. */
  allowed({ message, source, transport, at }: Observed, allows: AllowEvidence['source']): void {
    const { name, ours } = this.#parties.of(source, transport)
    if (!ours) this.#tally.noteAllow(name, allows, message, at)
  }
}

/** Longer than most agents' names. */
const LONGEST_NAME = 64

/** Who made the message, as far as its words tell. */
export const agentOf = (message: SipMessage): string => message.agentName.slice(0, LONGEST_NAME)

/** The same request was seen on its way to somebody behind this responder, so that the answer comes from there. */
const isRelayed = ({ transactions }: Call, own: Transaction): boolean =>
  transactions.length > 1 && transactions.some(each => isNextHop(own, each))
