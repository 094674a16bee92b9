import type { SipMessage } from '@earshot/sip'
import type { EpochMicros } from '@earshot/units'
import { allowSourceOf, type AllowWatch } from './allow.ts'
import { noteAnswer, type Attribution } from './attribution.ts'
import { bounded } from './bounded.ts'
import type { CallEnds } from './call-ends.ts'
import { forgottenAt } from './due.ts'
import { isDeciding, isUnresolved, limitOf } from './ending.ts'
import { isExchange } from './exchanges.ts'
import { grown, none } from './grown.ts'
import { noteBye, noteSettled } from './in-dialog.ts'
import { legKeysOf, type LegHeaders } from './leg-keys.ts'
import type { Limits } from './limits.ts'
import type { MediaWatch } from './media-watch.ts'
import { requesterOf, type Observed } from './observed.ts'
import type { Parties } from './party.ts'
import { isProgress } from './progress.ts'
import type { Counts } from './records.ts'
import { noteRejection } from './rejections.ts'
import { hasRoom, weightOfLegKeys, weightOfSighting, weightOfTransaction } from './room.ts'
import { causeOf, sight } from './sightings.ts'
import type { Call, Sighting, Transaction } from './state.ts'
import { attemptOf, findTransaction, newTransaction, transactionsOf } from './transactions.ts'
import type { Witness } from './witness.ts'

/** With more than a call has, as where a Call-ID serves for every ping, the old ones are looked for. */
const MANY_TRANSACTIONS = 16

export type FoldingParts = {
  readonly counts: Counts
  readonly parties: Parties
  readonly limits: Limits
  readonly legHeaders: LegHeaders
  readonly attribution: Attribution
  readonly ends: CallEnds
  readonly allow: AllowWatch
  readonly media: MediaWatch
  readonly witness: Witness | undefined
}

/** What one message changes in its call: its transaction, and what that is to the call. */
export class Folding {
  readonly #parts: FoldingParts
  /** Of the message that is folded: the clock, and whether it is older than that. */
  #now!: EpochMicros
  #late = false

  constructor(parts: FoldingParts) {
    this.#parts = parts
  }

  /** Returns the transaction that the message changed. One older than `now` adds to what is known and starts nothing. */
  fold(call: Call, observed: Observed, now: EpochMicros): Transaction | undefined {
    this.#now = now
    this.#late = observed.at < now
    return observed.message.isRequest ? this.#request(call, observed) : this.#response(call, observed)
  }

  #request(call: Call, observed: Observed): Transaction | undefined {
    const { message } = observed
    const known = findTransaction(call, message, requesterOf(observed))
    if (known?.requested) {
      this.#note(call, known, observed)
      return known
    }
    const transaction = known ?? (this.#late ? undefined : this.#start(call, observed))
    if (!transaction) return undefined
    if (transaction.role === 'orphan') forget(transaction)
    transaction.requested = true
    transaction.startedAt = observed.at
    this.#note(call, transaction, observed)
    if (message.hasAllow && !this.#late) this.#parts.witness?.allowed(observed, 'request')
    switch (message.method) {
      case 'INVITE':
        this.#invite(call, transaction, message)
        break
      case 'CANCEL':
        return this.#cancel(call, observed) ?? transaction
      case 'BYE':
        noteBye(call, observed)
        this.#parts.ends.noteBye(call, transaction, this.#now)
        break
      case 'PRACK':
      case 'UPDATE':
        noteSettled(call, transaction)
        break
    }
    return transaction
  }

  #invite(call: Call, transaction: Transaction, message: SipMessage): void {
    const caller = { from: bounded(message.fromUri), to: bounded(message.toUri) }
    // With a To-tag it is inside a dialog: never an attempt (TX-7).
    if (message.toTag === '') {
      this.#noteLegKeys(call, transaction, message)
      this.#parts.attribution.join(call, transaction, caller, !this.#late)
    } else if (typeof transaction.role !== 'number') this.#parts.attribution.assign(call, transaction, 'other')
  }

  #noteLegKeys(call: Call, transaction: Transaction, message: SipMessage): void {
    const keys = legKeysOf(message, this.#parts.legHeaders)
    if (keys.length === 0 || !hasRoom(call)) return
    transaction.legKeys = keys
    call.weight += weightOfLegKeys(keys)
  }

