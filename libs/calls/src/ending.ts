import { RETRY_AFTER_CHALLENGE, RETRY_AFTER_FAILURE, TRANSACTION_TIMEOUT, type Limits } from './limits.ts'
import { isProgress } from './early-media.ts'
import type { Attempt, Final, Sighting, Transaction } from './state.ts'

/** The transactions that decide: those with the highest CSeq (TX-8). */
export function deciding(transactions: readonly Transaction[]): Transaction[] {
  const highest = Math.max(...transactions.map(({ cseq }) => cseq))
  return transactions.filter(({ cseq }) => cseq === highest)
}

/** The earliest 2xx of any of them. */
export const answerOf = (transactions: readonly Transaction[]): Final | undefined =>
  transactions.reduce<Final | undefined>(
    (first, { success }) => (success && (!first || success.at < first.at) ? success : first),
    undefined
  )

export const isUnresolved = ({ failure, success }: Transaction): boolean => !failure && !success

/** When the attempt is over if nothing else is seen (TX-8). It has ended once the clock is past this. */
export function endOf(attempt: Attempt, transactions: readonly Transaction[], limits: Limits): number {
  const answer = answerOf(transactions)
  if (answer) return answer.at
  const last = deciding(transactions)
  const limit = limitOf(attempt, last.filter(isUnresolved), limits)
  const final = last.reduce<Final | undefined>(
    (latest, { failure }) => (failure && (!latest || failure.at > latest.at) ? failure : latest),
    undefined
  )
  if (!final) return limit
  return Math.max(limit, final.at + (mayBeRepeated(final) ? RETRY_AFTER_CHALLENGE : RETRY_AFTER_FAILURE))
}

const mayBeRepeated = ({ status }: Final): boolean =>
  status === 401 || status === 407 || status === 422 || (status >= 300 && status < 400)

/**
 * When transactions without a final are given up (TX-10); -Infinity for none. Parallel ones wait together: one that is
 * silent is not given up while another one rings. A cancelled one has its own time.
 */
export function limitOf(attempt: Attempt, unresolved: readonly Transaction[], limits: Limits): number {
  let limit = -Infinity
  for (const { cancel } of unresolved) if (cancel) limit = Math.max(limit, cancel.at + TRANSACTION_TIMEOUT)
  const waiting = unresolved.filter(({ cancel }) => !cancel)
  if (waiting.length === 0) return limit
  if (!waiting.some(({ answered }) => answered)) {
    return Math.max(limit, Math.min(...waiting.map(({ startedAt }) => startedAt)) + TRANSACTION_TIMEOUT)
  }
  const since = Math.max(...waiting.map(({ startedAt, progressAt }) => Math.max(startedAt, progressAt)))
  const described = waiting.some(({ seen }) => seen.some(message => isOpenDescription(message, seen, attempt)))
  return Math.max(limit, since + (described ? limits.earlyMediaTimeout : limits.timerC))
}

/** The message describes an early dialog that neither a 199 nor a BYE has ended. */
function isOpenDescription(
  { described, status, toTag, at }: Sighting,
  seen: readonly Sighting[],
  attempt: Attempt
): boolean {
  if (!described || !isProgress(status)) return false
  if (attempt.byes.some(bye => bye.toTag === toTag && bye.at >= at)) return false
  return !seen.some(other => other.status === 199 && other.toTag === toTag && other.at >= at)
}
