import { hasCookie, transactionKey, type SipMessage } from '@earshot/sip'
import type { Endpoint, EpochMicros } from '@earshot/units'
import { bounded } from './bounded.ts'
import { none } from './grown.ts'
import { requesterOf, responderOf, type Observed } from './observed.ts'
import { sorted } from './sorted.ts'
import type { Attempt, Call, Transaction } from './state.ts'

/**
 * The transaction of the call that the message belongs to, as seen at one requester's IP address; its ports and the
 * responder are no part of it (§1). Give `INVITE` as `method` to a CANCEL for the transaction that it cancels.
 *
 * Equal in what `transactionKey` is made of. A call has few transactions: to compare them costs less than a key.
 */
export function findTransaction(
  call: Call,
  message: SipMessage,
  { address }: Endpoint,
  method = message.cseqMethod
): Transaction | undefined {
  const { cseq } = message
  const branch = bounded(message.branch)
  const sentBy = bounded(message.sentBy)
  const kept = bounded(method)
  for (const each of call.transactions) {
    if (each.cseq !== cseq || each.branch !== branch || each.method !== kept || each.sentBy !== sentBy) continue
    if (each.requester.address !== address) continue
    if (hasCookie(branch) || each.fromTag === bounded(message.fromTag)) return each
  }
  return undefined
}

/** What its first message tells of a transaction; nothing is counted yet. */
export const newTransaction = (observed: Observed, now: EpochMicros): Transaction => ({
  branch: bounded(observed.message.branch),
  sentBy: bounded(observed.message.sentBy),
  method: bounded(observed.message.cseqMethod),
  cseq: observed.message.cseq,
  fromTag: bounded(observed.message.fromTag),
  requester: requesterOf(observed),
  transport: observed.transport,
  responder: responderOf(observed),
  startedAt: observed.at,
  requested: false,
  answered: false,
  expired: false,
  touchedAt: now,
  seen: none,
  responses: 0,
  late: none,
  progressAt: observed.at,
  failure: undefined,
  success: undefined,
  cancel: undefined,
  role: observed.message.cseqMethod === 'INVITE' ? 'unclaimed' : 'other',
  unclaimed: undefined,
  legKeys: none
})

/** The open attempt that the transaction is part of. */
export function attemptOf({ attempts }: Call, { role }: Pick<Transaction, 'role'>): Attempt | undefined {
  for (const attempt of attempts) if (attempt.id === role) return attempt
  return undefined
}

/** A name for the transaction that is the same wherever it is seen. */
export const nameOf = (call: Call, transaction: Transaction): string =>
  `${transactionKey({ ...transaction, callId: call.callId, cseqMethod: transaction.method })} ${transaction.requester.address}`

/** The transactions of an attempt, oldest first. */
export function transactionsOf(call: Call, attempt: Attempt): readonly Transaction[] {
  const { transactions } = call
  // Most calls have this one only.
  if (transactions.length === 1 && transactions[0]!.role === attempt.id) return transactions
  const own: Transaction[] = []
  for (const transaction of transactions) if (transaction.role === attempt.id) own.push(transaction)
  return sorted(own, byStart)
}

const byStart = (a: Transaction, b: Transaction): number => a.startedAt - b.startedAt
