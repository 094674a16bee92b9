import { endOf, transactionsOf } from './attempt.ts'
import { LINGER, LINGER_CALL, LINGER_EXPIRED, type Limits } from './limits.ts'
import type { Call, Transaction } from './state.ts'

/** When something of this call becomes due, if nothing else is seen of it. */
export function dueOf(call: Call, limits: Limits): number {
  let due = isIdle(call) ? goneAt(call) : Infinity
  for (const attempt of call.attempts) due = Math.min(due, endOf(transactionsOf(call, attempt), limits))
  for (const rejection of call.rejections) due = Math.min(due, rejection.due)
  for (const transaction of call.transactions.values()) due = Math.min(due, settledAt(transaction, limits))
  return due
}

/** When it is known whether an INVITE response has a request, or nothing can be learnt from a transaction any more. */
export function settledAt(transaction: Transaction, limits: Limits): number {
  const { role, failure, success, touchedAt, startedAt } = transaction
  if (typeof role === 'number') return Infinity
  if (role === 'unclaimed') return startedAt + limits.lateness
  return touchedAt + (role === 'ended' && !failure && !success ? LINGER_EXPIRED : LINGER)
}

export const isIdle = (call: Call): boolean =>
  call.transactions.size === 0 && call.attempts.length === 0 && call.rejections.length === 0

/** A call that made no attempt (a registration, a ping) leaves nothing to remember. */
export const goneAt = (call: Call): number => call.touchedAt + (call.fromTags.length > 0 ? LINGER_CALL : 0)
