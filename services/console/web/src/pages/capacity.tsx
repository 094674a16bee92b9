import { useMemo } from 'react'
import type { Series, WholePeer } from '../api.ts'
import { CapacityTable } from '../capacity-table.tsx'
import { Chart, type Line } from '../chart.tsx'
import { count } from '../format.ts'
import { PeriodChoice, usePeriodQuery } from '../period-choice.tsx'
import { periodIn } from '../periods.ts'
import { placeOf } from '../router.ts'
import { useLive } from '../use-live.tsx'
import { useLoaded } from '../use-loaded.ts'

/** How much of each peer is used now and was used, against what was contracted; the URL names the peer of the charts. */
export function CapacityPage({ query }: { readonly query: URLSearchParams }) {
  const { snapshot } = useLive()
  const name = query.get('name') ?? undefined
  const range = usePeriodQuery(periodIn(query))
  const peer = name === undefined ? '' : `&peer=${encodeURIComponent(name)}`
  const { answer, trouble } = useLoaded<Series>(`api/series?${range}${peer}`)
  const contracted = snapshot?.peers.find(row => row.peer === name)?.capacity.contracted
  return (
    <article>
      <div className="title">
        <h2>Capacity {name === undefined ? 'of all peers together' : `of ${name}`}</h2>
        <PeriodChoice page="capacity" query={query} />
        <a className="button" href={placeOf('api/reports/capacity/html', { peer: name })}>
          Report of 7 days
        </a>
      </div>
      {trouble !== undefined && <p role="alert">{trouble}</p>}
      {answer && <CapacityCharts series={answer} contracted={contracted} />}
      {snapshot && <CapacityTable peers={snapshot.peers} query={query} />}
    </article>
  )
}

type ChartsProps = { readonly series: Series; readonly contracted: WholePeer['capacity']['contracted'] }

function CapacityCharts({ series, contracted }: ChartsProps) {
  const { times, peaks, erlangs, busySecond, step } = series
  const limit = (most: number | undefined, name: string): Line[] =>
    most === undefined ? [] : [{ name, values: times.map(() => most), colour: 'alarm', dash: [3, 3] }]
  const calls = useMemo(
    (): Line[] => [
      { name: 'all calls', values: peaks.total, colour: 'text' },
      { name: 'established', values: peaks.established, colour: 'answered', dash: [8, 2] },
      { name: 'early media', values: peaks.earlyMedia, colour: 'busy', dash: [6, 3] },
      { name: 'setup', values: peaks.setup, colour: 'cancelled', dash: [2, 2] },
      ...limit(contracted?.calls, 'contracted')
    ],
    [series, contracted?.calls]
  )
  const rate = useMemo(
    (): Line[] => [
      { name: 'attempts', values: busySecond, colour: 'cancelled' },
      ...limit(contracted?.cps, 'contracted')
    ],
    [series, contracted?.cps]
  )
  const load = useMemo(
    (): Line[] => [
      { name: 'talk', values: erlangs.established, colour: 'answered' },
      { name: 'early media, unbilled', values: erlangs.earlyMedia, colour: 'busy' },
      { name: 'setup', values: erlangs.setup, colour: 'cancelled' }
    ],
    [series]
  )
  const per = step === 60 ? 'each minute' : 'each hour'
  return (
    <div className="chart-grid three">
      <Chart title={`Most calls at a time in ${per}`} times={times} lines={calls} format={count} />
      <Chart title={`Busiest second of ${per}, attempts`} times={times} lines={rate} format={count} />
      <Chart title="Erlangs" times={times} lines={load} stacked format={value => value.toFixed(1)} />
    </div>
  )
}
