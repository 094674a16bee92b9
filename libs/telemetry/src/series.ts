import type { Labels, Metric } from './declare.ts'

/** One line of a metric: a plain number, so that counting a packet is an addition. Read when the metrics are collected. */
export class Series {
  readonly labels: Readonly<Record<string, string>>
  value = 0
  /** Of a histogram: how many values fell into each bucket, the last one being `+Inf`; empty for others. */
  readonly counts: number[]
  readonly #metric: Metric

  constructor(metric: Metric, labels: Readonly<Record<string, string>>) {
    this.#metric = metric
    this.labels = labels
    this.counts = metric.kind === 'histogram' ? Array<number>(metric.buckets.length + 1).fill(0) : []
  }

  /** Throws on what would make a counter fall, or poison it: NaN and negative amounts are our mistake. */
  add(amount: number): void {
    if (this.#metric.kind === 'counter' && !(amount >= 0)) {
      throw new RangeError(`${this.#metric.name} cannot grow by ${amount}`)
    }
    this.value += amount
  }

  set(value: number): void {
    this.value = value
  }

  record(value: number): void {
    if (this.#metric.kind !== 'histogram') return
    const bucket = this.#metric.buckets.findIndex(bound => value <= bound)
    this.counts[bucket === -1 ? this.counts.length - 1 : bucket]! += 1
    this.value += value
  }
}

/** Values from the wire may be long; two that agree in their first 128 characters become one series. */
const maxValueLength = 128

/** The series of one metric, never more than it declares (and then one per combination of its finite labels). */
export class SeriesTable {
  readonly #metric: Metric
  readonly #folded: () => void
  readonly #series = new Map<string, Series>()
  readonly #finite: readonly (ReadonlySet<string> | undefined)[]
  readonly #other: readonly string[]

  /** @param folded is called each time that a value goes to `other` because the metric has all the series it may have */
  constructor(metric: Metric, folded: () => void) {
    this.#metric = metric
    this.#folded = folded
    this.#finite = metric.labels.map(label => metric.values[label] && new Set(metric.values[label]))
    // Where the finite values have their own word for the rest (MC-12: OTHER), it is used.
    this.#other = metric.labels.map(
      label => metric.values[label]?.find(value => value.toLowerCase() === 'other') ?? 'other'
    )
  }

  at(labels: Labels<string>): Series {
    const values = this.#metric.labels.map((label, index) => this.#bounded(labels[label] ?? '', index))
    const known = this.#series.get(values.join('\0'))
    if (known !== undefined) return known
    if (this.#series.size < this.#metric.maxSeries) return this.#create(values)
    this.#folded()
    const folded = values.map((value, index) => (this.#finite[index] === undefined ? 'other' : value))
    return this.#series.get(folded.join('\0')) ?? this.#create(folded)
  }

  all(): IterableIterator<Series> {
    return this.#series.values()
  }

  #bounded(value: string, index: number): string {
    const finite = this.#finite[index]
    if (finite !== undefined) return finite.has(value) ? value : this.#other[index]!
    return value.length > maxValueLength ? value.slice(0, maxValueLength) : value
  }

  #create(values: readonly string[]): Series {
    const labels = Object.fromEntries(this.#metric.labels.map((label, index) => [label, values[index]!]))
    const series = new Series(this.#metric, labels)
    this.#series.set(values.join('\0'), series)
    return series
  }
}
