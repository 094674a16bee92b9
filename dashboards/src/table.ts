import { TableCellDisplayMode } from '@grafana/grafana-foundation-sdk/common'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import * as table from '@grafana/grafana-foundation-sdk/table'
import { peerPage } from './console-page.ts'
import { styled, target, type Limits, type Look, type PanelBuilder, type Unit } from './panel.ts'
import type { AnyQuery } from './query.ts'

/** A column of numbers, one query. */
export type Column = {
  readonly name: string
  readonly query: AnyQuery
  readonly unit?: Unit
  readonly limits?: Limits
  readonly below?: string
}

type Rows = {
  /** The labels that all queries have in common and whose values make the rows, with the heads of their columns. */
  readonly by: Readonly<Record<string, string>>
  readonly columns: readonly Column[]
  /** Of columns of labels, by their heads: words for values. */
  readonly words?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The column by which rows are in order, highest first. */
  readonly order: string
}

/** A table of what there is now, or over the time shown, a row for each combination of labels. */
export function rows(look: Omit<Look, 'unit' | 'limits'>, { by, columns, words = {}, order }: Rows): PanelBuilder {
  const panel = styled(new table.PanelBuilder(), { ...look, unit: 'short' })
  for (const [index, { query }] of columns.entries()) {
    panel.withTarget(target({ query }, index).instant().format(PromQueryFormat.Table))
  }
  const valueOf = (index: number): string =>
    columns.length === 1 ? 'Value' : `Value #${String.fromCodePoint(65 + index)}`
  const names = Object.fromEntries(columns.map(({ name }, index) => [valueOf(index), name]))
  const ordered = [...Object.keys(by), ...columns.map((_, index) => valueOf(index))]
  panel
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(ordered.map((name, index) => [name, index])),
        renameByName: { ...by, ...names }
      }
    })
    .filterable(true)
    .sortBy([new SortBuilder(order)])
  for (const column of columns) panel.overrideByName(column.name, propertiesOf(column))
  for (const [head, texts] of Object.entries(words)) {
    const options = Object.fromEntries(Object.entries(texts).map(([value, text]) => [value, { text }]))
    panel.overrideByName(head, [{ id: 'mappings', value: [{ type: 'value', options }] }])
  }
  if (by['peer'] !== undefined) {
    const url = peerPage('${__value.text:percentencode}')
    const links = [{ title: '${__value.text} in Earshot', url, targetBlank: true }]
    panel.overrideByName(by['peer'], [{ id: 'links', value: links }])
  }
  return panel
}

class SortBuilder {
  readonly #name: string
  constructor(name: string) {
    this.#name = name
  }
  build() {
    return { displayName: this.#name, desc: true }
  }
}

function propertiesOf({ unit = 'short', limits, below = 'green' }: Column) {
  const thresholds = {
    mode: 'absolute',
    steps: [{ value: null, color: below }, ...(limits ?? []).map(({ from, color }) => ({ value: from, color }))]
  }
  const colored = { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorBackground } }
  return [
    { id: 'unit', value: unit === 'erlangs' ? 'suffix: E' : unit },
    ...(limits ? [{ id: 'thresholds', value: thresholds }, colored] : [])
  ]
}
