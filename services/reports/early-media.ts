import { causeText, outcomes, type EarlyClass, type Outcome } from '@earshot/calls'
import { Figures, medianOf, type PeerRow } from '@earshot/peers'
import type { AttemptQuery, SeriesRow, Side, Store } from '@earshot/store'
import { everyRow } from './pages.ts'
import type { ReportRange } from './range.ts'
import { sidesOf } from './sides.ts'
import { subjectsOf, type ReportQuery, type ReportSource, type Subject } from './subjects.ts'

/** What became of early media, and why it could not play. */
export type EarlyMediaReport = ReportRange & {
  readonly kind: 'early-media'
  readonly timeZone: string
  readonly rows: readonly EarlyMediaReportRow[]
}

export type EarlyMediaReportRow = {
  readonly subject: Subject
  readonly direction: Side
  readonly attempts: number
  /** By the most that was heard before the answer (EM-2). */
  readonly classes: Partial<Record<EarlyClass, number>>
  /** Attempts of class early_media. */
  readonly earlyMedia: number
  readonly outcomes: Partial<Record<Outcome, number>>
  /** Shares of 1, of judged attempts (K-3); null of nothing. */
  readonly rate: number | null
  readonly answeredRate: number | null
  readonly abandonRate: number | null
  /** Of all early media together, and its mean length. */
  readonly seconds: number
  readonly meanSeconds: number | null
  readonly diagnoses: PeerRow['diagnoses']
  /** Of the newest attempts with early media that were not answered; absent of what is no peer. */
  readonly sample?: EarlyMediaSample
}

export type EarlyMediaSample = {
  /** That were looked at: all of them, or the newest `mostSampled`. */
  readonly attempts: number
  /** Of their early media. */
  readonly medianSeconds: number | null
  /** Effective Q.850 causes (EM-9), most first; '' where there was none. */
  readonly causes: readonly { readonly cause: string; readonly attempts: number }[]
}

/** Records that are read of each peer and direction: those of a month of a busy trunk would take minutes. */
export const mostSampled = 5000
const MOST_CAUSES = 10

export async function earlyMediaReport(source: ReportSource, query: ReportQuery): Promise<EarlyMediaReport> {
  const { from, to } = query
  const rows: EarlyMediaReportRow[] = []
  for await (const { subject, rows: hours } of subjectsOf(source, query)) {
    for (const side of sidesOf(hours)) {
      const row = rowOf(subject, side.direction, side.rows)
      if (row.attempts === 0) continue
      const sample =
        subject.kind === 'peer' ? await sampleOf(source.store, subject.name, side.direction, { from, to }) : undefined
      rows.push({ ...row, ...(sample && { sample }) })
    }
  }
  return { kind: 'early-media', from, to, timeZone: source.local.timeZone, rows }
}

function rowOf(subject: Subject, direction: Side, hours: readonly SeriesRow[]): EarlyMediaReportRow {
  const { attempts, classes, earlyMedia, diagnoses, figures } = together(hours)
  return {
    subject,
    direction,
    attempts,
    classes,
    earlyMedia: earlyMedia.attempts,
    outcomes: earlyMedia.outcomes,
    rate: figures.earlyMediaRate,
    answeredRate: figures.earlyMediaAsr,
    abandonRate: figures.earlyMediaAbandonRate,
    seconds: earlyMedia.seconds,
    meanSeconds: earlyMedia.attempts > 0 ? earlyMedia.seconds / earlyMedia.attempts : null,
    diagnoses
  }
}

/** All hours as one row of figures; whose they are the caller knows. */
function together(hours: readonly SeriesRow[]): PeerRow {
  const figures = new Figures()
  figures.merge(hours.map(({ sums }) => ({ ...sums, peer: '', direction: 'outbound' as const })))
  return figures.rows()[0]!
}

async function sampleOf(
  store: Pick<Store, 'attempts'>,
  peer: string,
  side: Side,
  range: ReportRange
): Promise<EarlyMediaSample> {
  const query: AttemptQuery = {
    ...range,
    ...(side !== 'both' && { direction: side }),
    peers: [peer],
    classes: ['early_media'],
    outcomes: unanswered
  }
  const seconds: number[] = []
  const causes = new Map<string, number>()
  for await (const record of everyRow(each => store.attempts(each), query)) {
    if (record.direction === 'internal') continue
    seconds.push(record.earlyMediaSeconds)
    const cause = record.effectiveCause === undefined ? '' : causeText(record.effectiveCause)
    causes.set(cause, (causes.get(cause) ?? 0) + 1)
    if (seconds.length === mostSampled) break
  }
  return {
    attempts: seconds.length,
    medianSeconds: medianOf(seconds),
    causes: Array.from(causes, ([cause, attempts]) => ({ cause, attempts }))
      .sort((a, b) => b.attempts - a.attempts || (a.cause < b.cause ? -1 : 1))
      .slice(0, MOST_CAUSES)
  }
}

const unanswered = outcomes.filter(outcome => outcome !== 'answered' && outcome !== 'open')
