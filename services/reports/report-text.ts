import Table from 'cli-table3'
import { printable } from '../printable.ts'
import type { ReportDocument } from './document.ts'
import type { Sheet } from './sheet.ts'

/** For a terminal: tables without their details. */
export const reportText = ({ title, about, sheets }: ReportDocument): string =>
  `${title}: ${about.join('; ')}\n${sheets.map(sheetText).join('')}`

function sheetText({ title, columns, rows }: Sheet): string {
  const shown = columns.map((column, index) => ({ ...column, index })).filter(({ isDetail }) => !isDetail)
  const table = new Table({
    // As narrow as the numbers below.
    head: shown.map(({ head }) => head.replaceAll(' ', '\n')),
    colAligns: shown.map(({ isNumber }) => (isNumber ? 'right' : 'left')),
    style: { head: [], border: [], compact: true }
  })
  table.push(...rows.map(cells => shown.map(({ index }) => printable(cells[index]!.text))))
  return `\n${title}\n${rows.length > 0 ? table.toString() : 'nothing'}\n`
}
