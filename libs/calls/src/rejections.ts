import { hash } from 'node:crypto'
import type { SipMessage } from '@earshot/sip'
import { plus } from '@earshot/units'
import { grown } from './grown.ts'
import { isNextHop } from './hops.ts'
import { HOP_WINDOW } from './limits.ts'
import { rejectingSide, type Parties } from './party.ts'
import type { RejectionRecord } from './records.ts'
import type { Call, PendingRejection, Transaction } from './state.ts'
import { nameOf } from './transactions.ts'
import { agentOf, isRejection } from './witness.ts'

/** Causes of the telephone network for which a gateway refuses an INVITE with 501 (MC-3). */
const pstnCauses: ReadonlySet<number> = new Set([29, 58, 63, 65, 69, 79])

/** Rejections of one call that wait for other hops; with more, those that come are told at once. */
const MOST_WAITING = 50

/** The final of a transaction says that the method is not recognised or not allowed; ACK and CANCEL tell nothing (MC-2). */
export function noteRejection(call: Call, transaction: Transaction, parties: Parties, message?: SipMessage): void {
  const { method, requester, responder, failure } = transaction
  if (!failure || !isRejection(failure.status)) return
  if (method === 'ACK' || method === 'CANCEL') return
  call.rejections = grown(call.rejections, {
    hop: hopOf(transaction),
    due: call.rejections.length < MOST_WAITING ? plus(failure.at, HOP_WINDOW) : failure.at,
    ...(message && { agent: agentOf(message) }),
    record: {
      kind: 'rejection',
      id: hash('sha1', `${call.callId}\n${nameOf(call, transaction)}\n${transaction.startedAt}`, 'base64url'),
      at: failure.at,
      callId: call.callId,
      ...rejectingSide(parties, requester, responder, transaction.transport),
      requester: requester.address,
      responder: responder.address,
      method,
      code: failure.status,
      vias: failure.vias,
      origin: true,
      ...(method === 'INVITE' && pstnCauses.has(failure.cause) && { pstnCause: failure.cause }),
      registry: parties.version
    }
  })
}

/** Gives out what has waited until `at`: its origin is where no next hop answered the same (MC-5). */
export function settleRejections(
  call: Call,
  at: number,
  emit: (record: RejectionRecord, agent: string | undefined) => void
): void {
  if (call.rejections.length === 0) return
  const due = call.rejections.filter(rejection => rejection.due <= at)
  if (due.length > 0) call.rejections = call.rejections.filter(rejection => rejection.due > at)
  for (const rejection of due) {
    const own = call.transactions.find(each => isRejectedBy(each, rejection))
    const isPassedOn = own !== undefined && call.transactions.some(each => passesOn(own, each))
    emit({ ...rejection.record, origin: !isPassedOn }, rejection.agent)
  }
}

const passesOn = (own: Transaction, next: Transaction): boolean =>
  next.failure?.status === own.failure?.status && isNextHop(own, next)

const hopOf = ({ method, cseq, fromTag, failure }: Transaction): string =>
  `${method} ${cseq} ${fromTag} ${failure!.status}`

const isRejectedBy = (transaction: Transaction, { hop, record }: PendingRejection): boolean =>
  transaction.failure?.at === record.at &&
  transaction.requester.address === record.requester &&
  transaction.responder.address === record.responder &&
  hopOf(transaction) === hop
