import type { PeerRow } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'

const STEP_SECONDS = 10
const STEPS = 360
/** Rows kept; the busiest peers of a carrier are far fewer. */
const MOST_ROWS = 500

const series = ['attempts', 'answered', 'earlyMedia', 'earlyMediaAnswered', 'rejections'] as const
type Series = (typeof series)[number]
type Sample = Readonly<Record<Series, number>>

/** How the figures rose over the last hour, in steps of ten seconds of event time; in memory only. */
export class History {
  readonly #samples: { readonly step: number; readonly rows: ReadonlyMap<string, Sample> }[] = []

  note(watermark: EpochMicros, rows: () => readonly PeerRow[]): void {
    const step = Math.floor(watermark / 1e6 / STEP_SECONDS)
    if (step <= (this.#samples.at(-1)?.step ?? -Infinity)) return
    const kept = rows()
      .slice()
      .sort((a, b) => b.attempts - a.attempts)
      .slice(0, MOST_ROWS)
    this.#samples.push({ step, rows: new Map(kept.map(row => [`${row.peer}|${row.direction}`, sampleOf(row)])) })
    while (this.#samples[0]!.step < step - STEPS) this.#samples.shift()
  }

  /** What was added in each step of the last `minutes`. */
  show(minutes: number): object {
    const from = (this.#samples.at(-1)?.step ?? 0) - Math.round((minutes * 60) / STEP_SECONDS)
    const shown = this.#samples.filter(({ step }) => step >= from)
    const peers: Record<string, Record<Series, number[]>> = Object.create(null)
    for (const name of new Set(shown.flatMap(({ rows }) => [...rows.keys()]))) {
      peers[name] = Object.fromEntries(
        series.map(each => [each, increases(shown.map(({ rows }) => rows.get(name)?.[each] ?? 0))])
      ) as Record<Series, number[]>
    }
    return { step: STEP_SECONDS, times: shown.slice(1).map(({ step }) => step * STEP_SECONDS), peers }
  }
}

const increases = (values: readonly number[]): number[] =>
  values.slice(1).map((value, index) => Math.max(0, value - values[index]!))

const sampleOf = (row: PeerRow): Sample => ({
  attempts: row.attempts,
  answered: row.outcomes.answered ?? 0,
  earlyMedia: row.earlyMedia.attempts,
  earlyMediaAnswered: row.earlyMedia.outcomes.answered ?? 0,
  rejections: row.rejections.reduce((sum, { transactions }) => sum + transactions, 0)
})
