import type { LogRecord, StateEntry, Work } from '@earshot/bus'
import {
  noCounts,
  type AttemptRecord,
  type CallEndRecord,
  type CallsRecord,
  type RejectionRecord
} from '@earshot/calls'
import { Figures, PeerNames, type PeerRow } from '@earshot/peers'
import { Metrics } from '@earshot/telemetry'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import { attemptRecord } from '../../libs/calls/src/attempt-record.fixture.ts'
import type { CallsOutput } from '../pipeline.ts'
import { Counted } from './counted.ts'
import { observeFigures } from './observe-figures.ts'
import { rowsOf, type PartitionFigures } from './partition-figures.ts'
import type { Detection } from './detection.ts'
import { MonitorStage } from './stage.ts'

export const noon = epochMicros(1_767_225_600e6)
export const after = (count: number): EpochMicros => plus(noon, seconds(count))

export const attempt = (peer: string, change: Partial<AttemptRecord> = {}): AttemptRecord =>
  attemptRecord({ peer, responder: peer, startedAt: noon, endedAt: noon, ...change })

export const rejection = (peer: string, method: string, code = 501): RejectionRecord => ({
  kind: 'rejection',
  id: 'r',
  at: noon,
  callId: 'c',
  peer,
  direction: 'outbound',
  requester: '',
  responder: peer,
  method,
  code,
  vias: 1,
  origin: true,
  registry: ''
})

export const callEnd = (peer: string): CallEndRecord => ({
  kind: 'call_end',
  id: 'a',
  callId: 'c',
  peer,
  direction: 'outbound',
  answeredAt: noon,
  endedAt: after(60),
  release: 'caller',
  talkSeconds: 60,
  disconnectDelay: 0.1,
  byeStatus: 200,
  registry: ''
})

export const counts = (change: object): CallsOutput => ({
  kind: 'counts',
  counts: { ...noCounts(), notSip: 0, ...change }
})

/** What a source says of attempts that are not over, in one part. */
export const pending = (source: number, watermark: EpochMicros, ...records: readonly CallsRecord[]): CallsOutput =>
  pendingPart(source, [0, 1], watermark, ...records)

export function pendingPart(
  partition: number,
  [part, parts]: readonly [number, number],
  watermark: EpochMicros,
  ...records: readonly CallsRecord[]
): CallsOutput {
  const figures = new Figures()
  for (const record of records) figures.add(record)
  return { kind: 'pending', partition, part, parts, watermark, sums: [...figures.sums()] }
}

/** One partition of calls worked by one process after the other, over a state that outlives them. */
export class TestMonitor {
  readonly state = new Map<string, Buffer>()
  readonly #maxPeers: number
  #offset = 0
  metrics!: Metrics
  counted!: Counted
  readonly shown = new Set<PartitionFigures>()
  readonly detecting = new Set<Detection>()
  stage!: MonitorStage

  constructor(maxPeers = 5_000) {
    this.#maxPeers = maxPeers
    this.#begin()
    this.shown.add(this.stage.figures)
  }

  /** Commits a batch, which source 0 closes unless the batch closes itself. */
  take(...outputs: readonly CallsOutput[]): this {
    const records = outputs.map(output => this.record(output))
    const closes = records.some(({ headers }) => headers.kind === 'pending')
    this.commit(this.stage.handle(closes ? records : [...records, this.record(pending(0, noon))]))
    return this
  }

  /** As the log has it next. */
  record(output: CallsOutput, source = output.kind === 'pending' ? output.partition : 0): LogRecord {
    const headers = { kind: output.kind, format: '1', source: String(source) }
    const value = Buffer.from(JSON.stringify(output))
    return { partition: 0, offset: this.#offset++, key: '', headers, value, appendedMs: 0, replayed: false }
  }

  commit(work: Work): Work {
    for (const { key, value } of work.changed) {
      if (value) this.state.set(key, value)
      else this.state.delete(key)
    }
    this.stage.committed()
    return work
  }

  /** The process is gone; another one goes on. */
  async restart(): Promise<this> {
    this.stage.dropped()
    this.#begin()
    await this.stage.restore(this.#entries())
    return this
  }

  rows(): PeerRow[] {
    return rowsOf(this.shown)
  }

  #begin(): void {
    this.metrics = new Metrics({ version: 'test' })
    this.counted = new Counted(this.metrics, () => after(60))
    observeFigures(this.metrics, { counted: this.counted, shown: this.shown })
    this.stage = this.stageOf(new PeerNames(this.#maxPeers))
  }

  /** Another stage of this process. */
  stageOf(names: PeerNames): MonitorStage {
    const { counted, shown, detecting } = this
    return new MonitorStage({ names, counted, shown, detecting, detection: { sources: 1 } })
  }

  async *#entries(): AsyncGenerator<StateEntry> {
    for (const [key, value] of this.state) yield { key, value }
  }
}
