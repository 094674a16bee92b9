import { hash } from 'node:crypto'
import TinyQueue from 'tinyqueue'
import { epochMicros, plus, type EpochMicros } from '@earshot/units'
import { transactionKey, type SipMessage } from '@earshot/sip'
import { attemptRecord, endOf, limitOf, transactionsOf } from './attempt.ts'
import { AllowWatch } from './allow.ts'
import { isProgress } from './early-media.ts'
import { HOP_WINDOW, LINGER, LINGER_CALL, LINGER_EXPIRED, defaultLimits, type Limits } from './limits.ts'
import { requesterOf, responderOf, type Observed } from './observed.ts'
import { byAddress, rejectingSide, sideOf, type Parties, type Side } from './party.ts'
import { noCounts, type AttemptRecord, type CallsRecord, type Counts } from './records.ts'
import { causeOf, sight } from './sightings.ts'
import type { Attempt, Call, Sighting, Transaction } from './state.ts'
import { readCall, writeCall } from './snapshot.ts'

/** More transactions than one Call-ID has at a time; a flood under one Call-ID is not kept past it. */
const MOST_TRANSACTIONS = 1000

export type CorrelatorOptions = {
  readonly emit: (record: CallsRecord) => void
  readonly parties?: Parties
  readonly limits?: Limits
}

type Timer = { readonly at: number; readonly call: Call }

/**
 * Folds SIP messages into attempts and rejections (semantics.md §2 to §4). Give it messages in event order
 * (`ReorderBuffer`); it reads no clock but their times and `advance`.
 *
 * Each attempt is emitted once, when the clock has passed its end. Total: whatever bytes a message holds, it is
 * counted and never throws.
 */
export class Correlator {
  readonly counts: Counts = noCounts()
  readonly #calls = new Map<string, Call>()
  readonly #timers = new TinyQueue<Timer>([], (a, b) => a.at - b.at)
  readonly #touched = new Set<string>()
  readonly #emit: (record: CallsRecord) => void
  readonly #limits: Limits
  readonly #allow: AllowWatch
  readonly #parties: Parties
  #now = epochMicros(-Infinity)

  constructor({ emit, parties = byAddress, limits = defaultLimits }: CorrelatorOptions) {
    this.#emit = emit
    this.#parties = parties
    this.#limits = limits
    this.#allow = new AllowWatch(emit)
  }

  /** Calls kept, those that only linger included. */
  get size(): number {
    return this.#calls.size
  }

  /** Folds one message. One that is older than the clock is late: it may add to what is known and starts nothing. */
  process(observed: Observed): void {
    this.advance(observed.at)
    this.counts.sip++
    const late = observed.at < this.#now
    if (late) this.counts.late++
    const { message } = observed
    if (message.problem) {
      this.counts.unparsable++
      return
    }
    const call = this.#calls.get(message.callId) ?? this.#newCall(message.callId, late)
    if (!call) return
    call.touchedAt = this.#now
    if (message.isRequest) this.#request(call, observed, late)
    else this.#response(call, observed, late)
    this.#touched.add(call.callId)
    this.#schedule(call)
  }

