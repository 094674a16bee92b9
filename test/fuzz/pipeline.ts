import type { Log, LogRecord, NewRecord, StateEntry } from '@earshot/bus'
import { byAddress, defaultLimits } from '@earshot/calls'
import type { HepPacket } from '@earshot/hep'
import { Metrics } from '@earshot/telemetry'
import { plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { Access } from '../../services/collector/access.ts'
import { Agents } from '../../services/collector/agents.ts'
import { Intake } from '../../services/collector/intake.ts'
import { Packer } from '../../services/collector/packer.ts'
import { CorrelatorStage } from '../../services/correlator/stage.ts'
import { attemptRow } from '../../services/attempt-row.ts'
import { Analysis } from '../../services/earshot/analysis.ts'
import { readCalls } from '../../services/pipeline.ts'

const options = { parties: byAddress, limits: defaultLimits, callsPartitions: 1 }
const TICK = seconds(1)

/** What is between a socket and the figures: intake, packer, a log that remembers nothing, the correlator's stage. */
export class Live {
  #now: EpochMicros
  #ticked: EpochMicros
  #working: Promise<void> = Promise.resolve()
  #offset = 0
  #stage = new CorrelatorStage(0, options)
  readonly #states = new Map<string, Uint8Array>()
  readonly #access = new Access()
  readonly #packer: Packer
  readonly #intake: Intake

  constructor(start: EpochMicros) {
    this.#now = this.#ticked = start
    this.#packer = new Packer(this.#log(), { collector: 'fuzz', run: 'fuzz' }, error => {
      throw error
    })
    this.#intake = new Intake({
      agents: new Agents({ trusting: false }),
      access: this.#access,
      packer: this.#packer,
      metrics: new Metrics({ version: 'fuzz' }),
      now: () => this.#now
    })
  }

  async start(): Promise<void> {
    await this.#packer.start()
  }

  /** The frame is changed in place. */
  take(frame: Buffer, arrivedAt: EpochMicros, via: 'udp' | 'tcp'): void {
    this.#now = arrivedAt
    this.#intake.take(frame, via, this.#access.source('192.0.2.1'))
    if (arrivedAt < plus(this.#ticked, TICK)) return
    this.#ticked = arrivedAt
    this.#packer.cut(arrivedAt)
  }

  /** As after a crash: goes on with a stage that knows only what was committed. */
  async restart(): Promise<void> {
    await this.#packer.flush()
    this.#stage = new CorrelatorStage(0, options)
    await this.#stage.restore(this.#committed())
  }

  #log(): Log {
    const log: Pick<Log, 'partitions' | 'append'> = {
      partitions: async () => 1,
      append: (_topic, records) => (this.#working = this.#working.then(() => this.#work(records)))
    }
    return log as Log
  }

  async #work(appended: readonly NewRecord[]): Promise<void> {
    const records = appended.map(({ headers = {}, ...record }): LogRecord => ({
      ...record,
      headers,
      offset: this.#offset++,
      key: undefined,
      appendedMs: 0,
      replayed: false
    }))
    const { emit, changed } = await this.#stage.handle(records)
    for (const { headers = {}, ...emitted } of emit) readCalls({ ...records[0]!, ...emitted, headers })
    for (const { key, value } of changed) {
      if (value === undefined) this.#states.delete(key)
      // A copy: the value may be a small part of memory that would be kept with it.
      else this.#states.set(key, new Uint8Array(value))
    }
  }

  async *#committed(): AsyncGenerator<StateEntry> {
    for (const [key, value] of this.#states) yield { key, value: Buffer.from(value) }
  }
}

/** What is between a capture file and the figures; the times of the packets are believed, whatever they are. */
export class Offline {
  #analysis = this.#begin()

  add(captured: Captured): void {
    this.#analysis.add(captured)
  }

  addPacket(packet: HepPacket, arrivedAt: EpochMicros): void {
    const { agent, transport, source, destination, payload } = packet
    this.add({ capturedAt: packet.capturedAt ?? arrivedAt, agent, transport, source, destination, payload })
  }

  finish(): void {
    this.#analysis.finish()
    this.#analysis = this.#begin()
  }

  #begin(): Analysis {
    return new Analysis({
      ...options,
      onRecord: record => void (record.kind === 'attempt' && attemptRow(record))
    })
  }
}
