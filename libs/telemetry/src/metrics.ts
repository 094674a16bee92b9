import { setImmediate } from 'node:timers/promises'
import { type HrTime, ValueType } from '@opentelemetry/api'
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import {
  AggregationTemporality,
  DataPointType,
  InstrumentType,
  type MetricData,
  type MetricDescriptor
} from '@opentelemetry/sdk-metrics'
import { buildInfo, seriesOverflow } from './catalogue.ts'
import type { Counter, Gauge, Histogram, Labels, Metric } from './declare.ts'
import { type Series, SeriesTable } from './series.ts'

/** The labels as an argument that is left out where the metric has none. */
type LabelsOf<Label extends string> = [Label] extends [never] ? [] : [labels: Labels<Label>]

/** A series with its labels bound once; adding to it is an addition of two numbers. */
export type BoundCounter = Pick<Series, 'add'>
export type BoundGauge = Pick<Series, 'add' | 'set'>

/** Tells one value of now; values of equal labels are summed. */
export type Tell<Label extends string> = (value: number, ...labels: LabelsOf<Label>) => void

type Instrument = {
  readonly metric: Metric
  readonly table: SeriesTable
  readonly observers: ((table: SeriesTable) => void)[]
}

/**
 * All metrics of a process; made once.
 *
 * Counts are plain numbers here and take OpenTelemetry's form only when they are collected. The SDK's own observable
 * instruments are not used: they cost seven times as much per collection, and go on exporting a gauge's series for
 * ever after it was last observed.
 */
export class Metrics {
  readonly #instruments = new Map<string, Instrument>()
  readonly #startedAt = hrTime(Date.now())

  constructor({ version }: { readonly version: string }) {
    this.set(buildInfo, 1, { version, node: process.versions.node })
  }

  counter<Label extends string>(metric: Counter<Label>): { bind(...labels: LabelsOf<Label>): BoundCounter } {
    return { bind: (...labels) => this.#series(metric, labels) }
  }

  gauge<Label extends string>(metric: Gauge<Label>): { bind(...labels: LabelsOf<Label>): BoundGauge } {
    return { bind: (...labels) => this.#series(metric, labels) }
  }

  add<Label extends string>(metric: Counter<Label> | Gauge<Label>, amount: number, ...labels: LabelsOf<Label>): void {
    this.#series(metric, labels).add(amount)
  }

  set<Label extends string>(metric: Gauge<Label>, value: number, ...labels: LabelsOf<Label>): void {
    this.#series(metric, labels).set(value)
  }

  record<Label extends string>(metric: Histogram<Label>, value: number, ...labels: LabelsOf<Label>): void {
    this.#series(metric, labels).record(value)
  }

  /** Shows the series at 0, so that its first increase is seen as one. */
  present<Label extends string>(metric: Metric<Label>, ...labels: LabelsOf<Label>): void {
    this.#series(metric, labels)
  }

  /**
   * Reads values from their owner's state whenever the metrics are collected; a series not told any more is gone. An
   * observed counter must not fall. Not for series that are also added to.
   */
  observe<Label extends string>(metric: Counter<Label> | Gauge<Label>, read: (tell: Tell<Label>) => void): void {
    this.#instrument(metric).observers.push(table => {
      read((value, ...labels) => {
        table.at(labels[0] ?? {}).add(value)
      })
    })
  }

  /** One metric after the other, in the order of their first use. What an observer throws ends it. */
  *collect(): Generator<MetricData> {
    const now = hrTime(Date.now())
    for (const instrument of this.#instruments.values()) {
      const observed = this.#table(instrument.metric)
      for (const observe of instrument.observers) observe(observed)
      yield metricData(instrument.metric, [...instrument.table.all(), ...observed.all()], this.#startedAt, now)
    }
  }

  /** Prometheus' text format 0.0.4. Lets other work in between two metrics. */
  async prometheusText(): Promise<string> {
    let text = ''
    for (const metric of this.collect()) {
      text += serializer.serialize({ resource, scopeMetrics: [{ scope: { name: 'earshot' }, metrics: [metric] }] })
      await setImmediate()
    }
    return text
  }

  #series(metric: Metric, labels: readonly Labels<string>[]): Series {
    return this.#instrument(metric).table.at(labels[0] ?? {})
  }

  #instrument(metric: Metric): Instrument {
    const known = this.#instruments.get(metric.name)
    if (known?.metric === metric) return known
    if (known !== undefined) throw new Error(`${metric.name} is declared twice`)
    const instrument = { metric, table: this.#table(metric), observers: [] }
    this.#instruments.set(metric.name, instrument)
    return instrument
  }

  #table(metric: Metric): SeriesTable {
    return new SeriesTable(metric, () => {
      this.add(seriesOverflow, 1, { metric: metric.name })
    })
  }
}

const serializer = new PrometheusSerializer(undefined, false, undefined, true, true)
const resource = { attributes: {}, merge: () => resource, getRawAttributes: () => [] }

const hrTime = (epochMs: number): HrTime => [Math.trunc(epochMs / 1e3), (epochMs % 1e3) * 1e6]

function metricData(metric: Metric, series: readonly Series[], startTime: HrTime, endTime: HrTime): MetricData {
  const about = { descriptor: descriptor(metric), aggregationTemporality: AggregationTemporality.CUMULATIVE }
  const points = series.map(({ labels, value }) => ({ attributes: labels, value, startTime, endTime }))
  switch (metric.kind) {
    case 'counter':
      return { ...about, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: points }
    case 'gauge':
      return { ...about, dataPointType: DataPointType.GAUGE, dataPoints: points }
    case 'histogram': {
      const boundaries = [...metric.buckets]
      const dataPoints = series.map(({ labels, value, counts }) => ({
        attributes: labels,
        value: { buckets: { boundaries, counts }, sum: value, count: counts.reduce((sum, count) => sum + count, 0) },
        startTime,
        endTime
      }))
      return { ...about, dataPointType: DataPointType.HISTOGRAM, dataPoints }
    }
  }
}

const instrumentTypes = {
  counter: InstrumentType.OBSERVABLE_COUNTER,
  gauge: InstrumentType.OBSERVABLE_GAUGE,
  histogram: InstrumentType.HISTOGRAM
}

const descriptor = ({ name, help, kind }: Metric): MetricDescriptor & { type: InstrumentType } => ({
  name,
  description: help,
  // Prometheus has the unit in the name; a unit given here would be written a second time by exporters.
  unit: '',
  type: instrumentTypes[kind],
  valueType: ValueType.DOUBLE
})
