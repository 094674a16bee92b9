import type { LogRecord, Stage, StateEntry, Work } from '@earshot/bus'
import { Figures, type PeerNames } from '@earshot/peers'
import { readCalls, sourceOf, type CallsOutput } from '../pipeline.ts'
import type { Counted } from './counted.ts'
import { PartitionFigures } from './partition-figures.ts'

type Held = { readonly output: CallsOutput; readonly offset: number }

export type MonitorParts = {
  readonly names: PeerNames
  /** What the process has counted; it gets only what is committed. */
  readonly counted: Pick<Counted, 'take' | 'overflows'>
  /** The figures of the partitions that this process has now. */
  readonly shown: Set<PartitionFigures>
}

/** Sums the records of calls of one partition. */
export class MonitorStage implements Stage {
  readonly figures = new PartitionFigures({ keepsChanges: true })
  readonly #parts: MonitorParts
  /** Read, and to be read again after a crash: their source has not closed them. By source, none without any. */
  readonly #held = new Map<number, Held[]>()
  /** In the figures, but not committed yet. */
  #uncommitted: CallsOutput[] = []
  #overflows = 0

  constructor(parts: MonitorParts) {
    this.#parts = parts
  }

  async restore(states: AsyncIterable<StateEntry>): Promise<void> {
    const { figures } = this
    for await (const entry of states) figures.restore(entry)
    for (const peer of Figures.together([figures.final, figures.pending()]).peers()) this.#parts.names.admit(peer)
    figures.settle()
    this.#parts.shown.add(figures)
  }

  /** Records count once their source has closed them, so that no attempt is seen as final and pending. */
  handle(records: readonly LogRecord[]): Work {
    for (const record of records) {
      const source = sourceOf(record)
      // Another source's records, older ones, wait: these are read again and were taken.
      if (record.offset <= this.figures.takenUntil(source)) continue
      const output = readCalls(record)
      this.#hold(source, { output, offset: record.offset })
      if (output.kind === 'pending' && output.part === output.parts - 1) this.#release(source)
    }
    const oldest = Math.min(...Array.from(this.#held.values(), ([first]) => first!.offset))
    return {
      emit: [],
      changed: this.figures.changes(),
      ...(Number.isFinite(oldest) && { resumeFrom: oldest })
    }
  }

  committed(): void {
    const { counted } = this.#parts
    for (const output of this.#uncommitted) counted.take(output)
    counted.overflows += this.#overflows
    this.figures.settle()
    this.#uncommitted = []
    this.#overflows = 0
  }

  dropped(): void {
    this.#parts.shown.delete(this.figures)
  }

  #hold(source: number, held: Held): void {
    const others = this.#held.get(source)
    if (others) others.push(held)
    else this.#held.set(source, [held])
  }

  #release(source: number): void {
    for (const { output, offset } of this.#held.get(source) ?? []) {
      const named = this.#named(output)
      this.figures.take(named, offset)
      this.#uncommitted.push(named)
    }
    this.#held.delete(source)
  }

  /** Under the names that peers are counted under. */
  #named(output: CallsOutput): CallsOutput {
    const { names } = this.#parts
    if (output.kind === 'counts') return output
    if (output.kind === 'pending') {
      return { ...output, sums: output.sums.map(sums => ({ ...sums, peer: names.nameOf(sums.peer) })) }
    }
    const peer = names.nameOf(output.peer)
    if (peer !== output.peer) this.#overflows++
    return { ...output, peer }
  }
}
