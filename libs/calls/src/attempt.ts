import { hash } from 'node:crypto'
import type { EpochMicros } from '@earshot/units'
import { announcementOf } from './announcement.ts'
import { causeMappingOf } from './causes.ts'
import { diagnose } from './diagnosis.ts'
import { earlyMediaOf, secondsIn, type EarlyMedia } from './early-media.ts'
import { none } from './grown.ts'
import { mediaEvidenceOf } from './media-evidence.ts'
import { exchangesOf, type Exchange } from './exchanges.ts'
import { flagsOf } from './flags.ts'
import { timingOf, type Heard } from './heard.ts'
import { isProgress } from './progress.ts'
import { answerOf, deciding, isUnresolved, limitOf } from './ending.ts'
import { legKeysIn } from './leg-keys.ts'
import type { Limits } from './limits.ts'
import type { MediaWays } from './media-ways.ts'
import { outcomeOf, rankOf } from './outcome.ts'
import { requestDelayOf } from './request-delay.ts'
import type { AttemptRecord, CancelKind, Outcome } from './records.ts'
import type { Attempt, Call, Final, Sighting, Transaction } from './state.ts'
import { transactionsOf } from './transactions.ts'

type Verdict = {
  readonly outcome: Outcome
  readonly final?: Final
  readonly finalMissing?: true
}

function verdictOf(attempt: Attempt, transactions: readonly Transaction[], now: number, limits: Limits): Verdict {
  const answer = answerOf(transactions)
  if (answer) return { outcome: 'answered', final: answer }
  if (limitOf(attempt, transactions, limits) >= now) return { outcome: 'open' }
  const last = deciding(transactions)
  const final = rulingFailure(last)
  const cancelled = last.some(each => each.cancel !== undefined && isUnresolved(each))
  if (cancelled && (!final || rankOf(final.status) > rankOf(487))) return { outcome: 'cancelled', finalMissing: true }
  if (!final) return { outcome: 'timeout' }
  const progressed = transactions.some(({ seen }) => seen.some(({ status }) => isProgress(status)))
  return { outcome: outcomeOf(final.status, progressed), final }
}

/** The failure that counts: the best by its status, of equal ones that of the transaction started last. */
function rulingFailure(transactions: readonly Transaction[]): Final | undefined {
  let ruling: { final: Final; rank: number; startedAt: number } | undefined
  for (const { failure: final, startedAt } of transactions) {
    if (!final) continue
    const rank = rankOf(final.status)
    const isBetter = !ruling || rank < ruling.rank || (rank === ruling.rank && startedAt > ruling.startedAt)
    if (isBetter) ruling = { final, rank, startedAt }
  }
  return ruling?.final
}

/** What is made of the facts of an attempt when the clock stands at `now`. */
type Judgement = {
  readonly transactions: readonly Transaction[]
  readonly verdict: Verdict
  readonly exchanges: readonly Exchange[]
  readonly lastAt: EpochMicros
  readonly early: EarlyMedia
}

function judge(call: Call, attempt: Attempt, now: number, limits: Limits): Judgement {
  const transactions = transactionsOf(call, attempt)
  const verdict = verdictOf(attempt, transactions, now, limits)
  const exchanges = exchangesOf(call, attempt, transactions)
  const end = verdict.outcome === 'answered' ? verdict.final!.at : Infinity
  const lastAt = lastMessageAt(attempt, transactions, exchanges)
  const early = earlyMediaOf(attempt, transactions, exchanges, { end, lastAt, skew: limits.lateness })
  return { transactions, verdict, exchanges, lastAt, early }
}

/** The part of a record that figures are made of. */
export type Standing = Pick<
  AttemptRecord,
  | 'peer'
  | 'direction'
  | 'class'
  | 'outcome'
  | 'status'
  | 'cancel'
  | 'firstCode'
  | 'alerted'
  | 'earlyMediaSeconds'
  | 'responses183'
  | 'effectiveCause'
  | 'sessionRequestDelay'
  | 'repeats'
  | 'answerRepeats'
> &
  Partial<Pick<AttemptRecord, 'retries'>>

/** That part of what `attemptRecord` would give, at a third of the cost; but for `repeats`, which need the call. */
export function standingOf(call: Call, attempt: Attempt, now: number, limits: Limits): Standing {
  const { transactions, verdict, early } = judge(call, attempt, now, limits)
  const cancelKind = verdict.outcome === 'cancelled' ? cancelOf(call, attempt, transactions) : undefined
  const { effectiveCause } = causesOf(transactions, verdict.final)
  const sessionRequestDelay = requestDelayOf(transactions, verdict.final, early)
  const retries = retriesOf(transactions)
  return {
    peer: attempt.peer,
    direction: attempt.direction,
    class: early.class,
    outcome: verdict.outcome,
    status: verdict.final?.status ?? 0,
    ...(cancelKind && { cancel: cancelKind }),
    firstCode: early.firstCode,
    alerted: early.alerted,
    earlyMediaSeconds: secondsIn(early.spans),
    responses183: early.responses183,
    ...(effectiveCause !== undefined && { effectiveCause }),
    ...(sessionRequestDelay !== undefined && { sessionRequestDelay }),
    ...(retries.length > 0 && { retries })
  }
}