  #response(call: Call, observed: Observed): Transaction | undefined {
    const { message, source, transport, at } = observed
    const transaction =
      findTransaction(call, message, requesterOf(observed)) ?? (this.#late ? undefined : this.#start(call, observed))
    if (!transaction) return undefined
    const expired = this.#isExpired(call, transaction, at)
    const sighting = this.#note(call, transaction, observed, expired)
    if (!sighting) return transaction
    if (expired) {
      // One that was late already has been counted.
      if (message.status >= 200 && !this.#late) this.#parts.counts.late++
      return transaction
    }
    if (!transaction.answered) {
      transaction.answered = true
      transaction.responder = source
      this.#parts.attribution.answered(call, transaction)
    }
    if (isProgress(message.status)) transaction.progressAt = later(transaction.progressAt, at)
    if (message.status >= 200) this.#final(call, transaction, sighting, observed)
    if (message.hasAllow && transaction.role !== 'unclaimed') {
      const allows = allowSourceOf(message)
      if (allows) {
        this.#parts.allow.notice(message, allows, this.#parts.parties.of(source, transport).name, at)
        if (!this.#late) this.#parts.witness?.allowed(observed, allows)
      }
    }
    return transaction
  }

  #start(call: Call, observed: Observed): Transaction | undefined {
    if (call.transactions.length >= MANY_TRANSACTIONS) forgetOld(call, this.#now)
    if (!hasRoom(call)) {
      this.#parts.counts.notKept++
      return undefined
    }
    const transaction = newTransaction(observed, this.#now)
    call.transactions = grown(call.transactions, transaction)
    call.weight += weightOfTransaction(transaction)
    return transaction
  }

  /** Notes the message in its transaction; copies are counted here, and only a new one is returned. */
  #note(call: Call, transaction: Transaction, observed: Observed, isLate = false): Sighting | undefined {
    transaction.touchedAt = this.#now
    const noted = sight(transaction, observed, this.#parts.limits, { hasRoom: hasRoom(call), isLate })
    if (typeof noted === 'object') {
      call.weight += weightOfSighting(noted)
      this.#parts.media.described(call.callId, noted.mediaAt)
    }
    if (!observed.message.isRequest) transaction.responses++
    if (transaction.role === 'orphan') {
      this.#parts.counts.orphans++
      return undefined
    }
    const waiting = transaction.role === 'unclaimed' && !observed.message.isRequest
    const unclaimed = waiting ? (transaction.unclaimed ??= noCopies()) : undefined
    if (typeof noted === 'object') return noted
    if (noted) (unclaimed ?? this.#parts.counts)[noted]++
    else this.#parts.counts.notKept++
    if (noted === 'refreshes' && !isLate) {
      transaction.progressAt = later(transaction.progressAt, observed.at)
    }
    return undefined
  }

  #final(call: Call, transaction: Transaction, { toTag, cause }: Sighting, observed: Observed): void {
    const { at, message } = observed
    const { status } = message
    const isFirst = !transaction.failure && !transaction.success
    const final = { status, at, toTag, cause, vias: message.viaCount }
    if (status < 300) transaction.success ??= final
    else transaction.failure ??= final
    if (transaction.role === 'unclaimed') return
    if (transaction.method === 'BYE') this.#parts.ends.noteBye(call, transaction, this.#now)
    if (isExchange(transaction)) noteSettled(call, transaction)
    noteAnswer(call, transaction)
    if (!isFirst) return
    noteRejection(call, transaction, this.#parts.parties, message)
    if (!this.#late) this.#parts.witness?.answered(call, transaction, observed)
  }

  /** An initial INVITE without a final whose limit has passed: nothing changes it any more (TX-10). */
  #isExpired(call: Call, transaction: Transaction, at: EpochMicros): boolean {
    if (transaction.expired) return true
    const attempt = attemptOf(call, transaction)
    if (!attempt || !isUnresolved(transaction)) return false
    const own = transactionsOf(call, attempt)
    return isDeciding(transaction, own) && limitOf(attempt, own, this.#parts.limits) < at
  }

  /** Returns the INVITE transaction that is cancelled. */
  #cancel(call: Call, observed: Observed): Transaction | undefined {
    const invite = findTransaction(call, observed.message, requesterOf(observed), 'INVITE')
    if (!invite || invite.cancel || this.#isExpired(call, invite, observed.at)) return undefined
    const { message } = observed
    invite.cancel = { at: observed.at, cause: causeOf(message, 'q.850'), sipCause: causeOf(message, 'sip') }
    return invite
  }
}

function forgetOld(call: Call, now: number): void {
  call.transactions = call.transactions.filter(transaction => {
    const wanted = isExchange(transaction) && call.attempts.length > 0
    const kept = wanted || forgottenAt(transaction) >= now
    if (!kept) call.weight -= weightOfTransaction(transaction)
    return kept
  })
}

/** Responses that became orphans count nowhere else, not even when their request is seen after all (TX-6). */
function forget(transaction: Transaction): void {
  transaction.role = 'unclaimed'
  transaction.answered = false
  transaction.seen = none
  transaction.responses = 0
  transaction.failure = undefined
  transaction.success = undefined
}

const later = (a: EpochMicros, b: EpochMicros): EpochMicros => (a > b ? a : b)

const noCopies = () => ({ duplicates: 0, retransmissions: 0, refreshes: 0 })
