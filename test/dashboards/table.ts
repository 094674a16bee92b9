import type { Panel, Threshold } from '@grafana/grafana-foundation-sdk/dashboard'
import { escaped } from '../../services/html.ts'
import { written, type Given } from './chart.ts'

type Labels = Readonly<Record<string, string>>

/** A table as Grafana makes it of the answers: merged into rows, or turned into a matrix. */
export function table(panel: Panel, given: readonly Given[]): string {
  const turned = panel.transformations?.find(({ id }) => id === 'groupingToMatrix')
  if (turned) return matrix(panel, given, turned.options as Turning)
  const organized = panel.transformations?.find(({ id }) => id === 'organize')
  if (!organized) throw new Error(`nobody draws the table ${panel.title}`)
  return merged(panel, given, (organized.options as { readonly renameByName: Labels }).renameByName)
}

type Column = { readonly name: string; readonly cells: ReadonlyMap<string, number> }

/** A row for each combination of the labels that all answers have. */
function merged(panel: Panel, given: readonly Given[], renamed: Labels): string {
  const own = Object.keys(renamed).filter(name => !name.startsWith('Value'))
  const shared = own.filter(label => given.every(({ series }) => series.every(({ metric }) => label in metric)))
  const keyOf = (metric: Labels): string => shared.map(label => metric[label]).join('\0')
  const rows = new Map<string, Labels>()
  const columns = given.map(({ series }, index): Column => {
    for (const { metric } of series) rows.set(keyOf(metric), { ...rows.get(keyOf(metric)), ...metric })
    return {
      name: renamed[given.length === 1 ? 'Value' : `Value #${String.fromCodePoint(65 + index)}`] ?? '',
      cells: new Map(series.map(({ metric, values }) => [keyOf(metric), values.at(-1)?.[1] ?? NaN]))
    }
  })
  const body = inOrder(panel, [...rows.keys()], columns).map(key => [
    ...own.map(label => word(panel, renamed[label] ?? '', rows.get(key)?.[label] ?? '')),
    ...columns.map(({ name, cells }) => number(propertiesOf(panel, name), cells.get(key) ?? NaN))
  ])
  return html([
    [...own.map(label => `<th>${renamed[label]}</th>`), ...columns.map(({ name }) => `<th class="value">${name}</th>`)],
    ...body
  ])
}

type Turning = { readonly rowField: string; readonly columnField: string; readonly valueField: string }

function matrix(panel: Panel, [given]: readonly Given[], { rowField, columnField, valueField }: Turning): string {
  const metrics = (given?.series ?? []).map(({ metric }) => metric)
  const valuesOf = (label: string): string[] => [...new Set(metrics.map(metric => metric[label] ?? ''))].sort()
  const mapping = panel.fieldConfig?.defaults.mappings?.[0] as
    { options: Record<string, { color: string }> } | undefined
  const columns = valuesOf(columnField)
  const body = valuesOf(rowField).map(row => [
    `<td>${escaped(row)}</td>`,
    ...columns.map(column => {
      const cell = metrics.find(metric => metric[rowField] === row && metric[columnField] === column)?.[valueField]
      if (cell === undefined) return '<td></td>'
      return `<td class="word" style="background:${colors[mapping?.options[cell]?.color ?? '']}">${cell}</td>`
    })
  ])
  return html([['', ...columns].map(name => `<th>${escaped(name)}</th>`), ...body])
}

type Property = { readonly id: string; readonly value?: unknown }
type Mapped = { readonly options: Readonly<Record<string, { readonly text: string }>> }

const propertiesOf = (panel: Panel, name: string): readonly Property[] =>
  (panel.fieldConfig?.overrides ?? []).find(({ matcher }) => matcher.options === name)?.properties ?? []

const propertyOf = (properties: readonly Property[], name: string): unknown =>
  properties.find(({ id }) => id === name)?.value

function word(panel: Panel, column: string, value: string): string {
  const [mapping] = (propertyOf(propertiesOf(panel, column), 'mappings') ?? []) as readonly Mapped[]
  return `<td>${escaped(mapping?.options[value]?.text ?? value)}</td>`
}

function number(properties: readonly Property[], value: number): string {
  const unit = propertyOf(properties, 'unit')
  const thresholds = propertyOf(properties, 'thresholds') as { readonly steps?: readonly Threshold[] } | undefined
  const colored = thresholds?.steps && !Number.isNaN(value)
  const style = colored ? ` style="color:#fff;background:${colorAt(thresholds.steps, value)}"` : ''
  return `<td class="value"${style}>${written(value, typeof unit === 'string' ? unit : 'short')}</td>`
}

/** By the column that the panel sorts by, highest first. */
function inOrder(panel: Panel, keys: readonly string[], columns: readonly Column[]): string[] {
  const [by] = (panel.options as { readonly sortBy?: readonly { readonly displayName: string }[] }).sortBy ?? []
  const cells = columns.find(({ name }) => name === by?.displayName)?.cells
  return keys.toSorted((one, other) => (cells?.get(other) ?? 0) - (cells?.get(one) ?? 0) || (one < other ? -1 : 1))
}

const html = (rows: readonly (readonly string[])[]): string =>
  `<table>${rows.map(cells => `<tr>${cells.join('')}</tr>`).join('')}</table>`

/** The colour that a value has by these steps, dark enough for white text. */
export const colorAt = (steps: readonly Threshold[], value: number): string =>
  colors[steps.findLast(step => step.value === null || value >= (step.value ?? -Infinity))?.color ?? 'green'] ?? ''

const colors: Readonly<Record<string, string>> = {
  green: '#15803d',
  blue: '#1d4ed8',
  yellow: '#a16207',
  orange: '#c2410c',
  red: '#b91c1c'
}
