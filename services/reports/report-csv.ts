import { stringify } from 'csv-stringify/sync'
import type { ReportDocument } from './document.ts'

/** The first table with all its columns, numbers as they are, for a spreadsheet. */
export function reportCsv({ sheets }: ReportDocument): string {
  const [sheet] = sheets
  if (!sheet) return ''
  return stringify(
    sheet.rows.map(cells => cells.map(({ value }) => value)),
    // A name from the wire must not become a formula.
    { header: true, columns: sheet.columns.map(({ key }) => key), escape_formulas: true }
  )
}
