import { setImmediate as turn } from 'node:timers/promises'
import {
  Watermark,
  type Emitted,
  type LogRecord,
  type Stage,
  type StateChange,
  type StateEntry,
  type Work
} from '@earshot/bus'
import {
  Correlator,
  EvidenceTally,
  ReorderBuffer,
  fold,
  noCounts,
  noLegHeaders,
  tellsOfLegs,
  settlingTime,
  type CallsRecord,
  type Leg,
  type LegHeaders,
  type Limits,
  type Parties
} from '@earshot/calls'
import { decodeHep, type HepPacket } from '@earshot/hep'
import { Figures } from '@earshot/peers'
import { isMediaProtocol, type MediaError } from '@earshot/rtp'
import { looksLikeSip } from '@earshot/sip'
import { between, epochMicros, millis, minus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { endedRecords } from '../legs-records.ts'
import {
  callsRecord,
  closingRecords,
  evidenceRecords,
  framesOf,
  readPackets,
  type CountsRecord,
  type MediaResult
} from '../pipeline.ts'

type Waiting = Captured & { readonly offset: number }

type Clock = {
  readonly format: 1
  readonly released: EpochMicros | null
  readonly watermark: ReturnType<Watermark['snapshot']>
}

export type CorrelatorParts = {
  readonly parties: Parties
  readonly limits: Limits
  readonly callsPartitions: number
  /** What tells of other legs; by default nothing, and nobody is told of any. */
  readonly legHeaders?: LegHeaders
  /** Whether what a report of media is about can be in no other partition; true unless told. */
  readonly mediaByAddress?: boolean
}

/**
 * What was emitted is closed once in this much event time, however many collectors tick. A little less than the time
 * between a collector's ticks, so that of one collector every tick closes.
 */
const CLOSES_EVERY = millis(225)
/** The same where so many peers have calls under way that to tell of them is much. */
const CLOSES_MANY_EVERY = millis(900)
const MANY = 300

/** Whoever joins legs is told the time at least once in so much of it. */
const TELLS_EVERY = seconds(1)

/** Worked in less than a tenth of a second. */
const MOST_AT_ONCE = 5000

/**
 * Packets of one partition in, records of calls out. Messages wait in event order until the watermark has passed
 * them; those waiting are not part of the state, they are read again from the log after a crash.
 */
export class CorrelatorStage implements Stage {
  readonly #partition: number
  readonly #watermark: Watermark
  readonly #waiting = new ReorderBuffer<Waiting>()
  readonly #correlator: Correlator
  /** Packets waiting by the offset of the record that brought them, oldest first. */
  readonly #held = new Map<number, number>()
  readonly #callsPartitions: number
  #notSip = 0
  readonly #media = new Map<MediaResult, number>()
  #emitted: CallsRecord[] = []
  readonly #evidence = new EvidenceTally()
  readonly #limits: Limits
  /** How the attempts stand that are not over. */
  readonly #standing = new Figures()
  /** The last tick of each collector. */
  readonly #ticks = new Map<string, { readonly newest: EpochMicros; readonly stands: boolean }>()
  /** The watermark when it was closed last; undefined when it is to be closed in any case. */
  #closedAt: EpochMicros | undefined
  /** Attempts that ended and may be legs, and the watermark that was told with the last of them. */
  #legs: Leg[] = []
  #legsToldAt: EpochMicros | undefined
  /** The clocks of all collectors stand; and whether that was told. */
  #stands = false
  #toldStands = false
  readonly #joinsLegs: boolean

  constructor(partition: number, parts: CorrelatorParts) {
    const { parties, limits, callsPartitions, legHeaders = noLegHeaders, mediaByAddress = true } = parts
    this.#partition = partition
    this.#callsPartitions = callsPartitions
    this.#joinsLegs = tellsOfLegs(legHeaders)
    this.#limits = limits
    this.#watermark = new Watermark({ lateness: limits.lateness })
    this.#correlator = new Correlator({
      parties,
      limits,
      keepsChanges: true,
      mediaByAddress,
      evidence: this.#evidence,
      emit: record => this.#emitted.push(record),
      legHeaders,
      ...(this.#joinsLegs && { emitLeg: leg => this.#legs.push(leg) })
    })
  }

  async restore(states: AsyncIterable<StateEntry>): Promise<void> {
    for await (const { key, value } of states) {
      if (key === 'clock') this.#restoreClock(JSON.parse(value.toString()) as Clock)
      else this.#correlator.restore(key, value)
    }
  }

  async handle(records: readonly LogRecord[]): Promise<Work> {
    for (const record of records) {
      const input = readPackets(record)
      if (input.kind === 'packets') await this.#packets(input.frames, record)
      else if (!record.replayed) await this.#tick(input.collector, input.newest, record.appendedMs)
    }
    // With each batch, closed or not: what an attempt was shown as is part of its state.
    for (const change of this.#correlator.standings()) this.#standing.follow(change)
    const [oldest] = this.#held.keys()
    return {
      emit: [...this.#outputs(), ...this.#ended(), ...this.#closing()],
      changed: [...this.#correlator.changes(), this.#clock()],
      ...(oldest !== undefined && { resumeFrom: oldest })
    }
  }

  /** Takes the frames of a record; of one that was worked before, only the packets that were still waiting. */
  async #packets(frames: Buffer, { offset, replayed }: LogRecord): Promise<void> {
    for (const frame of framesOf(frames)) {
      const packet = decodeHep(frame)
      if (packet.kind === 'error') continue
      const captured = { ...seenBy(packet), offset }
      if (this.#waiting.push(captured)) this.#held.set(offset, (this.#held.get(offset) ?? 0) + 1)
      else if (!replayed) await this.#fold([captured])
    }
  }

  async #tick(collector: string, newest: EpochMicros, appendedMs: number): Promise<void> {
    const stands = newest === this.#ticks.get(collector)?.newest
    this.#ticks.set(collector, { newest, stands })
    await this.#pass(this.#watermark.tick(collector, newest, appendedMs))
    this.#stands = false
    if (stands) await this.#settle(appendedMs)
  }

  /** Only the clock of a replay that has ended stands (see the collector): when all of them do, nothing more will come. */
  async #settle(appendedMs: number): Promise<void> {
    const { collectors } = this.#watermark.snapshot()
    if (!collectors.every(({ id }) => this.#ticks.get(id)?.stands)) return
    const newest = Math.max(...collectors.map(each => each.newest)) as EpochMicros
    for (const { id } of collectors) await this.#pass(this.#watermark.tick(id, newest, appendedMs))
    this.#correlator.settle()
    this.#closedAt = undefined
    this.#stands = true
  }

  async #pass(watermark: EpochMicros): Promise<void> {
    const passed = this.#waiting.release(watermark)
    for (const { offset } of passed) {
      const left = this.#held.get(offset)! - 1
      if (left > 0) this.#held.set(offset, left)
      else this.#held.delete(offset)
    }
    await this.#fold(passed)
    this.#correlator.advance(watermark)
  }

  /** Packets in the order of time. After many of them the process has a turn for its other work, heartbeats above all. */
  async #fold(packets: readonly Captured[]): Promise<void> {
    for (let from = 0; from < packets.length;) {
      const to = endOfTurn(packets, from)
      const some = packets.slice(from, to)
      for (const { payload, media } of some) if (!media && !looksLikeSip(payload)) this.#notSip++
      for (const { code } of fold(this.#correlator, some)) this.#countMedia(resultOf[code], 1)
      from = to
      if (from < packets.length) await turn()
    }
  }

  #outputs(): Emitted[] {
    const outputs: (CallsRecord | CountsRecord)[] = this.#emitted
    this.#emitted = []
    const counts = { ...this.#correlator.counts, notSip: this.#notSip }
    const media = this.#takeMedia()
    if (media || Object.values(counts).some(count => count > 0)) {
      outputs.push({ kind: 'counts', counts, ...(media && { media }) })
    }
    Object.assign(this.#correlator.counts, noCounts())
    this.#notSip = 0
    return [
      ...outputs.map(output => callsRecord(output, this.#partition, this.#callsPartitions)),
      ...evidenceRecords(this.#evidence.take(), this.#partition, this.#callsPartitions)
    ]
  }

  #countMedia(result: MediaResult, count: number): void {
    if (count > 0) this.#media.set(result, (this.#media.get(result) ?? 0) + count)
  }

  #takeMedia(): CountsRecord['media'] | undefined {
    const { matched, unmatched, notKept } = this.#correlator.takeMediaCounts()
    this.#countMedia('matched', matched)
    this.#countMedia('unmatched', unmatched)
    this.#countMedia('not_kept', notKept)
    if (this.#media.size === 0) return undefined
    const media = Object.fromEntries(this.#media)
    this.#media.clear()
    return media
  }

  #closing(): Emitted[] {
    const watermark = this.#watermark.at
    if (watermark === undefined) return []
    const standing = [...this.#standing.sums()]
    const every = standing.length > MANY ? CLOSES_MANY_EVERY : CLOSES_EVERY
    if (this.#closedAt !== undefined && between(this.#closedAt, watermark) < every) return []
    this.#closedAt = watermark
    const settled = minus(watermark, settlingTime(this.#limits))
    return closingRecords(this.#partition, { watermark, settled }, standing, this.#callsPartitions)
  }

  #ended(): Emitted[] {
    const watermark = this.#watermark.at
    if (!this.#joinsLegs || watermark === undefined) return []
    const legs = this.#legs
    const isTold = this.#legsToldAt !== undefined && between(this.#legsToldAt, watermark) < TELLS_EVERY
    if (legs.length === 0 && isTold && this.#stands === this.#toldStands) return []
    this.#legs = []
    this.#legsToldAt = watermark
    this.#toldStands = this.#stands
    return endedRecords({ source: this.#partition, legs, watermark, ...(this.#stands && { stands: true }) })
  }

  #clock(): StateChange {
    const released = Number.isFinite(this.#waiting.released) ? this.#waiting.released : null
    const clock: Clock = { format: 1, released, watermark: this.#watermark.snapshot() }
    return { key: 'clock', value: Buffer.from(JSON.stringify(clock)) }
  }

  #restoreClock({ format, released, watermark }: Clock): void {
    if (format !== 1) throw new Error(`The clock of a partition has format ${String(format)}; this version reads 1`)
    this.#watermark.restore(watermark)
    if (released === null) return
    this.#waiting.restore(released)
    this.#correlator.advance(released)
  }
}

/** Packets of one time are put in order together. */
function endOfTurn(packets: readonly Captured[], from: number): number {
  let to = Math.min(from + MOST_AT_ONCE, packets.length)
  while (to < packets.length && packets[to]!.capturedAt === packets[to - 1]!.capturedAt) to++
  return to
}

const seenBy = (packet: HepPacket): Captured => ({
  // The collector has given every frame a time.
  capturedAt: packet.capturedAt ?? epochMicros(0),
  agent: packet.agent,
  transport: packet.transport,
  source: packet.source,
  destination: packet.destination,
  payload: packet.payload,
  ...(isMediaProtocol(packet.protocol) && {
    media: { protocol: packet.protocol, correlationId: packet.correlationId }
  })
})

const resultOf: Readonly<Record<MediaError['code'], MediaResult>> = {
  'not-json': 'not_json',
  'not-rtcp': 'not_rtcp',
  truncated: 'truncated',
  'no-count': 'no_count',
  'no-address': 'no_address'
}
