import { hash } from 'node:crypto'
import type { EpochMicros } from '@earshot/units'
import { RETRY_AFTER_CHALLENGE, RETRY_AFTER_FAILURE, TRANSACTION_TIMEOUT, type Limits } from './limits.ts'
import { earlyMediaOf, isProgress } from './early-media.ts'
import { outcomeOf, rankOf } from './outcome.ts'
import type { AttemptRecord, CancelKind, Outcome } from './records.ts'
import type { Attempt, Call, Final, Transaction } from './state.ts'

/** The transactions of an attempt, oldest first. */
export function transactionsOf(call: Call, attempt: Attempt): Transaction[] {
  const own: Transaction[] = []
  for (const transaction of call.transactions.values()) if (transaction.role === attempt.id) own.push(transaction)
  return own.length > 1 ? own.sort((a, b) => a.startedAt - b.startedAt) : own
}

/** When a transaction without a final is given up (TX-10). */
export function limitOf(transaction: Transaction, limits: Limits): number {
  if (transaction.cancel) return transaction.cancel.at + TRANSACTION_TIMEOUT
  if (!transaction.answered) return transaction.startedAt + TRANSACTION_TIMEOUT
  const wait = hasDescription(transaction) ? limits.earlyMediaTimeout : limits.timerC
  return Math.max(transaction.startedAt, transaction.progressAt) + wait
}

/** An early dialog with a description is open. */
function hasDescription({ seen }: Transaction): boolean {
  return seen.some(
    message =>
      message.described &&
      isProgress(message.status) &&
      !seen.some(other => other.status === 199 && other.toTag === message.toTag && other.at >= message.at)
  )
}

/** The transactions that decide: those with the highest CSeq (TX-8). */
function deciding(transactions: readonly Transaction[]): Transaction[] {
  const highest = Math.max(...transactions.map(({ cseq }) => cseq))
  return transactions.filter(({ cseq }) => cseq === highest)
}

const answerOf = (transactions: readonly Transaction[]): Final | undefined =>
  transactions.reduce<Final | undefined>(
    (first, { success }) => (success && (!first || success.at < first.at) ? success : first),
    undefined
  )

const unresolved = (transaction: Transaction): boolean => !transaction.failure && !transaction.success

const mayBeRepeated = ({ status }: Final): boolean =>
  status === 401 || status === 407 || status === 422 || (status >= 300 && status < 400)

/** When the attempt is over if nothing else is seen (TX-8). It has ended once the clock is past this. */
export function endOf(transactions: readonly Transaction[], limits: Limits): number {
  const answer = answerOf(transactions)
  if (answer) return answer.at
  let end = -Infinity
  let last: Final | undefined
  for (const transaction of deciding(transactions)) {
    if (unresolved(transaction)) end = Math.max(end, limitOf(transaction, limits))
    else if (!last || transaction.failure!.at > last.at) last = transaction.failure
  }
  if (!last) return end
  return Math.max(end, last.at + (mayBeRepeated(last) ? RETRY_AFTER_CHALLENGE : RETRY_AFTER_FAILURE))
}

type Verdict = {
  readonly outcome: Outcome
  readonly final?: Final
  readonly finalMissing?: true
}

function verdictOf(transactions: readonly Transaction[], now: number, limits: Limits): Verdict {
  const answer = answerOf(transactions)
  if (answer) return { outcome: 'answered', final: answer }
  const last = deciding(transactions)
  const waiting = last.filter(unresolved)
  if (waiting.some(transaction => limitOf(transaction, limits) >= now)) return { outcome: 'open' }

  // Newest transaction first, so that among equals the one started latest stays in front.
  const failures = last.filter(({ failure }) => failure).sort((a, b) => b.startedAt - a.startedAt)
  const final = failures.sort((a, b) => rankOf(a.failure!.status) - rankOf(b.failure!.status))[0]?.failure
  const cancelled = waiting.some(({ cancel }) => cancel)
  if (cancelled && (!final || rankOf(final.status) > rankOf(487))) return { outcome: 'cancelled', finalMissing: true }
  if (!final) return { outcome: 'timeout' }
  const progressed = transactions.some(({ seen }) => seen.some(({ status }) => isProgress(status)))
  return { outcome: outcomeOf(final.status, progressed), final }
}

