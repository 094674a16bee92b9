import type { Metric } from './declare.ts'

/**
 * How many series of Prometheus a metric can be with so many peers: a histogram has one for each bucket, `+Inf`, the sum and
 * the count. What its labels and `maxSeries` allow, whatever the traffic.
 */
export function seriesAtMost(metric: Metric, peers: number): number {
  const combinations = metric.labels.reduce(
    (product, label) => product * (metric.values[label]?.length ?? (label === 'peer' ? peers : Infinity)),
    1
  )
  const lines = metric.kind === 'histogram' ? metric.buckets.length + 3 : 1
  return Math.min(combinations, metric.maxSeries) * lines
}
