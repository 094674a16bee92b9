import type { MediaReport } from '@earshot/rtp'
import { epochMicros, seconds, type EpochMicros } from '@earshot/units'
import { AllowWatch } from './allow.ts'
import { bounded } from './bounded.ts'
import { attemptRecord, standingOf } from './attempt.ts'
import { Attribution } from './attribution.ts'
import { CallEnds, nextEndOf } from './call-ends.ts'
import { countedRecord, countedStandings } from './call-counting.ts'
import { CallStore, newCall } from './call-store.ts'
import { answerOf, endOf, isUnresolved } from './ending.ts'
import type { TellEnd } from './established.ts'
import type { EvidenceTally } from './evidence-tally.ts'
import { dueOf, goneAt, isSettled, openIn } from './due.ts'
import { Folding } from './folding.ts'
import { none } from './grown.ts'
import { defaultLegHeaders, type LegHeaders } from './leg-keys.ts'
import { legOf, type Leg } from './leg.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { forgetFlows, MediaWatch, noMediaCounts, type MediaCounts } from './media-watch.ts'
import type { Observed } from './observed.ts'
import { Occupancy } from './occupancy.ts'
import { byAddress, type Parties } from './party.ts'
import { noCounts, type CallsRecord, type Counts, type RejectionRecord } from './records.ts'
import { settleRejections } from './rejections.ts'
import { weightOfAttempt } from './room.ts'
import { Standings, type Look, type StandingChange } from './standings.ts'
import type { Attempt, Call, Transaction } from './state.ts'
import { attemptOf, transactionsOf } from './transactions.ts'
import { Witness } from './witness.ts'

/** About 1.5 GB of calls at rest: more is a flood of Call-IDs, and what is beyond is not kept. */
const MOST_CALLS = 2_000_000
/** A call rests when nothing was heard of it for a while and nothing will be due for a while. */
const QUIET = seconds(20)
const WORTH_RESTING = seconds(60)

export type CorrelatorOptions = {
  readonly emit: (record: CallsRecord) => void
  readonly parties?: Parties
  readonly limits?: Limits
  /** What tells of other legs; together with who is told of the attempts that may be some of several (`LegJoin`). */
  readonly legHeaders?: LegHeaders
  /** Told before the attempt's record is. */
  readonly emitLeg?: (leg: Leg) => void
  /** Whether reports of media without a known Call-ID are matched by the endpoints that descriptions name. */
  readonly mediaByAddress?: boolean
  /** Whether `changes` and `standings` will be asked for: only then is account kept of them. */
  readonly keepsChanges?: boolean
  /** Gets what peers show of the methods that they take; whoever gives it takes from it. */
  readonly evidence?: EvidenceTally
}

/**
 * Folds SIP messages into attempts and rejections (semantics.md §2 to §4). Give it messages in event order
 * (`ReorderBuffer`); it reads no clock but their times and `advance`.
 *
 * Each attempt is emitted once, when the clock has passed its end. Total: whatever bytes a message holds, it is
 * counted and never throws.
 */
export class Correlator {
  readonly counts: Counts = noCounts()
  readonly #calls = new CallStore()
  readonly #standings = new Standings()
  readonly #emit: (record: CallsRecord) => void
  readonly #parties: Parties
  readonly #limits: Limits
  readonly #legHeaders: LegHeaders
  readonly #emitLeg: ((leg: Leg) => void) | undefined
  readonly #allow: AllowWatch
  readonly #attribution: Attribution
  readonly #folding: Folding
  readonly #ends: CallEnds
  readonly #media: MediaWatch
  readonly #keepsChanges: boolean
  readonly #witness: Witness | undefined
  readonly #occupancy: Occupancy | undefined
  /** Call-IDs whose state changed. */
  readonly #changed = new Set<string>()
  /** Call-IDs with rejections, ends or responses that wait for what may still be seen of them. */
  readonly #unsettled = new Set<string>()
  #now = epochMicros(-Infinity)