/** What there is to say of an attempt when the clock stands at `now`. Derived from the facts alone. */
export function attemptRecord(
  call: Call,
  attempt: Attempt,
  now: number,
  limits: Limits,
  registry: string
): AttemptRecord {
  const transactions = transactionsOf(call, attempt)
  const verdict = verdictOf(transactions, now, limits)
  const lastAt = lastMessageAt(attempt, transactions)
  const answeredAt = verdict.outcome === 'answered' ? verdict.final!.at : Infinity
  const early = earlyMediaOf(attempt, transactions, answeredAt, lastAt)
  const requests = transactions.filter(({ requested }) => requested)
  const startedAt = requests[0]!.startedAt
  const flags: string[] = []
  if (verdict.finalMissing) flags.push('final_missing')
  if (verdict.final?.status === 482 || verdict.final?.status === 483) flags.push('loop')
  if (early.clockSkew) flags.push('clock_skew')
  if (verdict.outcome === 'answered' && early.dialogs.some(tag => tag !== verdict.final!.toTag)) flags.push('fork_lost')
  const cancelKind = verdict.outcome === 'cancelled' ? cancelOf(call, attempt, transactions) : undefined

  return {
    kind: 'attempt',
    id: hash(
      'sha1',
      [call.callId, attempt.fromTag, attempt.direction, attempt.peer, startedAt].join('\n'),
      'base64url'
    ),
    callId: call.callId,
    peer: attempt.peer,
    direction: attempt.direction,
    responder: (deciderOf(transactions, verdict.final) ?? transactions.at(-1)!).responder.address,
    from: attempt.from,
    to: attempt.to,
    startedAt,
    endedAt: verdict.final?.at ?? lastAt,
    class: early.class,
    outcome: verdict.outcome,
    status: verdict.final?.status ?? 0,
    ...(cancelKind && { cancel: cancelKind }),
    firstCode: early.firstCode,
    alerted: early.alerted,
    earlyMediaSeconds: early.seconds,
    responses183: early.responses183,
    transactions: requests.length,
    retries: retriesOf(transactions),
    ...causesOf(transactions, verdict.final),
    flags,
    registry
  }
}

const deciderOf = (transactions: readonly Transaction[], final: Final | undefined): Transaction | undefined =>
  final && transactions.find(({ success, failure }) => success === final || failure === final)

/** The last message that says something new, or a refresh; a copy says nothing. */
function lastMessageAt(attempt: Attempt, transactions: readonly Transaction[]): EpochMicros {
  let last = -Infinity
  for (const transaction of transactions) {
    for (const { at } of transaction.seen) last = Math.max(last, at)
    last = Math.max(last, transaction.progressAt, transaction.cancel?.at ?? -Infinity)
  }
  for (const { at } of attempt.byes) last = Math.max(last, at)
  return last as EpochMicros
}

/** The finals of transactions with a lower CSeq than the deciding ones, oldest first. */
function retriesOf(transactions: readonly Transaction[]): number[] {
  const last = new Set(deciding(transactions))
  return transactions.flatMap(transaction =>
    transaction.failure && !last.has(transaction) ? [transaction.failure.status] : []
  )
}

function cancelOf(call: Call, attempt: Attempt, transactions: readonly Transaction[]): CancelKind {
  const cancels = transactions.flatMap(({ cancel }) => cancel ?? [])
  if (call.answered.includes(attempt.fromTag) || cancels.some(({ sipCause }) => sipCause === 200)) return 'elsewhere'
  if (cancels.some(({ sipCause }) => sipCause >= 300)) return 'rejected_elsewhere'
  return cancels.length > 0 ? 'caller' : 'unseen'
}

/** Interworking unspecified, and normal unspecified: a cause that tells nothing (EM-9). */
const isVague = (cause: number): boolean => cause === 31 || cause === 127

type Causes = Pick<AttemptRecord, 'earlyCause' | 'finalCause' | 'cancelCause' | 'effectiveCause'>

function causesOf(transactions: readonly Transaction[], final: Final | undefined): Causes {
  const early = transactions
    .flatMap(({ seen }) => seen.filter(({ status, cause }) => isProgress(status) && cause > 0))
    .sort((a, b) => a.at - b.at)
    .at(-1)?.cause
  const finalCause = final?.cause || undefined
  const cancelCause = transactions.find(({ cancel }) => cancel?.cause)?.cancel?.cause
  const earlyRules = early !== undefined && !isVague(early) && (finalCause === undefined || isVague(finalCause))
  const effective = earlyRules ? early : (finalCause ?? early)
  return {
    ...(early !== undefined && { earlyCause: early }),
    ...(finalCause !== undefined && { finalCause }),
    ...(cancelCause !== undefined && { cancelCause }),
    ...(effective !== undefined && { effectiveCause: effective })
  }
}
