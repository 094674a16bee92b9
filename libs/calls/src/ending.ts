import { RETRY_AFTER_CHALLENGE, RETRY_AFTER_FAILURE, TRANSACTION_TIMEOUT, type Limits } from './limits.ts'
import { isProgress } from './progress.ts'
import type { Attempt, Final, Sighting, Transaction } from './state.ts'

/** The CSeq of the transactions that decide (TX-8). */
function decidingCSeq(transactions: readonly Transaction[]): number {
  let highest = -1
  for (const { cseq } of transactions) if (cseq > highest) highest = cseq
  return highest
}

/** Whether none of the others has a higher CSeq. */
export const isDeciding = ({ cseq }: Transaction, transactions: readonly Transaction[]): boolean =>
  cseq === decidingCSeq(transactions)

/** The transactions that decide: those with the highest CSeq (TX-8). */
export function deciding(transactions: readonly Transaction[]): Transaction[] {
  const highest = decidingCSeq(transactions)
  return transactions.filter(({ cseq }) => cseq === highest)
}

/** The earliest 2xx of any of them. */
export function answerOf(transactions: readonly Transaction[]): Final | undefined {
  let first: Final | undefined
  for (const { success } of transactions) if (success && (!first || success.at < first.at)) first = success
  return first
}

export const isUnresolved = ({ failure, success }: Transaction): boolean => !failure && !success

/** When the attempt is over if nothing else is seen (TX-8). It has ended once the clock is past this. */
export function endOf(attempt: Attempt, transactions: readonly Transaction[], limits: Limits): number {
  const answer = answerOf(transactions)
  if (answer) return answer.at
  const limit = limitOf(attempt, transactions, limits)
  const highest = decidingCSeq(transactions)
  let final: Final | undefined
  for (const { cseq, failure } of transactions) {
    if (cseq === highest && failure && (!final || failure.at > final.at)) final = failure
  }
  if (!final) return limit
  return Math.max(limit, final.at + (mayBeRepeated(final) ? RETRY_AFTER_CHALLENGE : RETRY_AFTER_FAILURE))
}

const mayBeRepeated = ({ status }: Final): boolean =>
  status === 401 || status === 407 || status === 422 || (status >= 300 && status < 400)

/**
 * When those of the deciding transactions that have no final are given up (TX-10); -Infinity for none. Parallel ones
 * wait together: one that is silent is not given up while another one rings. A cancelled one has its own time.
 */
export function limitOf(attempt: Attempt, transactions: readonly Transaction[], limits: Limits): number {
  const highest = decidingCSeq(transactions)
  let cancelled = -Infinity
  let first = Infinity
  let since = -Infinity
  let answered = false
  let described = false
  for (const each of transactions) {
    if (each.cseq !== highest || !isUnresolved(each)) continue
    if (each.cancel) {
      cancelled = Math.max(cancelled, each.cancel.at + TRANSACTION_TIMEOUT)
      continue
    }
    first = Math.min(first, each.startedAt)
    since = Math.max(since, each.startedAt, each.progressAt)
    answered ||= each.answered
    described ||= hasOpenDescription(each, attempt)
  }
  if (first === Infinity) return cancelled
  if (!answered) return Math.max(cancelled, first + TRANSACTION_TIMEOUT)
  return Math.max(cancelled, since + (described ? limits.earlyMediaTimeout : limits.timerC))
}

/** Some early dialog is described, by an 18x, PRACK or UPDATE, that neither a 199 nor a BYE has ended. */
function hasOpenDescription({ seen }: Transaction, attempt: Attempt): boolean {
  for (const sighting of seen) {
    if (!isProgress(sighting.status)) continue
    const described = sighting.media !== '' || attempt.settled.includes(sighting.toTag)
    if (described && !isEnded(sighting, seen, attempt)) return true
  }
  return false
}

const isEnded = ({ toTag, at }: Sighting, seen: readonly Sighting[], { byes }: Attempt): boolean =>
  byes.some(bye => bye.toTag === toTag && bye.at >= at) ||
  seen.some(other => other.status === 199 && other.toTag === toTag && other.at >= at)
