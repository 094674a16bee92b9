import type { LogRecord, Stage, StateChange, StateEntry, Work } from '@earshot/bus'
import { noCounts, type CallsRecord } from '@earshot/calls'
import { Figures, type PeerNames, type PeerRow } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'
import { readCalls, type CallsOutput, type CountsRecord } from '../pipeline.ts'
import { Pending } from './pending.ts'

type Totals = CountsRecord['counts']

type Told = { readonly format: 1; readonly since: EpochMicros | null; readonly counts: Totals }

const noTotals = (): Totals => ({ ...noCounts(), notSip: 0 })

/** Sums the records of calls. What it holds is what /api/peers and the metrics show. */
export class MonitorStage implements Stage {
  readonly counts = noTotals()
  readonly final = new Figures({ keepsChanges: true })
  /** The same without what was restored: counters live as long as their process. */
  readonly sinceStart = { counts: noTotals(), final: new Figures(), overflows: 0 }
  /** Event time of the first tick that these sums know. */
  since: EpochMicros | undefined
  readonly #pending = new Pending()
  readonly #onPending: (stage: MonitorStage) => void
  readonly #names: PeerNames
  /** Read, and to be read again after a crash: their tick is not complete. */
  #held: { readonly output: CallsOutput; readonly offset: number }[] = []

  /** @param onPending is told after each second of event time */
  constructor(names: PeerNames, onPending: (stage: MonitorStage) => void) {
    this.#names = names
    this.#onPending = onPending
  }

  /** Event time up to which everything is in. */
  get watermark(): EpochMicros | undefined {
    return this.#pending.watermark
  }

  async restore(states: AsyncIterable<StateEntry>): Promise<void> {
    for await (const { key, value } of states) {
      if (key === 'told') this.#restoreTold(JSON.parse(value.toString()) as Told)
      else if (Pending.isKey(key)) this.#pending.restore(value)
      else this.final.restore(key, value)
    }
    for (const peer of this.final.with(this.pending()).peers()) this.#names.admit(peer)
  }

  /** Records count once the tick that they belong to is complete, so that no attempt is seen as final and pending. */
  handle(records: readonly LogRecord[]): Work {
    for (const record of records) {
      const output = readCalls(record)
      this.#held.push({ output, offset: record.offset })
      if (output.kind === 'pending' && output.part === output.parts - 1) this.#takeHeld()
    }
    const changed = [...this.final.changes(), ...this.#pending.changes(), this.#told()]
    const [oldest] = this.#held
    return { emit: [], changed, ...(oldest && { resumeFrom: oldest.offset }) }
  }

  /** The attempts that are not over, over all partitions. */
  pending(): Figures {
    const figures = new Figures()
    figures.merge(this.#pending.sums())
    return figures
  }

  /** Final and pending attempts together: the figures as they stand. */
  rows(): PeerRow[] {
    return this.final.with(this.pending()).rows()
  }

  #takeHeld(): void {
    for (const { output } of this.#held) this.#take(output)
    this.#held = []
    this.#onPending(this)
  }

  #take(output: CallsOutput): void {
    switch (output.kind) {
      case 'counts':
        increase(this.counts, output.counts)
        increase(this.sinceStart.counts, output.counts)
        break
      case 'pending':
        this.#pending.take({ ...output, sums: output.sums.map(sums => this.#named(sums)) })
        this.since ??= output.watermark
        break
      case 'attempt':
      case 'rejection':
      case 'allow':
        this.#add(this.#named(output), output.peer)
    }
  }

  #add(record: CallsRecord, peer: string): void {
    if (record.peer !== peer) this.sinceStart.overflows++
    this.final.add(record)
    this.sinceStart.final.add(record)
  }

  #named<Named extends { readonly peer: string }>(named: Named): Named {
    return { ...named, peer: this.#names.nameOf(named.peer) }
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
  // A record of an earlier version lacks the counts that are new.
  for (const name of Object.keys(totals) as (keyof Totals)[]) totals[name] += by[name] ?? 0
}
