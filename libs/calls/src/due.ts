import { endOf } from './ending.ts'
import { nextEndOf } from './call-ends.ts'
import { LINGER, LINGER_CALL, LINGER_EXPIRED, type Limits } from './limits.ts'
import type { Call, Transaction } from './state.ts'
import { transactionsOf } from './transactions.ts'

/** When something of this call becomes due, if nothing else is seen of it. */
export function dueOf(call: Call, limits: Limits): number {
  let due = Infinity
  for (const attempt of call.attempts) due = Math.min(due, endOf(attempt, transactionsOf(call, attempt), limits))
  for (const rejection of call.rejections) due = Math.min(due, rejection.due)
  for (const { role, startedAt } of call.transactions) {
    if (role === 'unclaimed') due = Math.min(due, startedAt + limits.lateness)
  }
  due = Math.min(due, nextEndOf(call))
  return due < Infinity ? due : goneAt(call)
}

/** Attempts, rejections, ends and responses of the call that wait for what may still be seen. */
export const openIn = (call: Call): number => call.attempts.length + unsettledIn(call)

/** Nothing of the call waits for its hops, its request or the answer to its BYE. */
export const isSettled = (call: Call): boolean => unsettledIn(call) === 0

function unsettledIn({ rejections, transactions, established }: Call): number {
  let count = rejections.length
  for (const { endKnownAt } of established) if (endKnownAt < Infinity) count++
  for (const { role } of transactions) if (role === 'unclaimed') count++
  return count
}

/** When nothing can be learnt any more from a transaction that belongs to no open attempt. */
export function forgottenAt({ role, expired, touchedAt }: Transaction): number {
  if (typeof role === 'number' || role === 'unclaimed') return Infinity
  return touchedAt + (expired ? LINGER_EXPIRED : LINGER)
}

/**
 * When nothing is open any more: first its transactions are forgotten, all together, then the call. One that made no
 * attempt (a registration, a ping) leaves nothing to remember.
 */
export function goneAt(call: Call): number {
  if (call.transactions.length === 0) return call.touchedAt + (call.fromTags.length > 0 ? LINGER_CALL : 0)
  let last = -Infinity
  for (const transaction of call.transactions) last = Math.max(last, forgottenAt(transaction))
  return last
}
