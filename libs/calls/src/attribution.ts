import { grown, none } from './grown.ts'
import type { Limits } from './limits.ts'
import { sideOf, type Parties, type Side } from './party.ts'
import type { Counts } from './records.ts'
import { noteRejection } from './rejections.ts'
import { weightOfAttempt } from './room.ts'
import type { Attempt, Call, Transaction } from './state.ts'
import { attemptOf, transactionsOf } from './transactions.ts'

/** From-tags that are remembered under one Call-ID. */
const MOST_CALLERS = 100

/** Which attempt an INVITE transaction belongs to (§1, call attempt; TX-6, TX-8, PA-3). */
export class Attribution {
  readonly #parties: Parties
  readonly #limits: Limits
  readonly #counts: Counts
  readonly #gone: (attempt: Attempt) => void

  /** @param gone is told of an attempt that turned out to be none */
  constructor(parties: Parties, limits: Limits, counts: Counts, gone: (attempt: Attempt) => void) {
    this.#parties = parties
    this.#limits = limits
    this.#counts = counts
    this.#gone = gone
  }

  /** An initial INVITE joins the open attempt of its key, or starts one. */
  join(call: Call, transaction: Transaction, { from, to }: { from: string; to: string }, mayStart: boolean): void {
    if (typeof transaction.role === 'number') return
    const side = this.#sideOf(transaction)
    const { fromTag } = transaction
    const open = openAttempt(call, fromTag, side)
    if (open || mayStart) this.assign(call, transaction, (open ?? this.#start(call, side, { fromTag, from, to })).id)
  }

  /** The first response has told who answers: that may be another than the request was sent to. */
  answered(call: Call, transaction: Transaction): void {
    if (transaction.role === 'unclaimed') return this.#claim(call, transaction)
    const attempt = attemptOf(call, transaction)
    if (!attempt) return
    const side = this.#sideOf(transaction)
    if (side.peer === attempt.peer && side.direction === attempt.direction) return
    transaction.role = (openAttempt(call, transaction.fromTag, side) ?? this.#start(call, side, attempt)).id
    this.#dissolveIfEmpty(call, attempt)
  }

  /** What a transaction was waiting to learn is known: its copies and its final count from now on. */
  assign(call: Call, transaction: Transaction, role: number | 'other'): void {
    transaction.role = role
    const { unclaimed } = transaction
    if (!unclaimed) return
    this.#counts.duplicates += unclaimed.duplicates
    this.#counts.retransmissions += unclaimed.retransmissions
    this.#counts.refreshes += unclaimed.refreshes
    transaction.unclaimed = undefined
    noteAnswer(call, transaction)
    noteRejection(call, transaction, this.#parties)
  }

  /** INVITE responses that have waited for their request until `at` find an attempt now or are orphans. */
  claimOrOrphan(call: Call, at: number): void {
    for (const transaction of call.transactions) {
      if (transaction.role !== 'unclaimed' || transaction.startedAt + this.#limits.lateness > at) continue
      this.#claim(call, transaction)
      if (transaction.role !== 'unclaimed') continue
      transaction.role = 'orphan'
      this.#counts.orphans += transaction.responses
      transaction.unclaimed = undefined
    }
  }

  /** Responses whose INVITE was never seen belong to the open attempt with the same key, if there is one (TX-6). */
  #claim(call: Call, transaction: Transaction): void {
    const attempt = openAttempt(call, transaction.fromTag, this.#sideOf(transaction))
    if (attempt) this.assign(call, transaction, attempt.id)
  }

  #sideOf({ requester, responder, transport }: Transaction): Side {
    return sideOf(this.#parties, requester, responder, transport)
  }

  #start(call: Call, side: Side, { fromTag, from, to }: Pick<Attempt, 'fromTag' | 'from' | 'to'>): Attempt {
    const { peer, direction } = side
    const id = call.nextAttempt++
    const attempt: Attempt = {
      id,
      fromTag,
      peer,
      direction,
      from,
      to,
      byes: none,
      settled: none,
      shown: undefined,
      occupies: false
    }
    call.attempts = grown(call.attempts, attempt)
    call.weight += weightOfAttempt(attempt)
    if (!call.fromTags.includes(fromTag)) {
      call.fromTags = remembered(call.fromTags, fromTag)
      this.#counts.calls++
    }
    return attempt
  }

  /** An attempt whose INVITEs all turned out to be answered by somebody else never was. */
  #dissolveIfEmpty(call: Call, attempt: Attempt): void {
    const left = transactionsOf(call, attempt)
    if (left.some(({ requested }) => requested)) return
    call.attempts = call.attempts.filter(other => other !== attempt)
    call.weight -= weightOfAttempt(attempt)
    this.#gone(attempt)
    for (const transaction of left) {
      transaction.role = 'unclaimed'
    }
  }
}

/** An attempt of this call was answered; its siblings may ask (semantics.md §3, cancelled elsewhere). */
export function noteAnswer(call: Call, { role, success, fromTag }: Transaction): void {
  if (!success || typeof role !== 'number' || call.answered.includes(fromTag)) return
  call.answered = remembered(call.answered, fromTag)
}

const remembered = (tags: readonly string[], tag: string): readonly string[] => grown(tags, tag).slice(-MOST_CALLERS)

const openAttempt = (call: Call, fromTag: string, { peer, direction }: Side): Attempt | undefined =>
  call.attempts.find(attempt => attempt.fromTag === fromTag && attempt.peer === peer && attempt.direction === direction)
