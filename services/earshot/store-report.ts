import { emptyRegistry, loadRegistry, type Registry } from '@earshot/peers'
import type { Config } from '@earshot/runtime'
import { epochMicros } from '@earshot/units'
import { openStore, storeMissing } from '../recorder/open-store.ts'
import type { ReportFormat, ReportKind } from '../reports/choices.ts'
import { LocalTime } from '../reports/local-time.ts'
import { BadReportRequest, rangeOf } from '../reports/range.ts'
import { reportCsv } from '../reports/report-csv.ts'
import { reportHtml } from '../reports/report-html.ts'
import { reportText } from '../reports/report-text.ts'
import { documentOf, makeReport, reportJson, type Report } from '../reports/report.ts'

export type ReportOptions = {
  readonly from?: string
  readonly to?: string
  readonly peer?: string
  readonly group?: string
  readonly format: ReportFormat
  /** Share of calls that may find no channel. */
  readonly blocking: number
}

/**
 * Prints a report of what the store keeps; a recorder may go on writing it.
 *
 * @throws BadReportRequest for what cannot be reported; RegistryError
 */
export async function storeReport(
  kind: ReportKind,
  { from, to, peer, group, format, blocking }: ReportOptions,
  config: Config,
  write: (text: string) => Promise<void>
): Promise<void> {
  const local = new LocalTime(config.timezone)
  const registry = config.peersFile === undefined ? emptyRegistry : await loadRegistry(config.peersFile)
  const range = rangeOf({ from, to }, local, epochMicros(Date.now() * 1e3))
  if (group !== undefined) checkGroup(registry, group)
  const missing = storeMissing(config)
  if (missing !== undefined) throw new BadReportRequest(missing)

  const store = openStore(config)
  await store.start()
  try {
    // Nobody may have done it since the last records came.
    const { staleMinutes } = await store.size()
    if (staleMinutes > MANY_MINUTES) process.stderr.write(`earshot: summing up ${staleMinutes} minutes first\n`)
    await store.refresh('minute')
    await store.refresh('hour')
    const asked = { ...range, blocking, ...(peer !== undefined && { peer }), ...(group !== undefined && { group }) }
    const report = await makeReport(kind, { store, registry, local }, asked)
    await write(await written(report, format, local))
  } finally {
    await store.stop()
  }
}

/** By then it takes seconds. */
const MANY_MINUTES = 2000

async function written(report: Report, format: ReportFormat, local: LocalTime): Promise<string> {
  switch (format) {
    case 'table':
      return reportText(documentOf(report, local))
    case 'csv':
      return reportCsv(documentOf(report, local))
    case 'json':
      return `${reportJson(report)}\n`
    case 'html':
      return reportHtml(documentOf(report, local))
  }
}

function checkGroup({ entries }: Registry, group: string): void {
  if (entries.some(entry => entry.group === group && !entry.ours)) return
  const groups = [...new Set(entries.flatMap(entry => entry.group ?? []))].sort()
  const known =
    groups.length > 0 ? `groups are ${groups.join(', ')}` : 'the registry of peers (--peers-file) names none'
  throw new BadReportRequest(`no group ${group}: ${known}`)
}
