import { capacityDocument } from './capacity-document.ts'
import { capacityReport, type CapacityReport } from './capacity.ts'
import type { ReportKind } from './choices.ts'
import type { ReportDocument } from './document.ts'
import { earlyMediaDocument } from './early-media-document.ts'
import { earlyMediaReport, type EarlyMediaReport } from './early-media.ts'
import type { LocalTime } from './local-time.ts'
import { methodsDocument } from './methods-document.ts'
import { methodsReport, type MethodsReport } from './methods.ts'
import type { ReportQuery, ReportSource } from './subjects.ts'

export type Report = CapacityReport | EarlyMediaReport | MethodsReport

/** @param blocking of the report of capacity alone */
export function makeReport(
  kind: ReportKind,
  source: ReportSource,
  { blocking, ...query }: ReportQuery & { readonly blocking?: number }
): Promise<Report> {
  switch (kind) {
    case 'capacity':
      return capacityReport(source, query, blocking)
    case 'early-media':
      return earlyMediaReport(source, query)
    case 'methods':
      return methodsReport(source, query)
  }
}

export function documentOf(report: Report, local: LocalTime): ReportDocument {
  switch (report.kind) {
    case 'capacity':
      return capacityDocument(report, local)
    case 'early-media':
      return earlyMediaDocument(report, local)
    case 'methods':
      return methodsDocument(report, local)
  }
}

/** What in a report is a time, whatever it is part of. */
const times: ReadonlySet<string> = new Set([
  'from',
  'to',
  'at',
  'hour',
  'firstHour',
  'lastHour',
  'startedAt',
  'endedAt'
])

/** The report as JSON has it, with times as text in UTC. */
export const reportRow = (report: Report): object => JSON.parse(reportJson(report)) as object

export const reportJson = (report: Report): string =>
  JSON.stringify(
    report,
    (key, value: unknown) =>
      times.has(key) && typeof value === 'number' ? new Date(value / 1e3).toISOString() : value,
    1
  )