/** When an attempt is looked at, and by which rules. */
export type View = {
  readonly now: number
  readonly limits: Limits
  /** Version of the peers' registry. */
  readonly registry: string
  readonly ways: MediaWays
  readonly closedAt: EpochMicros
}

/** What there is to say of an attempt when the clock stands at `now`. Derived from the facts alone. */
export function attemptRecord(
  call: Call,
  attempt: Attempt,
  { now, limits, registry, ways, closedAt }: View
): AttemptRecord {
  const { transactions, verdict, exchanges, lastAt, early } = judge(call, attempt, now, limits)
  const requests = transactions.filter(({ requested }) => requested)
  const startedAt = requests[0]!.startedAt
  const decider = deciderOf(transactions, verdict.final)
  const cancelKind = verdict.outcome === 'cancelled' ? cancelOf(call, attempt, transactions) : undefined

  const causes = causesOf(transactions, verdict.final)
  const responder = (decider ?? transactions.at(-1)!).responder.address
  const legKeys = legKeysIn(transactions)
  const endedAt = verdict.final?.at ?? lastAt
  const heard: Heard = { transactions, exchanges, early, final: verdict.final, endedAt }
  const causeMapping = causeMappingOf(verdict.final)
  const evidence = early.class === 'early_media' ? mediaEvidenceOf(call, heard, now, ways) : undefined
  const announcement = announcementOf(heard, verdict.outcome, causes)

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
    responder,
    from: attempt.from,
    to: attempt.to,
    startedAt,
    endedAt,
    closedAt,
    class: early.class,
    outcome: verdict.outcome,
    status: verdict.final?.status ?? 0,
    ...(cancelKind && { cancel: cancelKind }),
    firstCode: early.firstCode,
    alerted: early.alerted,
    earlyMediaSeconds: secondsIn(early.spans),
    ...(early.spans.length > 0 && { earlyMediaSpans: early.spans }),
    responses183: early.responses183,
    transactions: requests.length,
    retries: retriesOf(transactions),
    ...causes,
    ...(causeMapping && { causeMapping }),
    ...(announcement && { announcement }),
    ...(evidence && { mediaEvidence: evidence.media }),
    ...timingOf(heard),
    ...diagnose(heard, {
      outcome: verdict.outcome,
      caller: requests[0]!.requester.address,
      callee: responder,
      causes,
      evidence
    }),
    ...(legKeys.length > 0 && { legKeys }),
    flags: flagsOf(verdict, decider, early, evidence),
    registry
  }
}

const deciderOf = (transactions: readonly Transaction[], final: Final | undefined): Transaction | undefined =>
  final && transactions.find(({ success, failure }) => success === final || failure === final)

/** The last message that says something new, or a refresh; a copy says nothing. */
function lastMessageAt(
  attempt: Attempt,
  transactions: readonly Transaction[],
  exchanges: readonly Exchange[]
): EpochMicros {
  let last = -Infinity
  for (const transaction of transactions) {
    for (const { at } of transaction.seen) last = Math.max(last, at)
    last = Math.max(last, transaction.progressAt, transaction.cancel?.at ?? -Infinity)
  }
  for (const { at } of attempt.byes) last = Math.max(last, at)
  for (const { request, final } of exchanges) last = Math.max(last, request?.at ?? last, final?.at ?? last)
  return last as EpochMicros
}

/** The finals that another INVITE followed, in the order of time. */
function retriesOf(transactions: readonly Transaction[]): readonly number[] {
  if (transactions.length === 1) return none
  const lastStart = Math.max(...transactions.map(({ startedAt }) => startedAt))
  return transactions
    .flatMap(({ failure }) => (failure && failure.at < lastStart ? [failure] : []))
    .sort((a, b) => a.at - b.at)
    .map(({ status }) => status)
}

function cancelOf(call: Call, attempt: Attempt, transactions: readonly Transaction[]): CancelKind {
  const cancels = transactions.flatMap(({ cancel }) => cancel ?? [])
  if (call.answered.includes(attempt.fromTag) || cancels.some(({ sipCause }) => sipCause === 200)) return 'elsewhere'
  if (cancels.some(({ sipCause }) => sipCause >= 300)) return 'rejected_elsewhere'
  return cancels.length > 0 ? 'caller' : 'unseen'
}

/** Interworking unspecified, and normal unspecified: a cause that tells nothing (EM-9). */
const isVague = (cause: number): boolean => cause === 31 || cause === 127

function lastEarlyCause(transactions: readonly Transaction[]): number | undefined {
  let last: Sighting | undefined
  for (const { seen } of transactions) {
    for (const each of seen) if (each.cause > 0 && isProgress(each.status) && !(last && last.at > each.at)) last = each
  }
  return last?.cause
}

export type Causes = Pick<AttemptRecord, 'earlyCause' | 'finalCause' | 'cancelCause' | 'effectiveCause'>

function causesOf(transactions: readonly Transaction[], final: Final | undefined): Causes {
  const early = lastEarlyCause(transactions)
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
