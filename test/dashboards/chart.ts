import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { Answered } from '../prometheus-server.ts'

/** What one query of a panel gave. */
export type Given = { readonly legend: string; readonly series: readonly Answered[] }

export type Size = { readonly width: number; readonly height: number }

/** Lines, areas or steps over time as SVG, as the panel's options say. */
export async function graph(panel: Panel, given: readonly Given[], size: Size): Promise<string> {
  const { drawn, stacked } = styleOf(panel)
  const values = given.flatMap(({ legend, series }) =>
    series.flatMap(({ metric, values: points }) =>
      points
        .filter(([, value]) => Number.isFinite(value))
        .map(([at, value]) => ({ at: at * 1e3, value, series: nameOf(legend, metric) }))
    )
  )
  const names = [...new Set(values.map(({ series }) => series))]
  const columns = size.width > 500 ? 4 : 2
  if (values.length === 0) return '<p>No data</p>'
  return svg({
    ...frame(size),
    data: { values },
    mark: { type: stacked ? 'area' : 'line', interpolate: drawn, strokeWidth: 1.5, opacity: stacked ? 0.75 : 1 },
    encoding: {
      x: timeAxis,
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        stack: stacked ? 'zero' : null,
        axis: {
          ...axis,
          labelExpr: labelOf(unitOf(panel)),
          tickCount: 5,
          ...(unitOf(panel) === 'none' && { tickMinStep: 1 })
        }
      },
      color: {
        field: 'series',
        type: 'nominal',
        sort: names,
        scale: { scheme: 'tableau20' },
        legend: { orient: 'bottom', columns, title: null, labelLimit: size.width / columns - 24, symbolSize: 40 }
      }
    }
  })
}

/** How often values fell between two bounds, by colour. */
export async function heatmap([given]: readonly Given[], size: Size): Promise<string> {
  const rows = (given?.series ?? [])
    .map(({ metric, values }) => ({
      bound: Number(metric['le']?.replace('+Inf', 'Infinity')),
      values: new Map(values)
    }))
    .sort((one, other) => one.bound - other.bound)
  const cells = rows.flatMap(({ bound, values }, index) =>
    [...values].map(([at, value]) => ({
      at: at * 1e3,
      until: (at + 30) * 1e3,
      bound: bound === Infinity ? `> ${rows[index - 1]?.bound}` : String(bound),
      count: Math.max(0, value - (rows[index - 1]?.values.get(at) ?? 0))
    }))
  )
  return svg({
    ...frame(size),
    data: { values: cells.filter(({ count }) => count > 1e-9) },
    mark: { type: 'rect' },
    encoding: {
      x: timeAxis,
      x2: { field: 'until' },
      y: {
        field: 'bound',
        type: 'ordinal',
        sort: rows
          .map(({ bound }, index) => (bound === Infinity ? `> ${rows[index - 1]?.bound}` : String(bound)))
          .reverse(),
        title: null,
        axis: { ...axis, labelExpr: "datum.value + ' s'" }
      },
      color: { field: 'count', type: 'quantitative', scale: { scheme: 'oranges' }, legend: null }
    }
  })
}

/** A number with the unit of its panel, short enough for a tile. */
export function written(value: number, unit: string): string {
  if (Number.isNaN(value)) return '–'
  switch (unit) {
    case 'percentunit':
      return `${round(value * 100)} %`
    case 's':
      return value >= 120 ? `${round(value / 60)} min` : `${round(value)} s`
    case 'bytes':
      return value >= 1e6 ? `${round(value / 2 ** 20)} MiB` : `${round(value / 1024)} KiB`
    case 'Bps':
      return `${round(value / 1e3)} kB/s`
    case 'cps':
      return `${round(value)} /s`
    case 'suffix: E':
      return `${round(value)} E`
    default:
      return value >= 1e4 ? `${round(value / 1e3)} K` : round(value)
  }
}

export const unitOf = ({ fieldConfig }: Panel): string => fieldConfig?.defaults.unit ?? 'short'

const round = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(Math.abs(value) >= 10 ? 3 : 2)))

const axis = { grid: true, gridColor: '#e5e7eb', domain: false, ticks: false, labelColor: '#4b5563', labelFontSize: 10 }

const timeAxis = {
  field: 'at',
  type: 'temporal',
  title: null,
  scale: { type: 'utc' },
  axis: { ...axis, format: '%H:%M', tickCount: 6 }
} as const

function labelOf(unit: string): string {
  switch (unit) {
    case 'percentunit':
      return "format(datum.value, '.3~%')"
    case 's':
      return "format(datum.value, '.3~g') + ' s'"
    case 'bytes':
      return "format(datum.value / 1048576, '.3~g') + ' MiB'"
    case 'Bps':
      return "format(datum.value / 1000, '.3~g') + ' kB/s'"
    case 'cps':
      return "format(datum.value, '.3~g') + ' /s'"
    case 'suffix: E':
      return "format(datum.value, '.3~g') + ' E'"
    case 'none':
      return "format(datum.value, 'd')"
    default:
      return "format(datum.value, '.3~s')"
  }
}

const frame = ({ width, height }: Size): object => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  width,
  height,
  padding: 2,
  autosize: { type: 'fit', contains: 'padding' },
  background: 'transparent',
  config: { view: { stroke: null }, font: 'system-ui, sans-serif' }
})

async function svg(spec: object): Promise<string> {
  const view = new View(parse(compile(spec as TopLevelSpec).spec), { renderer: 'none' })
  return view.toSVG()
}

type Style = { readonly lineInterpolation?: string; readonly stacking?: { readonly mode?: string } }

function styleOf({ fieldConfig }: Panel): { drawn: 'linear' | 'step-after'; stacked: boolean } {
  const { lineInterpolation, stacking } = (fieldConfig?.defaults.custom ?? {}) as Style
  return { drawn: lineInterpolation === 'stepAfter' ? 'step-after' : 'linear', stacked: stacking?.mode === 'normal' }
}

const nameOf = (legend: string, metric: Readonly<Record<string, string>>): string =>
  legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '')
