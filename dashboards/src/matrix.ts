import { TableCellDisplayMode } from '@grafana/grafana-foundation-sdk/common'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import * as table from '@grafana/grafana-foundation-sdk/table'
import { peerPage } from './console-page.ts'
import { styled, target, type Look, type PanelBuilder } from './panel.ts'
import type { Query } from './query.ts'

type Cells<Label extends string> = {
  readonly query: Query<Label>
  /** The labels whose values make the rows, the columns and what is in the cells. */
  readonly row: Label
  readonly column: Label
  readonly cell: Label
  readonly colors: Readonly<Record<string, string>>
}

/** A table of words: what there is now, by two labels. Rows of peers lead to their pages. */
export function matrix<Label extends string>(
  look: Omit<Look, 'unit' | 'limits'>,
  { query, row, column, cell, colors }: Cells<Label>
): PanelBuilder {
  const words = Object.fromEntries(Object.entries(colors).map(([text, color]) => [text, { text, color }]))
  const panel = styled(new table.PanelBuilder(), { ...look, unit: 'none' })
    .withTarget(target({ query }, 0).instant().format(PromQueryFormat.Table))
    .withTransformation({
      id: 'groupingToMatrix',
      options: { rowField: row, columnField: column, valueField: cell, emptyValue: 'empty' }
    })
    .mappings([{ type: 'value' as never, options: words }])
    .cellOptions({ type: TableCellDisplayMode.ColorBackground } as never)
    .filterable(true)
  if (row === 'peer') {
    const url = peerPage('${__value.text:percentencode}')
    const links = [{ title: '${__value.text} in Earshot', url, targetBlank: true }]
    panel.overrideByName(`${row}\\${column}`, [{ id: 'links', value: links }])
  }
  return panel
}
