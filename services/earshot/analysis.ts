import {
  Correlator,
  EvidenceTally,
  ReorderBuffer,
  fold,
  settlingTime,
  type AttemptRecord,
  type CallsRecord,
  type Counts,
  type LegHeaders,
  type LegsRecord,
  type Limits,
  type Parties
} from '@earshot/calls'
import {
  Figures,
  statesOf,
  type Alert,
  type Capability,
  type CapabilityState,
  type Contract,
  type GroupRow,
  type MaintenanceWindow,
  type PeerRow
} from '@earshot/peers'
import { looksLikeSip } from '@earshot/sip'
import { between, epochMicros, inSeconds, minus, plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { withCapacity, type Capacity } from '../capacity-rows.ts'
import { alertRow, type AlertRow } from '../alert-row.ts'
import { Detection } from '../monitor/detection.ts'
import { JoinedAttempts } from './joined-attempts.ts'

/**
 * Packets held so that they can be put in order. More than the lateness asks for, so that a file whose packets are
 * out of order (merged, or edited) is still read exactly; bounds, so that memory does not grow with the file.
 */
const MOST_WAITING = 50_000
const MOST_WAITING_BYTES = 64 << 20

/** What is detected in whole steps is, at the end of a file, detected to its last second. */
const AFTER_THE_END = 10

type SummaryRow = PeerRow & {
  readonly capabilities: Readonly<Record<string, CapabilityState>>
  readonly capacity: Capacity
}

/** The offline answer but for its attempts, which are handed out one by one (semantics.md §7). */
export type Summary = {
  readonly messages: Omit<Counts, 'calls'>
  readonly calls: number
  /** From the first SIP message to the last. */
  readonly spanSeconds: number
  readonly peers: readonly SummaryRow[]
  /** Of the registry; empty without any. */
  readonly groups: readonly (GroupRow & { readonly capacity: Capacity })[]
  readonly alerts: readonly AlertRow[]
}

export type AnalysisOptions = {
  readonly parties: Parties
  readonly limits: Limits
  readonly legHeaders?: LegHeaders
  readonly groupOf?: (peer: string) => string | undefined
  /** Windows in which nothing of a peer starts an alert. */
  readonly maintenanceOf?: (peer: string) => readonly MaintenanceWindow[]
  /** What a peer has contracted. */
  readonly contractOf?: (peer: string) => Contract | undefined
  readonly onRecord?: (record: CallsRecord) => void
  /** Told of the calls that have several legs. */
  readonly onLegs?: (record: LegsRecord) => void
  /** Told of each attempt, later than `onRecord`: with the legs of its call, if it has several. */
  readonly onJoined?: (record: AttemptRecord, legs: LegsRecord | undefined) => void
}

/** Captured SIP and media in, records and figures out: what the live pipeline does, with the file's end as the end of time. */
export class Analysis {
  readonly #waiting = new ReorderBuffer<Captured>()
  readonly #correlator: Correlator
  /** Absent where nobody asks for legs. */
  readonly #join: JoinedAttempts | undefined
  readonly #figures = new Figures()
  readonly #evidence = new EvidenceTally()
  readonly #detection: Detection
  readonly #alerts: Alert[] = []
  readonly #limits: Limits
  readonly #groupOf: (peer: string) => string | undefined
  readonly #contractOf: (peer: string) => Contract | undefined
  #oldest = epochMicros(Infinity)
  #newest = epochMicros(-Infinity)

  constructor(options: AnalysisOptions) {
    const { limits, onLegs, onJoined } = options
    this.#limits = limits
    const join = onLegs || onJoined ? new JoinedAttempts(options) : undefined
    this.#join = join
    this.#groupOf = options.groupOf ?? (() => undefined)
    this.#contractOf = options.contractOf ?? (() => undefined)
    this.#detection = new Detection({ ...options, sources: 1 })
    this.#correlator = new Correlator({
      ...options,
      evidence: this.#evidence,
      emit: record => {
        this.#figures.add(record)
        options.onRecord?.(record)
        if (record.kind === 'attempt') join?.ended(record)
      },
      ...(join && { emitLeg: leg => join.take(leg) })
    })
  }

  add(captured: Captured): void {
    if (!captured.media && !looksLikeSip(captured.payload)) return
    // Media moves no clock.
    if (!captured.media) this.#seen(captured.capturedAt)
    // A copy: the reader's block of a megabyte is not kept for the one message in it.
    if (!this.#waiting.push({ ...captured, payload: Buffer.from(captured.payload) })) this.#fold([captured])
    if (this.#waiting.size > MOST_WAITING || this.#waiting.bytes > MOST_WAITING_BYTES) this.#release()
  }

  /** Makes room for as many again, as far as the lateness allows. */
  #release(): void {
    const until = minus(this.#newest, this.#limits.lateness)
    while (this.#waiting.size > MOST_WAITING / 2 || this.#waiting.bytes > MOST_WAITING_BYTES / 2) {
      const due = this.#waiting.releaseEarliest(until)
      if (due.length === 0) return
      this.#fold(due)
    }
  }

  #fold(packets: readonly Captured[]): void {
    fold(this.#correlator, packets, at => this.#join?.advance(at))
    const last = packets.at(-1)
    if (last) this.#detect(minus(last.capturedAt, settlingTime(this.#limits)))
  }

  /** As far as evidence is settled. */
  #detect(settled: EpochMicros): void {
    this.#detection.holdRows(this.#evidence.take(), 0)
    this.#detection.settle({ partition: 0, watermark: settled, settled })
    this.#alerts.push(...this.#detection.detect())
  }

  /** The methods of each peer of which something is known. */
  *capabilities(): Iterable<{ readonly peer: string; readonly methods: readonly Capability[] }> {
    const { methods } = this.#detection
    for (const peer of [...methods.peers()].sort()) yield { peer, methods: methods.capabilities(peer) }
  }

  #seen(at: EpochMicros): void {
    if (at > this.#newest) this.#newest = at
    if (at < this.#oldest) this.#oldest = at
  }

  /** Attempts that were not joined, because too many waited for their legs. */
  get legsNotKept(): number {
    return this.#join?.notKept ?? 0
  }

  /** @param end the end of time, where that is later than the end of what was added */
  finish(end?: EpochMicros): Summary {
    this.#fold(this.#waiting.release(epochMicros(Infinity)))
    if (end !== undefined) this.#correlator.advance(end)
    this.#correlator.finish()
    this.#join?.settle()
    this.#detect(plus(this.#newest, seconds(AFTER_THE_END)))
    const { calls, ...messages } = this.#correlator.counts
    const spanSeconds = Math.max(0, inSeconds(between(this.#oldest, this.#newest)))
    const { methods, capacity } = this.#detection
    const rows = withCapacity(this.#figures.rows(spanSeconds), capacity.busiest.bind(capacity), this.#contractOf)
    const peers = rows.map(row => ({ ...row, capabilities: statesOf(methods.capabilities(row.peer)) }))
    const groups = this.#figures.groups(this.#groupOf, spanSeconds).map(row => ({
      ...row,
      capacity: { ...row.capacity, ...capacity.groupBusiest(row.group, row.direction) }
    }))
    return { messages, calls, spanSeconds, peers, groups, alerts: this.#alerts.map(alertRow) }
  }
}
