import type { PeerRow } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'

const STEP_SECONDS = 10
const STEPS = 360
/** Rows kept; the busiest peers of a carrier are far fewer. */
const MOST_ROWS = 500

const series = ['attempts', 'answered', 'earlyMedia', 'earlyMediaAnswered', 'rejections'] as const
type Series = (typeof series)[number]
type Sample = Readonly<Record<Series, number>>
type Row = Omit<PeerRow, 'figures' | 'capacity'>

/** What was added in each step, whose starts are epoch seconds; by `name|direction`. */
type Shown = {
  readonly step: number
  readonly times: number[]
  readonly peers: Record<string, Record<Series, number[]>>
}

/** How the figures rose over the last hour, in steps of ten seconds of event time; in memory only. */
export class History {
  readonly #rises: { readonly step: number; readonly rows: ReadonlyMap<string, Sample> }[] = []
  /** The sums that the next rise is told from: of all rows, not of the busiest only. */
  #last: { readonly step: number; readonly rows: ReadonlyMap<string, Sample> } | undefined

  note(watermark: EpochMicros, rows: () => readonly Row[]): void {
    const step = Math.floor(watermark / 1e6 / STEP_SECONDS)
    if (this.#last && step <= this.#last.step) return
    const sums = new Map(rows().map(row => [`${row.peer}|${row.direction}`, sampleOf(row)]))
    if (this.#last) this.#rises.push({ step, rows: risesOf(sums, this.#last.rows) })
    this.#last = { step, rows: sums }
    while (this.#rises[0] && this.#rises[0].step <= step - STEPS) this.#rises.shift()
  }

  /** What was added in each step of the last `minutes`. */
  show(minutes: number): Shown {
    const after = (this.#last?.step ?? 0) - Math.round((minutes * 60) / STEP_SECONDS)
    const shown = this.#rises.filter(({ step }) => step > after)
    const peers: Record<string, Record<Series, number[]>> = Object.create(null)
    for (const name of new Set(shown.flatMap(({ rows }) => [...rows.keys()]))) {
      peers[name] = Object.fromEntries(
        series.map(each => [each, shown.map(({ rows }) => rows.get(name)?.[each] ?? 0)])
      ) as Record<Series, number[]>
    }
    return { step: STEP_SECONDS, times: shown.map(({ step }) => step * STEP_SECONDS), peers }
  }
}

/** Of the busiest peers. */
function risesOf(sums: ReadonlyMap<string, Sample>, before: ReadonlyMap<string, Sample>): Map<string, Sample> {
  const busiest = [...sums].sort(([, a], [, b]) => b.attempts - a.attempts).slice(0, MOST_ROWS)
  return new Map(busiest.map(([name, sample]) => [name, riseOf(sample, before.get(name))]))
}

const riseOf = (sample: Sample, before: Sample | undefined): Sample =>
  Object.fromEntries(series.map(each => [each, Math.max(0, sample[each] - (before?.[each] ?? 0))])) as Sample

const sampleOf = (row: Row): Sample => ({
  attempts: row.attempts,
  answered: row.outcomes.answered ?? 0,
  earlyMedia: row.earlyMedia.attempts,
  earlyMediaAnswered: row.earlyMedia.outcomes.answered ?? 0,
  rejections: row.rejections.reduce((sum, { transactions }) => sum + transactions, 0)
})
