import { Figures, type Alert } from '@earshot/peers'
import { catalogue, type Metrics } from '@earshot/telemetry'
import { between, inSeconds, type EpochMicros } from '@earshot/units'
import type { CallsOutput } from '../pipeline.ts'
import { recordAttemptTimes, recordEndTimes } from './times.ts'
import { increase, noTotals } from './totals.ts'

/**
 * What this process has counted since its start, over all partitions that it has or had. What is taken here is committed,
 * so that of all processes only this one counts it, and goes on counting it when the partition has moved to another.
 */
export class Counted {
  readonly counts = noTotals()
  readonly final = new Figures()
  /** Reports of media by what became of them. */
  readonly media = new Map<string, number>()
  overflows = 0
  readonly #metrics: Metrics
  readonly #now: () => EpochMicros

  constructor(metrics: Metrics, now: () => EpochMicros) {
    this.#metrics = metrics
    this.#now = now
  }

  take(output: CallsOutput): void {
    switch (output.kind) {
      case 'counts':
        increase(this.counts, output.counts)
        for (const [result, count = 0] of Object.entries(output.media ?? {})) {
          this.media.set(result, (this.media.get(result) ?? 0) + count)
        }
        break
      case 'attempt':
        this.final.add(output)
        recordAttemptTimes(this.#metrics, output)
        // Only of these the record tells the end: their answer. Others end when no retry can follow any more (TX-8).
        if (output.outcome === 'answered') this.#late('attempt', output.endedAt)
        break
      case 'call_end':
        this.final.add(output)
        recordEndTimes(this.#metrics, output)
        break
      case 'rejection':
        this.final.add(output)
        this.#late('rejection', output.at)
        break
      case 'allow':
      case 'evidence':
      case 'pending':
        break
    }
  }

  /** Counts it when it starts. */
  takeAlert({ kind, peer, severity, endedAt }: Alert): void {
    if (endedAt === undefined) this.#metrics.add(catalogue.alerts, 1, { kind, peer, severity })
  }

  #late(kind: string, at: EpochMicros): void {
    this.#metrics.record(catalogue.recordLatency, inSeconds(between(at, this.#now())), { kind })
  }
}
