import {
  Watermark,
  type Emitted,
  type LogRecord,
  type Stage,
  type StateChange,
  type StateEntry,
  type Work
} from '@earshot/bus'
import { Correlator, ReorderBuffer, noCounts, type Limits, type Observed, type Parties } from '@earshot/calls'
import { decodeHep, type HepPacket } from '@earshot/hep'
import { Figures } from '@earshot/peers'
import { readSip } from '@earshot/sip'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { callsRecord, framesOf, pendingRecords, readPackets, type CallsOutput } from '../pipeline.ts'

type Waiting = Observed & { readonly offset: number }

type Clock = {
  readonly format: 1
  readonly released: EpochMicros | null
  readonly watermark: ReturnType<Watermark['snapshot']>
}

/**
 * Packets of one partition in, records of calls out. Messages wait in event order until the watermark has passed
 * them; those waiting are not part of the state, they are read again from the log after a crash.
 */
export class CorrelatorStage implements Stage {
  readonly #partition: number
  readonly #watermark: Watermark
  readonly #waiting = new ReorderBuffer<Waiting>()
  readonly #correlator: Correlator
  /** Messages waiting by the offset of the record that brought them, oldest first. */
  readonly #held = new Map<number, number>()
  #notSip = 0
  #emitted: CallsOutput[] = []
  readonly #standing = new Figures()
  readonly #ticks = new Map<string, EpochMicros>()

  constructor(partition: number, options: { readonly parties: Parties; readonly limits: Limits }) {
    this.#partition = partition
    this.#watermark = new Watermark({ lateness: options.limits.lateness })
    this.#correlator = new Correlator({
      ...options,
      keepsChanges: true,
      emit: record => this.#emitted.push(record)
    })
  }

  async restore(states: AsyncIterable<StateEntry>): Promise<void> {
    for await (const { key, value } of states) {
      if (key === 'clock') this.#restoreClock(JSON.parse(value.toString()) as Clock)
      else this.#correlator.restore(key, value)
    }
  }

  handle(records: readonly LogRecord[]): Work {
    let ticked = false
    for (const record of records) {
      const input = readPackets(record)
      if (input.kind === 'packets') this.#packets(input.frames, record)
      else if (!record.replayed) {
        this.#tick(input.collector, input.newest)
        ticked = true
      }
    }
    const [oldest] = this.#held.keys()
    return {
      emit: this.#outputs(ticked ? this.#pending() : []),
      changed: [...this.#correlator.changes(), this.#clock()],
      ...(oldest !== undefined && { resumeFrom: oldest })
    }
  }

  /** Takes the frames of a record; of one that was worked before, only the messages that were still waiting. */
  #packets(frames: Buffer, { offset, replayed }: LogRecord): void {
    for (const frame of framesOf(frames)) {
      const packet = decodeHep(frame)
      if (packet.kind === 'error') continue
      const { messages } = readSip(packet.payload)
      if (messages.length === 0 && !replayed) this.#notSip++
      const { agent, at, source, destination, transport } = seenBy(packet)
      for (const message of messages) {
        const observed = { at, agent, transport, source, destination, message, offset }
        if (this.#waiting.push(observed)) this.#held.set(offset, (this.#held.get(offset) ?? 0) + 1)
        else if (!replayed) this.#correlator.process(observed)
      }
    }
  }

  #tick(collector: string, newest: EpochMicros): void {
    const stands = newest === this.#ticks.get(collector)
    this.#ticks.set(collector, newest)
    this.#pass(this.#watermark.tick(collector, newest))
    // Only the clock of a replay that has ended stands (see the collector): nothing more will come.
    if (stands) this.#correlator.settle()
  }

  #pass(watermark: EpochMicros): void {
    for (const observed of this.#waiting.release(watermark)) {
      this.#correlator.process(observed)
      const left = this.#held.get(observed.offset)! - 1
      if (left > 0) this.#held.set(observed.offset, left)
      else this.#held.delete(observed.offset)
    }
    this.#correlator.advance(watermark)
  }

  /** How the attempts stand that are not over. */
  #pending(): CallsOutput[] {
    for (const change of this.#correlator.standings()) this.#standing.follow(change)
    return pendingRecords(this.#partition, this.#watermark.at!, [...this.#standing.sums()])
  }

  #outputs(pending: readonly CallsOutput[]): Emitted[] {
    const outputs: CallsOutput[] = this.#emitted
    this.#emitted = []
    const counts = { ...this.#correlator.counts, notSip: this.#notSip }
    if (Object.values(counts).some(count => count > 0)) outputs.push({ kind: 'counts', counts })
    outputs.push(...pending)
    Object.assign(this.#correlator.counts, noCounts())
    this.#notSip = 0
    return outputs.map(callsRecord)
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

const seenBy = (packet: HepPacket): Omit<Observed, 'message'> => ({
  // The collector has given every frame a time.
  at: packet.capturedAt ?? epochMicros(0),
  agent: packet.agent,
  transport: packet.transport,
  source: packet.source,
  destination: packet.destination
})
