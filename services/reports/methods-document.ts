import { barChart, mostBars } from './bar-chart.ts'
import type { Chart, ReportDocument } from './document.ts'
import { countText } from './formats.ts'
import type { LocalTime } from './local-time.ts'
import type { MethodsReport, MethodsReportRow, Regression } from './methods.ts'
import { palette } from './palette.ts'
import { sheetOf, type Column } from './sheet.ts'
import { aboutRange, subjectColumn, subjectText } from './subject-text.ts'
import { timeAxis } from './time-axis.ts'

export function methodsDocument(report: MethodsReport, local: LocalTime): ReportDocument {
  const { rows, regressions } = report
  return {
    title: 'Rejected methods',
    about: aboutRange(report, local),
    sheets: [
      sheetOf('Rejections', rowColumns(report, local), rows),
      ...(regressions.length > 0 ? [sheetOf('Regressions', regressionColumns(local), regressions)] : [])
    ],
    charts: [rejectionChart(rows), regressionChart(report, local)].filter(chart => chart !== undefined),
    notes: [
      'Each transaction that was answered 501 or 405 counts once, for who answered (MC-1 to MC-5 in docs/counting.md). An INVITE that was rejected says nothing about the method.',
      'A regression is a method that worked and is rejected since (MC-9), or that was in the Allow and is not any more (MC-10).'
    ]
  }
}

function rowColumns({ regressions }: MethodsReport, local: LocalTime): readonly Column<MethodsReportRow>[] {
  const regressed = ({ subject, method }: MethodsReportRow): Regression | undefined =>
    subject.kind === 'peer'
      ? regressions.findLast(
          each => each.peer === subject.name && each.method === method && each.kind === 'method_regression'
        )
      : undefined
  return [
    subjectColumn<MethodsReportRow>(),
    { key: 'method', head: 'method', value: row => row.method },
    { key: 'code', head: 'code', value: row => row.code, format: String },
    { key: 'transactions', head: 'transactions', value: row => row.transactions, format: countText },
    { key: 'firstHour', head: 'first (hour)', value: row => local.text(row.firstHour) },
    { key: 'lastHour', head: 'last (hour)', value: row => local.text(row.lastHour) },
    {
      key: 'regressedAt',
      head: 'regressed',
      value: row => {
        const found = regressed(row)
        return found && local.text(found.startedAt)
      }
    },
    {
      key: 'recoveredAt',
      head: 'recovered',
      value: row => {
        const found = regressed(row)
        return found?.endedAt === undefined ? undefined : local.text(found.endedAt)
      }
    }
  ]
}

const regressionColumns = (local: LocalTime): readonly Column<Regression>[] => [
  { key: 'peer', head: 'peer', value: ({ peer }) => peer },
  { key: 'method', head: 'method', value: ({ method }) => method },
  { key: 'kind', head: 'what', value: ({ kind }) => (kind === 'allow_drop' ? 'not in its Allow' : 'rejected') },
  { key: 'startedAt', head: 'since', value: ({ startedAt }) => local.text(startedAt) },
  { key: 'endedAt', head: 'until', value: ({ endedAt }) => (endedAt === undefined ? 'it lasts' : local.text(endedAt)) },
  { key: 'summary', head: 'summary', value: ({ summary }) => summary, isDetail: true }
]

function rejectionChart(rows: readonly MethodsReportRow[]): Chart | undefined {
  const shown = rows
    .filter(({ subject }) => subject.kind === 'peer')
    .toSorted((a, b) => b.transactions - a.transactions)
  const bars = shown.slice(0, mostBars).map(({ subject, method, code, transactions }) => ({
    row: `${subjectText(subject)} ${method}`,
    part: String(code),
    count: transactions
  }))
  const parts = [
    ['501', palette.vermilion],
    ['405', palette.blue]
  ] as const
  return barChart('Rejections by peer and method', bars, { parts, of: 'transactions' })
}

function regressionChart({ regressions, from, to }: MethodsReport, local: LocalTime): Chart | undefined {
  const utcText = (at: typeof from): string => `${local.text(at).replace(' ', 'T')}Z`
  const values = regressions.slice(0, mostBars).map(({ peer, method, kind, startedAt, endedAt = to }) => ({
    row: `${peer} ${method}`,
    what: kind === 'allow_drop' ? 'not in its Allow' : 'rejected',
    from: utcText(startedAt < from ? from : startedAt),
    to: utcText(endedAt > to ? to : endedAt)
  }))
  if (values.length === 0) return undefined
  return {
    title: 'When methods did not work as before',
    spec: {
      width: 700,
      data: { values },
      mark: { type: 'bar', height: 10, minBandSize: 2 },
      encoding: {
        y: { field: 'row', type: 'nominal', title: null, sort: null },
        x: {
          field: 'from',
          type: 'temporal',
          scale: { type: 'utc', domainMin: Date.parse(utcText(from)), domainMax: Date.parse(utcText(to)) },
          axis: timeAxis({ from, to }),
          title: null
        },
        x2: { field: 'to' },
        color: {
          field: 'what',
          type: 'nominal',
          title: null,
          scale: { domain: ['rejected', 'not in its Allow'], range: [palette.vermilion, palette.blue] }
        }
      }
    }
  }
}
