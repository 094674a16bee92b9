import * as catalogue from './catalogue.ts'
import type { Metric } from './declare.ts'

/** The text of docs/metrics.md, made from the catalogue. */
export function metricsReference(): string {
  return [
    '# Metrics',
    'Served by every role at `/metrics` in Prometheus’ text format. This file is made from the catalogue in libs/telemetry.',
    'Labels that name what traffic brings (peers, agents) are bounded: past the limit given with a metric they become ' +
      '`other`, which `earshot_series_overflow_total` counts.',
    ...Object.values(catalogue).map(entry)
  ]
    .join('\n\n')
    .concat('\n')
}

function entry(metric: Metric): string {
  const labels = metric.labels.map(label => {
    const values = metric.values[label]
    return values === undefined ? `- \`${label}\`` : `- \`${label}\`: ${values.join(', ')}`
  })
  const unbounded = metric.labels.some(label => metric.values[label] === undefined)
  const limit = unbounded ? ` At most ${metric.maxSeries} series.` : ''
  const lines = [`## \`${metric.name}\``, `${metric.help} (${metric.kind}.)${limit}`]
  return [...lines, ...(labels.length > 0 ? [labels.join('\n')] : [])].join('\n\n')
}
