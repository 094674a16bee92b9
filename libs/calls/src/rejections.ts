import { hash } from 'node:crypto'
import type { SipMessage } from '@earshot/sip'
import { plus } from '@earshot/units'
import { HOP_WINDOW } from './limits.ts'
import { rejectingSide, type Parties } from './party.ts'
import type { RejectionRecord } from './records.ts'
import type { Call, Transaction } from './state.ts'
import { nameOf } from './transactions.ts'
import { agentOf, isRejection } from './witness.ts'

/** Causes of the telephone network for which a gateway refuses an INVITE with 501 (MC-3). */
const pstnCauses: ReadonlySet<number> = new Set([29, 58, 63, 65, 69, 79])

/** Rejections of one call whose origin is remembered. */
const MOST_TOLD = 16

/** Rejections of one call that wait for their hops; with more, those that come are told at once. */
const MOST_WAITING = 50

/** The final of a transaction says that the method is not recognised or not allowed; ACK and CANCEL tell nothing (MC-2). */
export function noteRejection(call: Call, transaction: Transaction, parties: Parties, message?: SipMessage): void {
  const { method, requester, responder, cseq, fromTag, failure } = transaction
  if (!failure || !isRejection(failure.status)) return
  if (method === 'ACK' || method === 'CANCEL') return
  call.rejections.push({
    hop: `${method} ${cseq} ${fromTag} ${failure.status}`,
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

/** Gives out what has waited until `at`: only the copy with the most Vias was seen where the rejection was made (MC-5). */
export function settleRejections(
  call: Call,
  at: number,
  emit: (record: RejectionRecord, agent: string | undefined) => void
): void {
  for (const { hop, due } of call.rejections) {
    if (due > at) continue
    const hops = call.rejections.filter(other => other.hop === hop)
    const told = call.told.find(([each]) => each === hop)?.[1] ?? -Infinity
    const most = Math.max(...hops.map(({ record }) => record.vias))
    for (const { record, agent } of hops) {
      emit({ ...record, origin: record.vias === most && most > told }, agent)
    }
    call.rejections = call.rejections.filter(other => other.hop !== hop)
    call.told = [...call.told.filter(([each]) => each !== hop), [hop, Math.max(most, told)] as const].slice(-MOST_TOLD)
  }
}
