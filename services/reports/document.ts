import type { TopLevelSpec } from 'vega-lite'
import type { Sheet } from './sheet.ts'

/** A report as people get it, whatever its format. */
export type ReportDocument = {
  readonly title: string
  /** Of when, of whom, and by what rules: a line each. */
  readonly about: readonly string[]
  /** The first is what a spreadsheet gets. */
  readonly sheets: readonly Sheet[]
  readonly charts: readonly Chart[]
  /** What the figures mean. */
  readonly notes: readonly string[]
}

export type Chart = { readonly title: string; readonly spec: TopLevelSpec }
