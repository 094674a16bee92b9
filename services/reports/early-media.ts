import { causeText, type EarlyClass, type Outcome } from '@earshot/calls'
import { countIn, Figures, percentileOf, type PeerRow, type Sums } from '@earshot/peers'
import type { SeriesRow, Side } from '@earshot/store'
import { sumOf } from './busy-hour.ts'
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
  readonly unanswered: UnansweredMedia
}

/** Of attempts with early media that are over and were not answered. */
export type UnansweredMedia = {
  /** Those of `outcomes`, without those of hours that a version summed which did not count this. */
  readonly attempts: number
  readonly meanSeconds: number | null
  /** Out of buckets: off by 19 % at most from 1 ms on; of an even number the lower of the two in the middle. */
  readonly medianSeconds: number | null
  /** Effective Q.850 causes (EM-9), most first, in all as many as attempts; '' where there was none. */
  readonly causes: readonly { readonly cause: string; readonly attempts: number }[]
}

export async function earlyMediaReport(source: ReportSource, query: ReportQuery): Promise<EarlyMediaReport> {
  const { from, to } = query
  const rows: EarlyMediaReportRow[] = []
  for await (const { subject, rows: hours } of subjectsOf(source, query)) {
    for (const side of sidesOf(hours)) {
      const row = rowOf(subject, side.direction, side.rows)
      if (row.attempts > 0) rows.push(row)
    }
  }
  return { kind: 'early-media', from, to, timeZone: source.local.timeZone, rows }
}

function rowOf(subject: Subject, direction: Side, hours: readonly SeriesRow[]): EarlyMediaReportRow {
  const all = together(hours)
  const { attempts, classes, earlyMedia, diagnoses, figures } = all.rows()[0]!
  const [sums] = all.sums()
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
    diagnoses,
    unanswered: unansweredIn(sums!)
  }
}

/** All hours as figures of one peer in one direction; whose they are the caller knows. */
function together(hours: readonly SeriesRow[]): Figures {
  const figures = new Figures()
  figures.merge(hours.map(({ sums }) => ({ ...sums, peer: '', direction: 'outbound' as const })))
  return figures
}

function unansweredIn({ tallies, unansweredCauses = {} }: Sums): UnansweredMedia {
  const lengths = tallies?.spreads.early_media_unanswered
  if (!lengths) return { attempts: 0, meanSeconds: null, medianSeconds: null, causes: [] }
  const attempts = countIn(lengths)
  const known = Object.entries(unansweredCauses).map(([cause, count]) => ({ cause: nameOf(cause), attempts: count }))
  const without = attempts - sumOf(known, each => each.attempts)
  const causes = without > 0 ? [...known, { cause: '', attempts: without }] : known
  return {
    attempts,
    meanSeconds: lengths.micros / 1e6 / attempts,
    medianSeconds: percentileOf(lengths, 0.5),
    causes: causes.sort((a, b) => b.attempts - a.attempts || (a.cause < b.cause ? -1 : 1))
  }
}

const nameOf = (cause: string): string => (cause === 'other' ? cause : causeText(Number(cause)))
