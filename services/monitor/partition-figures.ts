import type { StateChange } from '@earshot/bus'
import { Figures, type PeerRow, type Sums } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'
import type { CallsOutput } from '../pipeline.ts'
import { Pending } from './pending.ts'
import { increase, noTotals, type Totals } from './totals.ts'

type Told = { readonly format: 1; readonly since: EpochMicros | null; readonly counts: Totals }

/** What stood at the last commit. */
type Committed = { readonly watermark: EpochMicros | undefined; readonly pending: readonly Sums[] }

/** Behind all other keys of the state, and the last of each commit: after it whoever follows has all of that commit. */
export const lastKey = 'told'

/**
 * What one partition of calls says: final and pending sums of its peers, and counts. This is the monitor's state; whoever
 * follows that state has the same figures.
 */
export class PartitionFigures {
  readonly counts = noTotals()
  readonly final: Figures
  /** Event time of the first closing that these figures know. */
  since: EpochMicros | undefined
  readonly #pending = new Pending()
  #committed: Committed = { watermark: undefined, pending: [] }

  /** @param options.keepsChanges for whoever calls `changes` */
  constructor(options: { readonly keepsChanges?: boolean } = {}) {
    this.final = new Figures(options)
  }

  /** Event time up to which everything is in. */
  get watermark(): EpochMicros | undefined {
    return this.#pending.watermark
  }

  /** What gauges show, together with the counters: how things stood when `settle` was called last. */
  get committed(): Committed {
    return this.#committed
  }

  /** All that is in is committed now. */
  settle(): void {
    this.#committed = { watermark: this.watermark, pending: [...this.#pending.sums()] }
  }

  /** The attempts that are not over. */
  pending(): Figures {
    const figures = new Figures()
    figures.merge(this.#pending.sums())
    return figures
  }

  /** The offset up to which what a source wrote is in. */
  takenUntil(source: number): number {
    return this.#pending.takenUntil(source)
  }

  take(output: CallsOutput, offset: number): void {
    switch (output.kind) {
      case 'counts':
        increase(this.counts, output.counts)
        break
      case 'pending':
        this.#pending.take(output, offset)
        this.since ??= output.watermark
        break
      case 'attempt':
      case 'call_end':
      case 'rejection':
      case 'allow':
        this.final.add(output)
        break
      case 'evidence':
        break
    }
  }

  /** State changed since the last call of this. */
  changes(): StateChange[] {
    const told: Told = { format: 1, since: this.since ?? null, counts: this.counts }
    return [
      ...this.final.changes(),
      ...this.#pending.changes(),
      { key: lastKey, value: Buffer.from(JSON.stringify(told)) }
    ]
  }

  /**
   * Takes what `changes` gave.
   *
   * @throws when a later version wrote it
   */
  restore({ key, value }: StateChange): void {
    if (key === lastKey) this.#restoreTold(value)
    else if (Pending.isKey(key)) this.#pending.restore(key, value)
    else this.final.restore(key, value)
  }

  #restoreTold(value: Buffer | undefined): void {
    if (value === undefined) return
    const { format, since, counts } = JSON.parse(value.toString()) as Told
    if (format !== 1) throw new Error(`The monitor's state has format ${String(format)}; this version reads 1`)
    this.since = since ?? undefined
    Object.assign(this.counts, counts)
  }
}

/** Final and pending attempts of all of them together: the figures as they stand. */
export const figuresOf = (partitions: Iterable<PartitionFigures>): Figures =>
  Figures.together(Array.from(partitions, each => [each.final, each.pending()]).flat())

export const rowsOf = (partitions: Iterable<PartitionFigures>): PeerRow[] => figuresOf(partitions).rows()

/** Event time up to which everything is in, everywhere; undefined before any partition knows. */
export const watermarkOf = (partitions: Iterable<PartitionFigures>): EpochMicros | undefined =>
  earliest(Array.from(partitions, ({ watermark }) => watermark))

export function earliest(times: readonly (EpochMicros | undefined)[]): EpochMicros | undefined {
  const known = times.filter(time => time !== undefined)
  return known.length === 0 ? undefined : (Math.min(...known) as EpochMicros)
}
