import { useMemo } from 'react'
import type { Series } from './api.ts'
import { Chart, type Line } from './chart.tsx'
import { segments } from './figures.ts'
import { count, duration, percent, words } from './format.ts'

const colours: Readonly<Record<(typeof segments)[number], string>> = {
  answered: 'answered',
  busy: 'busy',
  no_answer: 'no-answer',
  cancelled: 'cancelled',
  failed: 'failed',
  open: 'open'
}

const rejectionColours = ['failed', 'cancelled', 'busy', 'answered', 'no-answer', 'open']
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3]]

/** More would be told apart by nobody; the table has them all. */
const mostRejections = 6

/** A peer's early media, ratios, delays and rejections over time. */
export function PeerCharts({ series }: { readonly series: Series }) {
  const { times, earlyMedia, earlyMediaAsr, asr, requestDelay, step } = series
  const per = step === 60 ? 'per minute' : 'per hour'
  const outcomes = useMemo(
    (): Line[] => segments.map(part => ({ name: words(part), values: earlyMedia[part], colour: colours[part] })),
    [series]
  )
  const ratios = useMemo(
    (): Line[] => [
      { name: 'EM-ASR', values: earlyMediaAsr, colour: 'answered' },
      { name: 'ASR', values: asr, colour: 'cancelled', dash: [6, 3] }
    ],
    [series]
  )
  const delays = useMemo(
    (): Line[] => [
      { name: 'median', values: requestDelay.p50, colour: 'cancelled' },
      { name: 'p95', values: requestDelay.p95, colour: 'failed', dash: [6, 3] }
    ],
    [series]
  )
  const rejections = useMemo(() => rejectionLines(series), [series])
  return (
    <div className="chart-grid">
      <Chart title={`Outcomes after early media, ${per}`} times={times} lines={outcomes} stacked format={count} />
      <Chart title="Answered after early media, and of all" times={times} lines={ratios} format={percent} atLeast={1} />
      <Chart title="Request delay (SRD)" times={times} lines={delays} format={duration} atLeast={0.5} />
      <Chart title={`Rejected requests, ${per}`} times={times} lines={rejections} format={count} />
    </div>
  )
}

function rejectionLines({ rejections, times }: Series): Line[] {
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
  const most = Object.entries(rejections)
    .toSorted(([, a], [, b]) => sum(b) - sum(a))
    .slice(0, mostRejections)
  if (most.length === 0) return [{ name: 'none', values: times.map(() => 0), colour: 'open' }]
  return most.map(([name, values], at) => ({
    name,
    values,
    colour: rejectionColours[at]!,
    ...(at > 0 && { dash: dashes[at]! })
  }))
}
