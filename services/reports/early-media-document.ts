import { outcomes, type Outcome } from '@earshot/calls'
import { barChart, mostBars } from './bar-chart.ts'
import { sumOf } from './busy-hour.ts'
import type { Chart, ReportDocument } from './document.ts'
import type { EarlyMediaReport, EarlyMediaReportRow } from './early-media.ts'
import { countText, durationText, percentText } from './formats.ts'
import type { LocalTime } from './local-time.ts'
import { palette } from './palette.ts'
import { sheetOf, type Column } from './sheet.ts'
import { aboutRange, subjectColumns, subjectText } from './subject-text.ts'

export function earlyMediaDocument(report: EarlyMediaReport, local: LocalTime): ReportDocument {
  const { rows } = report
  // All directions of a subject stand last.
  const whole = rows.filter(({ subject }, index) => rows[index + 1]?.subject !== subject)
  return {
    title: 'Early media',
    about: aboutRange(report, local),
    sheets: [
      sheetOf('What became of it', columns, rows),
      sheetOf('Why it could not play, or what is doubtful', diagnosisColumns, whole.flatMap(diagnosesOf)),
      sheetOf('Causes where it was not answered', causeColumns, whole.flatMap(causesOf))
    ].filter((sheet, index) => index === 0 || sheet.rows.length > 0),
    charts: [outcomeChart(rows), diagnosisChart(whole)].filter(chart => chart !== undefined),
    notes: [
      'Early media is a session description in an early dialog that both sides can play (EM-1 to EM-8 in docs/counting.md), not every 183. Unusable, vetoed and precondition are attempts whose description was there and could not play.',
      'Rate, answered and abandoned are over attempts that are over and were not cancelled because another way was answered (K-3).',
      'Diagnoses: one attempt may have several. Causes, and mean and median if unanswered, are those of all attempts with early media that are over and were not answered, as far as hours have them (those that version 0.1.0 summed before 23 November 2026 do not); the median is off by 19 % at most.'
    ]
  }
}

const columns: readonly Column<EarlyMediaReportRow>[] = [
  ...subjectColumns<EarlyMediaReportRow>(),
  { key: 'attempts', head: 'attempts', value: row => row.attempts, format: countText },
  { key: 'earlyMedia', head: 'early media', value: row => row.earlyMedia, format: countText },
  { key: 'rate', head: 'rate', value: row => row.rate, format: percentText },
  { key: 'answeredRate', head: 'answered', value: row => row.answeredRate, format: percentText },
  { key: 'abandonRate', head: 'abandoned', value: row => row.abandonRate, format: percentText },
  { key: 'unusable', head: 'unusable', value: row => row.classes.unusable ?? 0, format: countText },
  { key: 'vetoed', head: 'vetoed', value: row => row.classes.vetoed ?? 0, format: countText },
  { key: 'precondition', head: 'precondition', value: row => row.classes.precondition ?? 0, format: countText },
  { key: 'seconds', head: 'in all', value: row => row.seconds, format: durationText },
  { key: 'meanSeconds', head: 'mean', value: row => row.meanSeconds, format: durationText },
  {
    key: 'unansweredAttempts',
    head: 'unanswered, with length and cause',
    value: row => row.unanswered.attempts,
    format: countText,
    isDetail: true
  },
  {
    key: 'medianSeconds',
    head: 'median if unanswered',
    value: row => row.unanswered.medianSeconds,
    format: durationText
  },
  {
    key: 'unansweredMeanSeconds',
    head: 'mean if unanswered',
    value: row => row.unanswered.meanSeconds,
    format: durationText,
    isDetail: true
  },
  ...outcomeGroups().flatMap(({ text, outcomes: own }) =>
    own.map((outcome): Column<EarlyMediaReportRow> => ({
      key: outcome,
      head: own.length === 1 ? text : outcome,
      value: row => row.outcomes[outcome] ?? 0,
      format: countText,
      isDetail: true
    }))
  )
]

type Counted = Pick<EarlyMediaReportRow, 'subject' | 'direction'> & { readonly name: string; readonly attempts: number }

const countedColumns = (key: string): Column<Counted>[] => [
  ...subjectColumns<Counted>(),
  { key, head: key, value: ({ name }) => name },
  { key: 'attempts', head: 'attempts', value: ({ attempts }) => attempts, format: countText }
]

const diagnosisColumns = countedColumns('diagnosis')
const causeColumns = countedColumns('cause')

const diagnosesOf = ({ subject, direction, diagnoses }: EarlyMediaReportRow): Counted[] =>
  diagnoses.map(({ code, attempts }) => ({ subject, direction, name: code, attempts }))

const causesOf = ({ subject, direction, unanswered }: EarlyMediaReportRow): Counted[] =>
  unanswered.causes.map(({ cause, attempts }) => ({ subject, direction, name: cause || 'none given', attempts }))

type OutcomeGroup = { readonly text: string; readonly colour: string; readonly outcomes: readonly Outcome[] }

/** As the page and the table of `analyze` tell outcomes apart. */
function outcomeGroups(): readonly OutcomeGroup[] {
  const told: readonly Outcome[] = ['answered', 'busy', 'no_answer', 'cancelled', 'open']
  const failed = outcomes.filter(outcome => !told.includes(outcome))
  return [
    { text: 'answered', colour: palette.blue, outcomes: ['answered'] },
    { text: 'busy', colour: palette.sky, outcomes: ['busy'] },
    { text: 'no answer', colour: palette.yellow, outcomes: ['no_answer'] },
    { text: 'cancelled', colour: palette.orange, outcomes: ['cancelled'] },
    { text: 'failed', colour: palette.vermilion, outcomes: failed }
  ]
}

const rowText = ({ subject, direction }: Pick<EarlyMediaReportRow, 'subject' | 'direction'>): string =>
  `${subjectText(subject)} ${direction}`

const largest = (
  rows: readonly EarlyMediaReportRow[],
  of: (row: EarlyMediaReportRow) => number
): EarlyMediaReportRow[] =>
  rows
    .filter(row => of(row) > 0 && row.subject.kind === 'peer')
    .toSorted((a, b) => of(b) - of(a))
    .slice(0, mostBars)

function outcomeChart(rows: readonly EarlyMediaReportRow[]): Chart | undefined {
  const groups = outcomeGroups()
  const bars = largest(rows, row => row.earlyMedia).flatMap(row =>
    groups.map(group => ({
      row: rowText(row),
      part: group.text,
      count: sumOf(group.outcomes, outcome => row.outcomes[outcome] ?? 0)
    }))
  )
  const parts = groups.map(({ text, colour }) => [text, colour] as const)
  return barChart('Outcomes of attempts with early media', bars, { parts, of: 'share' })
}

function diagnosisChart(rows: readonly EarlyMediaReportRow[]): Chart | undefined {
  const shown = largest(rows, ({ diagnoses }) => sumOf(diagnoses, ({ attempts }) => attempts))
  const bars = shown.flatMap(row =>
    row.diagnoses.map(({ code, attempts }) => ({ row: rowText(row), part: code, count: attempts }))
  )
  const colours = Object.values(palette)
  const codes = [...new Set(bars.map(({ part }) => part))]
  const parts = codes.map((code, index) => [code, colours[index % colours.length]!] as const)
  return barChart('Diagnoses', bars, { parts, of: 'attempts' })
}