  /** Moves the clock: everything that was due before `now` happens. It never goes back. */
  advance(now: EpochMicros): void {
    if (now <= this.#now) return
    for (let next = this.#timers.peek(); next && next.at < now; next = this.#timers.peek()) {
      this.#timers.pop()
      this.#now = Math.max(this.#now, next.at) as EpochMicros
      if (next.call.dueAt === next.at && this.#calls.get(next.call.callId) === next.call)
        this.#expire(next.call, next.at)
    }
    this.#now = now
  }

  /**
   * The end of a file: the clock stands at its newest message. Attempts that only wait for a retry are closed,
   * those without a final stay open (TX-10).
   */
  finish(): void {
    for (const call of this.#calls.values()) {
      this.#claimOrOrphan(call, Infinity)
      for (const attempt of call.attempts) this.#close(call, attempt, this.#now)
      this.#settleRejections(call, Infinity)
    }
    this.#calls.clear()
  }

  /** The records of attempts that are not over, as they would stand if nothing else came. */
  *pending(): Iterable<AttemptRecord> {
    for (const call of this.#calls.values()) {
      for (const attempt of call.attempts) {
        yield attemptRecord(call, attempt, this.#now, this.#limits, this.#parties.version)
      }
    }
  }

  /** State changed since the last call of this, by key; a value is absent where the key ended. */
  changes(): { key: string; value: Buffer | undefined }[] {
    const changes = [...this.#touched].map(callId => {
      const call = this.#calls.get(callId)
      return { key: `call ${callId}`, value: call && writeCall(call) }
    })
    this.#touched.clear()
    return [...changes, ...this.#allow.changes()]
  }

  /** Takes back what `changes` gave, one key at a time, before the first message. */
  restore(key: string, value: Buffer): void {
    if (!key.startsWith('call ')) return this.#allow.restore(key, value)
    const call = readCall(value)
    this.#calls.set(call.callId, call)
    this.#now = Math.max(this.#now, call.touchedAt) as EpochMicros
    call.dueAt = Infinity
    this.#schedule(call)
  }

  #newCall(callId: string, late: boolean): Call | undefined {
    if (late) return undefined
    const call: Call = {
      callId,
      transactions: new Map(),
      attempts: [],
      rejections: [],
      nextAttempt: 0,
      fromTags: [],
      answered: [],
      touchedAt: this.#now,
      dueAt: Infinity
    }
    this.#calls.set(callId, call)
    return call
  }

  #request(call: Call, observed: Observed, late: boolean): void {
    const { message } = observed
    const known = this.#transaction(call, observed)
    if (known?.requested) {
      this.#note(known, observed)
      return
    }
    if (late && !known) return
    const transaction = known ?? this.#start(call, observed)
    if (!transaction) return
    if (transaction.role === 'orphan') forget(transaction)
    transaction.requested = true
    transaction.startedAt = observed.at
    this.#note(transaction, observed)
    switch (message.method) {
      case 'INVITE':
        // With a To-tag it is inside a dialog: never an attempt (TX-7).
        if (message.toTag === '') this.#join(call, transaction, observed, !late)
        else if (typeof transaction.role !== 'number') this.#assign(call, transaction, 'other')
        break
      case 'CANCEL':
        this.#cancel(call, observed)
        break
      case 'BYE':
        for (const attempt of call.attempts) {
          if (attempt.fromTag === message.fromTag) attempt.byes.push({ toTag: message.toTag, at: observed.at })
          if (attempt.fromTag === message.toTag) attempt.byes.push({ toTag: message.fromTag, at: observed.at })
        }
        break
    }
  }

  #response(call: Call, observed: Observed, late: boolean): void {
    const { message } = observed
    const transaction = this.#transaction(call, observed) ?? (late ? undefined : this.#start(call, observed))
    if (!transaction) return
    const sighting = this.#note(transaction, observed)
    if (!sighting) return
    if (!transaction.answered) {
      transaction.answered = true
      this.#answeredBy(call, transaction, observed)
    }
    if (isProgress(message.status)) transaction.progressAt = later(transaction.progressAt, observed.at)
    if (message.status >= 200) this.#final(call, transaction, sighting, message)
    if (transaction.role !== 'orphan' && transaction.role !== 'unclaimed') {
      this.#allow.notice(message, this.#parties.of(observed.source, observed.transport).name, observed.at)
    }
  }