  constructor({ emit, parties = byAddress, limits = defaultLimits, ...options }: CorrelatorOptions) {
    const { legHeaders = defaultLegHeaders, emitLeg, keepsChanges = false, mediaByAddress = true, evidence } = options
    this.#media = new MediaWatch({ calls: this.#calls, limits, byAddress: mediaByAddress })
    this.#witness = evidence && new Witness(evidence, parties, limits)
    this.#occupancy = evidence && new Occupancy(evidence)
    this.#keepsChanges = keepsChanges
    this.#legHeaders = legHeaders
    this.#emitLeg = emitLeg
    this.#emit = emit
    this.#parties = parties
    this.#limits = limits
    this.#allow = new AllowWatch(emit)
    const tellEnd: TellEnd = (record, established) => {
      emit(record)
      this.#occupancy?.left(established, this.#now)
    }
    this.#ends = new CallEnds(tellEnd, parties, keepsChanges)
    this.#attribution = new Attribution(parties, limits, this.counts, attempt => {
      this.#standings.ended(attempt)
      this.#occupancy?.left(attempt, this.#now)
    })
    this.#folding = new Folding({
      counts: this.counts,
      parties,
      limits,
      legHeaders,
      attribution: this.#attribution,
      ends: this.#ends,
      allow: this.#allow,
      media: this.#media,
      witness: this.#witness
    })
  }

  /** Calls kept, those that only linger or talk included. */
  get size(): number {
    return this.#calls.size + this.#ends.resting.size
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
    const callId = bounded(message.callId)
    const call = this.#calls.get(callId) ?? (late ? undefined : this.#newCall(callId))
    if (!call) return
    call.touchedAt = this.#now
    const { nextAttempt } = call
    const transaction = this.#folding.fold(call, observed, this.#now)
    this.#touched(call)
    if (!transaction) return
    if (transaction.method === 'INVITE')
      this.#occupancy?.folded(call, transaction, { message, nextAttempt, at: this.#now })
    this.#wake(call, transaction)
  }

  /**
   * Takes a report of media, in its place among the messages. It moves no clock: calls are made of messages, and an
   * attempt of which only media is heard may have ended.
   */
  hear(report: MediaReport): void {
    for (const call of this.#media.hear(report)) {
      this.#touched(call)
      this.#calls.wakeBy(call, this.#now + QUIET)
    }
  }

  /** What became of the reports since the last call of this. */
  takeMediaCounts(): MediaCounts {
    const counts = { ...this.#media.counts }
    Object.assign(this.#media.counts, noMediaCounts())
    return counts
  }

  /** Moves the clock: everything that was due before `now` happens. It never goes back. */
  advance(now: EpochMicros): void {
    if (now <= this.#now) return
    for (let call = this.#calls.nextDue(now); call; call = this.#calls.nextDue(now)) {
      this.#now = Math.max(this.#now, call.dueAt) as EpochMicros
      this.#ends.resting.advance(this.#now)
      this.#expire(call, call.dueAt)
    }
    this.#now = now
    this.#ends.resting.advance(now)
  }

  /**
   * The end of a file: the clock stands at its newest message. Attempts that only wait for a retry are closed,
   * those without a final stay open (TX-10); calls of which no BYE was seen go on.
   */
  finish(): void {
    for (const call of this.#calls.all()) {
      this.#attribution.claimOrOrphan(call, Infinity)
      for (const attempt of call.attempts) this.#close(call, attempt, this.#now, this.#now)
      this.#settle(call, Infinity)
      this.#media.forgotten(call.callId)
      this.#calls.delete(call.callId)
    }
  }

  /** Settles what waits for messages that may still come, because none will: the clock has stopped. */
  settle(): void {
    for (const callId of this.#unsettled) {
      const call = this.#calls.get(callId)
      if (!call) continue
      this.#attribution.claimOrOrphan(call, Infinity)
      this.#settle(call, Infinity)
      this.#touched(call)
    }
    this.#unsettled.clear()
  }

  /** How the attempts that are not over stand now, as differences to what the last call of this gave. */
  standings(): StandingChange[] {
    return this.#standings.changes(this.#standingsOf)
  }

  /** State changed since the last call of this, by key; a value is absent where the key ended. */
  changes(): { key: string; value: Buffer | undefined }[] {
    const changes = [...this.#changed].map(callId => {
      const text = this.#calls.text(callId)
      return { key: `call ${callId}`, value: text === undefined ? undefined : Buffer.from(text) }
    })
    this.#changed.clear()
    return [...changes, ...this.#ends.resting.changes(), ...this.#media.ways.changes(), ...this.#allow.changes()]
  }

  /** Takes back what `changes` gave, one key at a time, before the first message. */
  restore(key: string, value: Buffer): void {
    if (this.#ends.resting.restore(key, value) || this.#media.ways.restore(key, value)) return
    if (!key.startsWith('call ')) return this.#allow.restore(key, value)
    const call = this.#calls.restore(value.toString())
    this.#now = Math.max(this.#now, call.touchedAt) as EpochMicros
    for (const attempt of call.attempts) this.#standings.restored(attempt)
    if (!isSettled(call)) this.#unsettled.add(call.callId)
  }

  readonly #standingsOf: Look = callId => {
    const call = this.#calls.get(callId)
    if (!call) return []
    const standings = call.attempts.map(attempt => standingOf(call, attempt, this.#now, this.#limits))
    return countedStandings(call, standings, this.#parties)
  }

  #newCall(callId: string): Call | undefined {
    if (this.#calls.size >= MOST_CALLS) {
      this.counts.notKept++
      return undefined
    }
    return this.#calls.add(newCall(callId, this.#now, this.#ends.resting.take(callId)))
  }

  #touched(call: Call): void {
    if (!this.#keepsChanges) return
    this.#changed.add(call.callId)
    if (call.attempts.length > 0) this.#standings.touched(call.callId)
  }

  readonly #reject = (record: RejectionRecord, agent = ''): void => {
    this.#emit(record)
    this.#witness?.rejected(record, agent, this.#now)
  }

  #close(call: Call, attempt: Attempt, clock: number, closedAt: EpochMicros): void {
    const { version: registry } = this.#parties
    const ways = this.#media.ways
    const record = attemptRecord(call, attempt, {
      now: clock,
      limits: this.#limits,
      registry,
      ways,
      closedAt: this.#now
    })
    const transactions = transactionsOf(call, attempt)
    if (this.#emitLeg) {
      const requester = transactions.find(({ requested }) => requested)!.requester.address
      const leg = legOf(record, { requester, closedAt }, this.#legHeaders)
      if (leg) this.#emitLeg(leg)
    }
    this.#emit(countedRecord(call, attempt, record, this.#parties))
    this.#standings.ended(attempt)
    const answer = answerOf(transactions)
    if (answer) this.#ends.follow(call, record, attempt, answer)
    else if (record.outcome !== 'open') this.#occupancy?.left(attempt, this.#now)
    for (const transaction of transactions) {
      transaction.role = 'ended'
      transaction.expired = !answer && isUnresolved(transaction)
    }
    call.attempts = call.attempts.filter(other => other !== attempt)
    call.weight -= weightOfAttempt(attempt)
    if (call.attempts.length === 0) forgetFlows(call)
  }

  /** The transaction has changed: the call may be due earlier than it was. */
  #wake(call: Call, transaction: Transaction): void {
    const { role, startedAt } = transaction
    if (call.rejections.length > 0 || role === 'unclaimed') this.#unsettled.add(call.callId)
    for (const { due } of call.rejections) this.#calls.wakeBy(call, due)
    const endsAt = nextEndOf(call)
    if (endsAt < Infinity) {
      this.#unsettled.add(call.callId)
      this.#calls.wakeBy(call, endsAt)
    }
    if (role === 'unclaimed') this.#calls.wakeBy(call, startedAt + this.#limits.lateness)
    const attempt = attemptOf(call, transaction)
    if (attempt) {
      // Mostly the sooner of the two, so that the other needs no timer.
      this.#calls.wakeBy(call, call.touchedAt + QUIET)
      this.#calls.wakeBy(call, endOf(attempt, transactionsOf(call, attempt), this.#limits))
    }
    // It may end what an attempt has waited for.
    if (transaction.method === 'BYE') {
      for (const each of call.attempts) {
        this.#calls.wakeBy(call, endOf(each, transactionsOf(call, each), this.#limits))
      }
    }
    if (call.dueAt === Infinity) this.#calls.wakeAt(call, goneAt(call))
  }

  /** Everything of this call that is due at `at`, which the clock has passed. */
  #expire(call: Call, at: number): void {
    const open = openIn(call)
    this.#attribution.claimOrOrphan(call, at)
    for (const attempt of call.attempts) {
      const end = endOf(attempt, transactionsOf(call, attempt), this.#limits)
      if (end <= at) this.#close(call, attempt, Infinity, epochMicros(end))
    }
    this.#occupancy?.settle(call, this.#now)
    this.#settle(call, at)
    if (isSettled(call)) this.#unsettled.delete(call.callId)
    // What is only forgotten, a restored call forgets by itself.
    if (openIn(call) !== open) this.#touched(call)
    const due = dueOf(call, this.#limits)
    if (due <= at) return this.#forget(call, at)
    const quietAt = call.touchedAt + QUIET
    const mayRest = due - at > WORTH_RESTING
    this.#calls.wakeAt(call, mayRest && quietAt > at ? quietAt : due)
    if (!mayRest || quietAt > at) return
    this.#standings.settle(call.callId, this.#standingsOf)
    this.#calls.rest(call)
  }

  /** Tells the rejections and ends that are known by `at`. */
  #settle(call: Call, at: number): void {
    settleRejections(call, at, this.#reject)
    this.#ends.settle(call, at)
  }

  /** Nothing is open and the time of what was kept has passed. */
  #forget(call: Call, at: number): void {
    call.transactions = none
    call.weight = 0
    this.#media.forgotten(call.callId)
    const due = goneAt(call)
    if (due <= at) {
      this.#calls.delete(call.callId)
      this.#ends.resting.put(call, this.#now)
      this.#touched(call)
    } else this.#calls.wakeAt(call, due)
  }
}
