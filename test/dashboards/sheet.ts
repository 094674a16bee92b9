import type { Dashboard, Panel, Threshold } from '@grafana/grafana-foundation-sdk/dashboard'
import { panelsOf } from '../../dashboards/src/asked.fixture.ts'
import { graph, heatmap, unitOf, written, type Given } from './chart.ts'

/** What each query of each panel gave, in their order. */
export type Answers = (panel: Panel) => Promise<readonly Given[]>

const column = 56
const row = 36
const gap = 8

/** A dashboard as a page, for people without Grafana: its panels where it has them, drawn of what its queries gave. */
export async function sheet(board: Dashboard, answers: Answers): Promise<string> {
  const tiles: string[] = []
  for (const panel of panelsOf(board)) {
    const { x = 0, y = 0, w = 0, h = 0 } = panel.gridPos ?? {}
    const size = { width: w * column - gap, height: h * row - gap }
    const place = `left:${x * column}px;top:${y * row}px;width:${size.width}px;height:${size.height}px`
    const inner = { width: size.width - 16, height: size.height - 40 }
    const content = await drawn(panel, await answers(panel), inner)
    tiles.push(`<section style="${place}"><h2>${escaped(panel.title ?? '')}</h2>${content}</section>`)
  }
  const height = Math.max(...panelsOf(board).map(({ gridPos }) => ((gridPos?.y ?? 0) + (gridPos?.h ?? 0)) * row))
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>
<h1>${escaped(board.title ?? '')}</h1><main style="height:${height}px;width:${24 * column}px">${tiles.join('\n')}</main>`
}

async function drawn(panel: Panel, given: readonly Given[], size: { width: number; height: number }): Promise<string> {
  switch (panel.type) {
    case 'timeseries':
      return graph(panel, given, size)
    case 'heatmap':
      return heatmap(given, size)
    case 'stat':
      return number(panel, given)
    case 'table':
      return table(panel, given)
    default:
      throw new Error(`nobody draws a panel of type ${panel.type}`)
  }
}

function number(panel: Panel, [given]: readonly Given[]): string {
  const value = given?.series[0]?.values.at(-1)?.[1] ?? NaN
  const steps = panel.fieldConfig?.defaults.thresholds?.steps ?? []
  const color = steps.length > 1 ? colors[colorAt(steps, value)] : 'transparent'
  const text = steps.length > 1 ? '#fff' : '#15803d'
  return `<p class="number" style="background:${color};color:${text}">${written(value, unitOf(panel))}</p>`
}

type Column = { readonly name: string; readonly cells: ReadonlyMap<string, number> }
type Override = { readonly matcher: { readonly options?: unknown }; readonly properties: readonly Property[] }
type Property = { readonly id: string; readonly value?: unknown }

/** As Grafana merges the answers: a row for each combination of the labels that all have. */
function table(panel: Panel, given: readonly Given[]): string {
  const renamed = (panel.transformations?.find(({ id }) => id === 'organize')?.options as Organized).renameByName
  const own = Object.keys(renamed).filter(name => !name.startsWith('Value'))
  const shared = own.filter(label => given.every(({ series }) => series.every(({ metric }) => label in metric)))
  const keyOf = (metric: Readonly<Record<string, string>>): string => shared.map(label => metric[label]).join('\0')
  const labels = new Map<string, Readonly<Record<string, string>>>()
  const columns = given.map(({ series }, index): Column => {
    const name = renamed[given.length === 1 ? 'Value' : `Value #${String.fromCodePoint(65 + index)}`] ?? ''
    for (const { metric } of series) labels.set(keyOf(metric), { ...labels.get(keyOf(metric)), ...metric })
    return { name, cells: new Map(series.map(({ metric, values }) => [keyOf(metric), values.at(-1)?.[1] ?? NaN])) }
  })
  const overrides = (panel.fieldConfig?.overrides ?? []) as readonly Override[]
  const order = ((panel.options as Sorted).sortBy ?? [])[0]?.displayName
  const sorted = columns.find(({ name }) => name === order)
  const keys = [...labels.keys()].sort((one, other) =>
    sorted ? (sorted.cells.get(other) ?? 0) - (sorted.cells.get(one) ?? 0) : one < other ? -1 : 1
  )
  const head = [...own.map(label => renamed[label] ?? label), ...columns.map(({ name }) => name)]
  const body = keys.map(key => {
    const names = own.map(label => `<td>${escaped(labels.get(key)?.[label] ?? '')}</td>`)
    const numbers = columns.map(({ name, cells }) => cell(cells.get(key) ?? NaN, propertiesOf(overrides, name)))
    return `<tr>${[...names, ...numbers].join('')}</tr>`
  })
  return `<table><tr>${head.map(name => `<th>${escaped(name)}</th>`).join('')}</tr>${body.join('')}</table>`
}

type Organized = { readonly renameByName: Readonly<Record<string, string>> }
type Sorted = { readonly sortBy?: readonly { readonly displayName: string }[] }

const propertiesOf = (overrides: readonly Override[], name: string): readonly Property[] =>
  overrides.find(({ matcher }) => matcher.options === name)?.properties ?? []

function cell(value: number, properties: readonly Property[]): string {
  const property = (id: string): unknown => properties.find(each => each.id === id)?.value
  const steps = (property('thresholds') as { steps?: readonly Threshold[] } | undefined)?.steps
  const color = steps && !Number.isNaN(value) ? colors[colorAt(steps, value)] : 'transparent'
  const unit = property('unit')
  return `<td class="value" style="background:${color}${steps && !Number.isNaN(value) ? ';color:#fff' : ''}">${written(value, typeof unit === 'string' ? unit : 'short')}</td>`
}

const colorAt = (steps: readonly Threshold[], value: number): string =>
  steps.findLast(step => step.value === null || value >= (step.value ?? -Infinity))?.color ?? 'green'

const colors: Readonly<Record<string, string>> = {
  green: '#15803d',
  yellow: '#a16207',
  orange: '#c2410c',
  red: '#b91c1c'
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const style = `
  body { margin: 16px; font: 13px system-ui, sans-serif; color: #111827; background: #f4f5f5 }
  h1 { font-size: 18px; margin: 0 0 12px } h2 { font-size: 12px; margin: 0 0 6px; font-weight: 600 }
  main { position: relative }
  section { position: absolute; background: #fff; border: 1px solid #e5e7eb; border-radius: 3px; padding: 8px; box-sizing: border-box; overflow: hidden }
  .number { margin: 0; height: calc(100% - 24px); display: grid; place-items: center; font-size: 30px; font-weight: 600; border-radius: 3px }
  table { width: 100%; border-collapse: collapse; font-size: 12px } th { text-align: left; color: #2563eb; font-weight: 600 }
  th, td { padding: 4px 6px; border-bottom: 1px solid #e5e7eb } .value { text-align: right }
  th:not(:first-child) { text-align: right }
`