  #transaction(call: Call, observed: Observed, method?: string): Transaction | undefined {
    return call.transactions.get(keyOf(observed, method))
  }

  #start(call: Call, observed: Observed): Transaction | undefined {
    if (call.transactions.size >= MOST_TRANSACTIONS) return undefined
    const { message } = observed
    const transaction: Transaction = {
      key: keyOf(observed),
      method: message.cseqMethod,
      cseq: message.cseq,
      fromTag: message.fromTag,
      requester: requesterOf(observed),
      transport: observed.transport,
      responder: responderOf(observed),
      startedAt: observed.at,
      requested: false,
      answered: false,
      touchedAt: this.#now,
      seen: [],
      progressAt: observed.at,
      role: message.cseqMethod === 'INVITE' ? 'unclaimed' : 'other'
    }
    call.transactions.set(transaction.key, transaction)
    return transaction
  }

  /** Notes the message in its transaction; copies are counted here, and only a new one is returned. */
  #note(transaction: Transaction, observed: Observed): Sighting | undefined {
    transaction.touchedAt = this.#now
    const noted = sight(transaction, observed, this.#limits)
    if (transaction.role === 'orphan') {
      this.counts.orphans++
      return undefined
    }
    const waiting = transaction.role === 'unclaimed' && !observed.message.isRequest
    const counts = waiting ? (transaction.unclaimed ??= noCopies()) : this.counts
    if (waiting) transaction.unclaimed!.messages++
    if (typeof noted === 'object') return noted
    if (noted) counts[noted]++
    if (noted === 'refreshes' && !this.#isExpired(transaction, observed.at)) {
      transaction.progressAt = later(transaction.progressAt, observed.at)
    }
    return undefined
  }

  /** The first response tells who answers, and so which attempt the transaction belongs to (§1, responder). */
  #answeredBy(call: Call, transaction: Transaction, observed: Observed): void {
    const moved =
      transaction.responder.address !== observed.source.address || transaction.responder.port !== observed.source.port
    transaction.responder = observed.source
    if (transaction.role === 'unclaimed') {
      this.#claim(call, transaction)
      return
    }
    const attempt = call.attempts.find(({ id }) => id === transaction.role)
    if (!moved || !attempt) return
    const side = this.#sideOf(transaction)
    if (side.peer === attempt.peer && side.direction === attempt.direction) return
    transaction.role = (this.#openAttempt(call, transaction.fromTag, side) ?? this.#newAttempt(call, side, attempt)).id
    this.#dissolveIfEmpty(call, attempt)
  }

  #final(call: Call, transaction: Transaction, { status, at, toTag, cause }: Sighting, message: SipMessage): void {
    if (this.#isExpired(transaction, at)) {
      if (at === this.#now) this.counts.late++
      return
    }
    const first = !transaction.failure && !transaction.success
    const final = { status, at, toTag, cause, vias: message.viaCount }
    if (status < 300) transaction.success ??= final
    else transaction.failure ??= final
    if (transaction.role === 'unclaimed') return
    this.#noteAnswer(call, transaction)
    if (first) this.#noteRejection(call, transaction)
  }

  /** An initial INVITE without a final whose limit has passed: nothing changes it any more. */
  #isExpired(transaction: Transaction, at: EpochMicros): boolean {
    return (
      (typeof transaction.role === 'number' || transaction.role === 'ended') &&
      !transaction.failure &&
      !transaction.success &&
      limitOf(transaction, this.#limits) < at
    )
  }

  #cancel(call: Call, observed: Observed): void {
    const invite = this.#transaction(call, observed, 'INVITE')
    if (!invite || invite.cancel || invite.failure || invite.success || this.#isExpired(invite, observed.at)) return
    const { message } = observed
    invite.cancel = { at: observed.at, cause: causeOf(message, 'q.850'), sipCause: causeOf(message, 'sip') }
  }

  #sideOf(transaction: Transaction): Side {
    return sideOf(this.#parties, transaction.requester, transaction.responder, transaction.transport)
  }

  #openAttempt(call: Call, fromTag: string, { peer, direction }: Side): Attempt | undefined {
    return call.attempts.find(
      attempt => attempt.fromTag === fromTag && attempt.peer === peer && attempt.direction === direction
    )
  }

  /** An initial INVITE joins the open attempt of its key, or starts one. */
  #join(call: Call, transaction: Transaction, { message }: Observed, mayStart: boolean): void {
    if (typeof transaction.role === 'number') return
    const side = this.#sideOf(transaction)
    const { fromTag } = transaction
    const open = this.#openAttempt(call, fromTag, side)
    if (!open && !mayStart) return
    const attempt = open ?? this.#newAttempt(call, side, { fromTag, from: message.fromUri, to: message.toUri })
    this.#assign(call, transaction, attempt.id)
  }

  #newAttempt(call: Call, side: Side, { fromTag, from, to }: Pick<Attempt, 'fromTag' | 'from' | 'to'>): Attempt {
    const attempt: Attempt = { id: call.nextAttempt++, fromTag, ...side, from, to, byes: [] }
    call.attempts.push(attempt)
    if (!call.fromTags.includes(fromTag)) {
      call.fromTags.push(fromTag)
      this.counts.calls++
    }
    return attempt
  }

  /** Responses whose INVITE was never seen belong to the open attempt with the same key, if there is one (TX-6). */
  #claim(call: Call, transaction: Transaction): void {
    const attempt = this.#openAttempt(call, transaction.fromTag, this.#sideOf(transaction))
    if (attempt) this.#assign(call, transaction, attempt.id)
  }

  /** What a transaction was waiting to learn is known: its copies and its final count from now on. */
  #assign(call: Call, transaction: Transaction, role: number | 'other'): void {
    transaction.role = role
    const { unclaimed } = transaction
    if (!unclaimed) return
    this.counts.duplicates += unclaimed.duplicates
    this.counts.retransmissions += unclaimed.retransmissions
    this.counts.refreshes += unclaimed.refreshes
    delete transaction.unclaimed
    this.#noteAnswer(call, transaction)
    this.#noteRejection(call, transaction)
  }

  #noteAnswer(call: Call, { role, success, fromTag }: Transaction): void {
    if (success && typeof role === 'number' && !call.answered.includes(fromTag)) call.answered.push(fromTag)
  }

  #claimOrOrphan(call: Call, at: number): void {
    for (const transaction of call.transactions.values()) {
      if (transaction.role !== 'unclaimed' || transaction.startedAt + this.#limits.lateness > at) continue
      this.#claim(call, transaction)
      if (transaction.role !== 'unclaimed') continue
      transaction.role = 'orphan'
      this.counts.orphans += transaction.unclaimed?.messages ?? 0
      delete transaction.unclaimed
    }
  }

  /** An attempt whose INVITEs all turned out to be answered by somebody else never was. */
  #dissolveIfEmpty(call: Call, attempt: Attempt): void {
    const left = transactionsOf(call, attempt)
    if (left.some(({ requested }) => requested)) return
    call.attempts = call.attempts.filter(other => other !== attempt)
    for (const transaction of left) {
      transaction.role = 'unclaimed'
      transaction.unclaimed = { ...noCopies(), messages: transaction.seen.length }
    }
  }

  #noteRejection(call: Call, transaction: Transaction): void {
    const { method, requester, responder, cseq, fromTag, failure } = transaction
    if (!failure || (failure.status !== 501 && failure.status !== 405)) return
    if (method === 'ACK' || method === 'CANCEL') return
    call.rejections.push({
      hop: `${method} ${cseq} ${fromTag} ${failure.status}`,
      due: plus(failure.at, HOP_WINDOW),
      record: {
        kind: 'rejection',
        id: hash('sha1', `${call.callId}\n${transaction.key}\n${transaction.startedAt}`, 'base64url'),
        at: failure.at,
        callId: call.callId,
        ...rejectingSide(this.#parties, requester, responder, transaction.transport),
        requester: requester.address,
        responder: responder.address,
        method,
        code: failure.status,
        vias: failure.vias,
        origin: true,
        ...(method === 'INVITE' && pstnCauses.has(failure.cause) && { pstnCause: failure.cause }),
        registry: this.#parties.version
      }
    })
  }

  /** Only the copy with the most Vias was seen where the rejection was made (MC-5). */
  #settleRejections(call: Call, at: number): void {
    for (const { hop, due } of [...call.rejections]) {
      if (due > at) continue
      const hops = call.rejections.filter(other => other.hop === hop)
      const most = Math.max(...hops.map(({ record }) => record.vias))
      for (const { record } of hops) this.#emit({ ...record, origin: record.vias === most })
      call.rejections = call.rejections.filter(other => other.hop !== hop)
    }
  }

  #close(call: Call, attempt: Attempt, clock: number): void {
    this.#emit(attemptRecord(call, attempt, clock, this.#limits, this.#parties.version))
    for (const transaction of transactionsOf(call, attempt)) transaction.role = 'ended'
    call.attempts = call.attempts.filter(other => other !== attempt)
  }

  /** Everything of this call that is due at `at`, which the clock has passed. */
  #expire(call: Call, at: number): void {
    this.#touched.add(call.callId)
    this.#claimOrOrphan(call, at)
    for (const attempt of call.attempts) {
      if (endOf(transactionsOf(call, attempt), this.#limits) <= at) this.#close(call, attempt, Infinity)
    }
    this.#settleRejections(call, at)
    for (const transaction of call.transactions.values()) {
      if (lingersUntil(transaction) <= at) call.transactions.delete(transaction.key)
    }
    if (idle(call) && call.touchedAt + lingerOf(call) <= at) this.#calls.delete(call.callId)
    else this.#schedule(call, true)
  }

  #schedule(call: Call, again = false): void {
    let due = idle(call) ? call.touchedAt + lingerOf(call) : Infinity
    for (const attempt of call.attempts) due = Math.min(due, endOf(transactionsOf(call, attempt), this.#limits))
    for (const rejection of call.rejections) due = Math.min(due, rejection.due)
    for (const transaction of call.transactions.values()) {
      const unclaimed = transaction.role === 'unclaimed'
      due = Math.min(due, unclaimed ? transaction.startedAt + this.#limits.lateness : lingersUntil(transaction))
    }
    if (due < call.dueAt || again) {
      call.dueAt = due
      this.#timers.push({ at: due, call })
    }
  }
}

/** Causes of the telephone network for which a gateway refuses an INVITE with 501 (MC-3). */
const pstnCauses: ReadonlySet<number> = new Set([29, 58, 63, 65, 69, 79])

const keyOf = (observed: Observed, method?: string): string =>
  `${transactionKey(observed.message, method)} ${requesterOf(observed).address}`

/** Responses that became orphans count nowhere else, not even when their request is seen after all (TX-6). */
function forget(transaction: Transaction): void {
  transaction.role = 'unclaimed'
  transaction.answered = false
  transaction.seen.length = 0
  delete transaction.failure
  delete transaction.success
}

const later = (a: EpochMicros, b: EpochMicros): EpochMicros => (a > b ? a : b)

const noCopies = () => ({ duplicates: 0, retransmissions: 0, refreshes: 0, messages: 0 })

/** When nothing can be learnt from a transaction any more. Those of open attempts stay. */
function lingersUntil({ role, failure, success, touchedAt }: Transaction): number {
  if (typeof role === 'number' || role === 'unclaimed') return Infinity
  return touchedAt + (role === 'ended' && !failure && !success ? LINGER_EXPIRED : LINGER)
}

const idle = (call: Call): boolean =>
  call.transactions.size === 0 && call.attempts.length === 0 && call.rejections.length === 0

/** A call that made no attempt (a registration, a ping) leaves nothing to remember. */
const lingerOf = (call: Call): number => (call.fromTags.length > 0 ? LINGER_CALL : 0)
