import type { LogRecord, Stage, StateEntry, Work } from '@earshot/bus'
import { Figures, type Alert, type PeerNames } from '@earshot/peers'
import { alertRecord, readCalls, sourceOf, type CallsOutput, type PendingRecord } from '../pipeline.ts'
import type { Counted } from './counted.ts'
import { Detection, type DetectionOptions } from './detection.ts'
import { PartitionFigures } from './partition-figures.ts'

type Held = {
  readonly output: CallsOutput
  readonly offset: number
  /** It was counted before a crash, and is read again for what is detected from it. */
  readonly isCounted: boolean
}

export type MonitorParts = {
  readonly names: PeerNames
  /** What the process has counted; it gets only what is committed. */
  readonly counted: Pick<Counted, 'take' | 'takeAlert' | 'overflows'>
  /** The figures of the partitions that this process has now, and what is detected in them. */
  readonly shown: Set<PartitionFigures>
  readonly detecting: Set<Detection>
  readonly detection: DetectionOptions
  /** Told of each alert once it is committed. */
  readonly onAlert?: (alert: Alert) => void
}

/** Sums the records of calls of one partition, and detects what is not as it was at its peers. */
export class MonitorStage implements Stage {
  readonly figures = new PartitionFigures({ keepsChanges: true })
  readonly detection: Detection
  readonly #parts: MonitorParts
  /** Read, and to be read again after a crash: their source has not closed them. By source, none without any. */
  readonly #held = new Map<number, Held[]>()
  /** In the figures, but not committed yet. */
  #uncommitted: CallsOutput[] = []
  #alerts: readonly Alert[] = []
  #overflows = 0

  constructor(parts: MonitorParts) {
    this.#parts = parts
    this.detection = new Detection(parts.detection)
  }

  async restore(states: AsyncIterable<StateEntry>): Promise<void> {
    const { figures, detection } = this
    for await (const entry of states) {
      if (Detection.isKey(entry.key)) detection.restore(entry)
      else figures.restore(entry)
    }
    detection.resume()
    const known = [
      Figures.together([figures.final, figures.pending()]).peers(),
      detection.methods.peers(),
      detection.capacity.peers()
    ]
    for (const peers of known) for (const peer of peers) this.#parts.names.admit(peer)
    figures.settle()
    this.#parts.shown.add(figures)
    this.#parts.detecting.add(detection)
  }

  /** Records count once their source has closed them, so that no attempt is seen as final and pending. */
  handle(records: readonly LogRecord[]): Work {
    for (const record of records) {
      const source = sourceOf(record)
      const output = readCalls(record)
      // Another source's records, older ones, wait: these are read again and were taken.
      const isCounted = record.offset <= this.figures.takenUntil(source)
      this.#hold(source, { output, offset: record.offset, isCounted })
      if (output.kind === 'pending' && output.part === output.parts - 1) this.#release(source, output)
    }
    this.#alerts = this.detection.detect()
    const held = Array.from(this.#held.values(), ([first]) => first!.offset)
    const oldest = Math.min(this.detection.oldest ?? Infinity, ...held)
    return {
      emit: this.#alerts.map(alertRecord),
      // The last key of the figures is the last of all.
      changed: [...this.detection.changes(), ...this.figures.changes()],
      ...(Number.isFinite(oldest) && { resumeFrom: oldest })
    }
  }

  committed(): void {
    const { counted } = this.#parts
    for (const output of this.#uncommitted) counted.take(output)
    for (const alert of this.#alerts) {
      counted.takeAlert(alert)
      this.#parts.onAlert?.(alert)
    }
    this.#alerts = []
    counted.overflows += this.#overflows
    this.figures.settle()
    this.#uncommitted = []
    this.#overflows = 0
  }

  dropped(): void {
    this.#parts.shown.delete(this.figures)
    this.#parts.detecting.delete(this.detection)
  }

  #hold(source: number, held: Held): void {
    const others = this.#held.get(source)
    if (others) others.push(held)
    else this.#held.set(source, [held])
  }

  #release(source: number, closing: PendingRecord): void {
    for (const { output, offset, isCounted } of this.#held.get(source) ?? []) {
      const named = this.#named(output, isCounted)
      if (named.kind === 'evidence') this.detection.holdRows(named.rows, offset)
      if (named.kind === 'attempt' || named.kind === 'rejection') this.detection.holdRecord(named, offset)
      if (isCounted) continue
      this.figures.take(named, offset)
      this.#uncommitted.push(named)
    }
    this.detection.settle(closing)
    this.#held.delete(source)
  }

  /** Under the names that peers are counted under. */
  #named(output: CallsOutput, isCounted: boolean): CallsOutput {
    const { names } = this.#parts
    const named = <Row extends { readonly peer: string }>(row: Row): Row => ({ ...row, peer: names.nameOf(row.peer) })
    switch (output.kind) {
      case 'counts':
        return output
      case 'pending':
        return { ...output, sums: output.sums.map(named) }
      case 'evidence':
        return { ...output, rows: output.rows.map(named) }
      case 'attempt':
      case 'call_end':
      case 'rejection':
      case 'allow': {
        const { peer } = named(output)
        if (peer !== output.peer && !isCounted) this.#overflows++
        return { ...output, peer }
      }
    }
  }
}
