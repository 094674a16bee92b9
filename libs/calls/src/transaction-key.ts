import { transactionKey, type TransactionFields } from '@earshot/sip'
import type { Endpoint } from '@earshot/units'
import { bounded } from './bounded.ts'

/** Of a transaction as seen at one requester's IP address; its ports and the responder are no part of it (§1). */
export function keyOf(fields: TransactionFields, requester: Endpoint, method = fields.cseqMethod): string {
  const { cseq, cseqMethod } = fields
  const kept = {
    branch: bounded(fields.branch),
    sentBy: bounded(fields.sentBy),
    callId: bounded(fields.callId),
    fromTag: bounded(fields.fromTag),
    cseq,
    cseqMethod
  }
  return `${transactionKey(kept, bounded(method))} ${requester.address}`
}
