import { seriesAtMost } from './budget.ts'
import * as catalogue from './catalogue.ts'
import type { Metric } from './declare.ts'

/** The text of docs/metrics.md, made from the catalogue. */
export function metricsReference(): string {
  return [
    '# Metrics',
    'Served by every role at `/metrics` in Prometheus’ text format. This file is made from the catalogue in libs/telemetry.',
    'Labels that name what traffic brings (peers, agents) are bounded: past the limit given with a metric they become ' +
      '`other`, which `earshot_series_overflow_total` counts.',
    ...budget(Object.values(catalogue)),
    ...Object.values(catalogue).map(entry)
  ]
    .join('\n\n')
    .concat('\n')
}

const PEERS = 5_000

/** What Prometheus has to keep, at most. */
function budget(metrics: readonly Metric[]): string[] {
  const ofPeers = metrics.filter(({ labels }) => labels.includes('peer'))
  const rows = ofPeers.map(metric => [`\`${metric.name}\``, counted(seriesAtMost(metric, PEERS))] as const)
  const others = metrics.filter(metric => !ofPeers.includes(metric))
  const sum = (some: readonly Metric[]): number => some.reduce((total, each) => total + seriesAtMost(each, PEERS), 0)
  return [
    '## How many series',
    `With ${counted(PEERS)} peers in both directions at most ${counted(sum(metrics))} series, whatever comes: each metric has as ` +
      'many as its labels and its limit allow. Several processes of a role have these together and not each, but for ' +
      'what is said to be told by every process. The figures of calls, sixteen kinds of them at each peer, were 497,787: ' +
      'services/monitor/series-budget.test.ts counts them and fails above 600,000.',
    table([['metric', 'series at most'], ...rows, ['all without a peer', counted(sum(others))]])
  ]
}

/** Of two columns, as wide as the formatter makes them. */
function table(rows: readonly (readonly [string, string])[]): string {
  const widths = [0, 1].map(column => Math.max(...rows.map(row => row[column]!.length)))
  const lines = rows.map(row => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
  const rule = `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

const counted = (count: number): string => count.toLocaleString('en-US')

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
