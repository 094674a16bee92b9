import type { LogRecord, Stage, StateChange, StateEntry, Work } from '@earshot/bus'
import { noCounts } from '@earshot/calls'
import { Figures, type PeerRow } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'
import { readCalls, type CallsOutput, type CountsRecord, type PendingRecord } from '../pipeline.ts'

type Totals = CountsRecord['counts']

type Told = { readonly format: 1; readonly since: EpochMicros | null; readonly counts: Totals }

const noTotals = (): Totals => ({ ...noCounts(), notSip: 0 })

/** Sums the records of calls. What it holds is what /api/peers and the metrics show. */
export class MonitorStage implements Stage {
  readonly counts = noTotals()
  readonly final: Figures
  /** The same without what was restored: counters live as long as their process. */
  readonly sinceStart: { readonly counts: Totals; readonly final: Figures }
  /** Event time of the first tick that these sums know. */
  since: EpochMicros | undefined
  /** Event time up to which everything is in. */
  watermark: EpochMicros | undefined
  readonly #pending = new Map<number, PendingRecord>()
  readonly #onPending: (stage: MonitorStage) => void
  readonly #nameOf: (peer: string) => string

  /** @param onPending is told after each second of event time */
  constructor(nameOf: (peer: string) => string, onPending: (stage: MonitorStage) => void) {
    this.final = new Figures(nameOf)
    this.sinceStart = { counts: noTotals(), final: new Figures(nameOf) }
    this.#nameOf = nameOf
    this.#onPending = onPending
  }

  async restore(states: AsyncIterable<StateEntry>): Promise<void> {
    for await (const { key, value } of states) {
      if (key === 'told') this.#restoreTold(JSON.parse(value.toString()) as Told)
      else this.final.restore(key, value)
    }
  }

  handle(records: readonly LogRecord[]): Work {
    for (const record of records) this.#take(readCalls(record))
    return { emit: [], changed: [...this.final.changes(), this.#told()] }
  }

  /** The attempts that are not over, over all partitions. */
  pending(): Figures {
    const figures = new Figures(this.#nameOf)
    for (const { sums } of this.#pending.values()) figures.merge(sums)
    return figures
  }

  /** Final and pending attempts together: the figures as they stand. */
  rows(): PeerRow[] {
    return this.final.with(this.pending()).rows()
  }

  #take(output: CallsOutput): void {
    switch (output.kind) {
      case 'counts':
        increase(this.counts, output.counts)
        increase(this.sinceStart.counts, output.counts)
        break
      case 'pending':
        this.#pending.set(output.partition, output)
        this.since ??= output.watermark
        this.watermark = Math.min(...[...this.#pending.values()].map(each => each.watermark)) as EpochMicros
        this.#onPending(this)
        break
      case 'attempt':
      case 'rejection':
      case 'allow':
        this.final.add(output)
        this.sinceStart.final.add(output)
    }
  }

  #told(): StateChange {
    const told: Told = { format: 1, since: this.since ?? null, counts: this.counts }
    return { key: 'told', value: Buffer.from(JSON.stringify(told)) }
  }

  #restoreTold({ format, since, counts }: Told): void {
    if (format !== 1) throw new Error(`The monitor's state has format ${String(format)}; this version reads 1`)
    this.since = since ?? undefined
    Object.assign(this.counts, counts)
  }
}

function increase(totals: Totals, by: Totals): void {
  for (const name of Object.keys(totals) as (keyof Totals)[]) totals[name] += by[name]
}
