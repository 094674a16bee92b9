import { channelsFor, erlangB, medianOf, offeredErlangs, weeklySlope, type Contract } from '@earshot/peers'
import { phases, type Phase, type SeriesRow, type Side } from '@earshot/store'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { busyHourOf, greatest, sumOf, type BusyHour, type LoadedHour } from './busy-hour.ts'
import { usualBlocking } from './choices.ts'
import type { LocalTime } from './local-time.ts'
import { HOUR, type ReportRange } from './range.ts'
import { attemptsOf, sidesOf, type SideRows } from './sides.ts'
import { subjectsOf, type ReportQuery, type ReportSource, type Subject, type SubjectHours } from './subjects.ts'

/** How much of its channels each peer took, how much of that nobody paid for, and how many it needs. */
export type CapacityReport = ReportRange & {
  readonly kind: 'capacity'
  readonly timeZone: string
  /** Share of calls that may find no channel free, by which channels are told. */
  readonly blocking: number
  readonly rows: readonly CapacityReportRow[]
}

/** One subject in one direction, or in both: internal attempts are in none. */
export type CapacityReportRow = {
  readonly subject: Subject
  readonly direction: Side
  readonly attempts: number
  /** Of them, those refused with 503 before anything rang or played: they found no channel. */
  readonly blocked: number
  /** Time in which calls took a channel, by the hours in which it was. */
  readonly seconds: Readonly<Record<Exclude<Phase, 'total'>, number>>
  /** The same over the length of the report; `offered` is all of it with what was blocked. */
  readonly erlangs: Readonly<Record<Exclude<Phase, 'total'> | 'carried', number>> & { readonly offered: number | null }
  /** Attempts begun in one second; null of a group, whose peers are known by the hour. */
  readonly busySecond: SeriesRow['busySecond']
  /** Most calls at a time, and the hour in which that was; null where there were none, and of a group. */
  readonly peaks: Readonly<Record<Phase, { readonly calls: number; readonly hour: EpochMicros } | null>>
  readonly busyHour: BusyHour | null
  /** That let through all but `blocking` of what is offered in the time-consistent and the highest hour (Erlang B). */
  readonly channels: { readonly timeConsistent: number | null; readonly highest: number | null }
  /** Of all directions that there are, for that is what contracts are about. */
  readonly contract?: ContractUse
  /** Of what the busiest hour of a day takes; null for less than two whole weeks. */
  readonly growth: Growth | null
  /** For charts, of all directions that there are; those in which nothing was under way are left out. */
  readonly hours?: readonly ReportHour[]
}

export type ContractUse = Contract & {
  /** Below 0 where more was used; absent where the most is not known. */
  readonly headroom: Contract
  /** Share of calls that the contracted ones would have refused in the time-consistent busy hour (Erlang B). */
  readonly blocking?: number
}

export type Growth = {
  /** Erlangs. */
  readonly perWeek: number
  /** Of thirty days. */
  readonly perMonth: number
  /** `perWeek` as a share of the median day; null where that is 0. */
  readonly perWeekShare: number | null
}

export type ReportHour = {
  readonly at: EpochMicros
  /** Erlangs of the hour. */
  readonly setup: number
  readonly earlyMedia: number
  readonly established: number
  /** Most calls at a time; null of a group. */
  readonly peak: number | null
}

/** Hours are kept of so many subjects, those with most traffic: a report of all peers can be read by a person. */
const MOST_CHARTED = 12

/** @param blocking between 0 and 1, both excluded */
export async function capacityReport(
  source: ReportSource,
  query: ReportQuery,
  blocking = usualBlocking
): Promise<CapacityReport> {
  const { from, to } = query
  const rows: CapacityReportRow[] = []
  for await (const each of subjectsOf(source, query)) {
    for (const { direction, isWhole, rows: own } of sidesOf(each.rows)) {
      const row = rowOf({ ...each, rows: own }, { direction, isWhole, from, to, blocking, local: source.local })
      // Somebody who only rejects requests takes no channel.
      if (row.attempts > 0 || row.erlangs.carried > 0) rows.push(row)
    }
    leaveOutHours(rows)
  }
  return { kind: 'capacity', from, to, timeZone: source.local.timeZone, blocking, rows }
}

type Frame = ReportRange & Omit<SideRows, 'rows'> & { readonly blocking: number; readonly local: LocalTime }

function rowOf(
  { subject, rows, contract }: SubjectHours,
  { direction, isWhole, from, to, blocking, local }: Frame
): CapacityReportRow {
  const isGroup = subject.kind === 'group'
  const counts = { attempts: sumOf(rows, attemptsOf), blocked: sumOf(rows, blockedOf) }
  const seconds = {
    setup: secondsOf(rows, 'setup'),
    earlyMedia: secondsOf(rows, 'earlyMedia'),
    established: secondsOf(rows, 'established')
  }
  const length = (to - from) / 1e6
  const carried = (seconds.setup + seconds.earlyMedia + seconds.established) / length
  const busyHour = busyHourOf(loadedHours(rows), { from, to }, local)
  const peaks = Object.fromEntries(phases.map(phase => [phase, isGroup ? null : peakOf(rows, phase)]))
  const row: Omit<CapacityReportRow, 'contract'> = {
    subject,
    direction,
    ...counts,
    seconds,
    erlangs: {
      setup: seconds.setup / length,
      earlyMedia: seconds.earlyMedia / length,
      established: seconds.established / length,
      carried,
      offered: offeredErlangs(carried, counts)
    },
    busySecond: isGroup ? null : busiestSecond(rows),
    peaks: peaks as CapacityReportRow['peaks'],
    busyHour,
    channels: {
      timeConsistent: channels(busyHour?.timeConsistent.offered, blocking),
      highest: channels(busyHour?.highest.offered, blocking)
    },
    growth: growthOf(rows, { from, to, local }),
    ...(isWhole && { hours: chartedHours(rows, isGroup) })
  }
  const use = isWhole ? contractUse(contract, row) : undefined
  return { ...row, ...(use && { contract: use }) }
}

const blockedOf = ({ sums }: SeriesRow): number => sums.attempts.none?.congestion ?? 0

/** To the microsecond, as the hours have them. */
const secondsOf = (rows: readonly SeriesRow[], phase: Phase): number =>
  Math.round(sumOf(rows, ({ concurrent }) => concurrent[phase].seconds * 1e6)) / 1e6

const busiestSecond = (rows: readonly SeriesRow[]): SeriesRow['busySecond'] =>
  greatest(rows, ({ busySecond }) => busySecond?.attempts ?? 0)?.busySecond ?? null

function peakOf(rows: readonly SeriesRow[], phase: Phase): CapacityReportRow['peaks'][Phase] {
  const row = greatest(rows, ({ concurrent }) => concurrent[phase].peak)
  const calls = row?.concurrent[phase].peak ?? 0
  return row && calls > 0 ? { calls, hour: row.at } : null
}

/** The rows of a group's peers of one hour are one hour. */
const loadedHours = (rows: readonly SeriesRow[]): LoadedHour[] =>
  Array.from(
    Map.groupBy(rows, ({ at }) => at),
    ([at, same]) => ({
      at,
      erlangs: secondsOf(same, 'total') / 3600,
      attempts: sumOf(same, attemptsOf),
      blocked: sumOf(same, blockedOf)
    })
  )

const chartedHours = (rows: readonly SeriesRow[], isGroup: boolean): ReportHour[] =>
  Array.from(
    Map.groupBy(rows, ({ at }) => at),
    ([at, same]) => ({
      at,
      setup: secondsOf(same, 'setup') / 3600,
      earlyMedia: secondsOf(same, 'earlyMedia') / 3600,
      established: secondsOf(same, 'established') / 3600,
      peak: isGroup ? null : same[0]!.concurrent.total.peak
    })
  )

const channels = (offered: number | null | undefined, blocking: number): number | null =>
  typeof offered === 'number' ? channelsFor(offered, blocking) : null

function contractUse(
  { calls, cps }: Contract = {},
  { peaks, busySecond, busyHour }: Pick<CapacityReportRow, 'peaks' | 'busySecond' | 'busyHour'>
): ContractUse | undefined {
  if (calls === undefined && cps === undefined) return undefined
  const offered = busyHour?.timeConsistent.offered
  return {
    ...(calls !== undefined && { calls }),
    ...(cps !== undefined && { cps }),
    headroom: {
      ...(calls !== undefined && peaks.total && { calls: calls - peaks.total.calls }),
      ...(cps !== undefined && busySecond && { cps: cps - busySecond.attempts })
    },
    ...(calls !== undefined && typeof offered === 'number' && { blocking: erlangB(offered, calls) })
  }
}

/** Of days that the report has from their beginning to their end. */
function growthOf(
  rows: readonly SeriesRow[],
  { from, to, local }: Pick<Frame, 'from' | 'to' | 'local'>
): Growth | null {
  const peaks = new Map<string, number>()
  for (const { at, erlangs } of loadedHours(rows)) {
    const { day } = local.momentOf(at)
    peaks.set(day, Math.max(peaks.get(day) ?? 0, erlangs))
  }
  const first = local.momentOf(from)
  const days = new Set<string>()
  for (let at = from; at < to; at = epochMicros(at + HOUR)) days.add(local.momentOf(at).day)
  if (first.clock !== '00:00') days.delete(first.day)
  // The day that `to` lies in is not over, unless it has just begun.
  days.delete(local.momentOf(to).day)
  const daily = Array.from(days, day => peaks.get(day) ?? null)
  const perWeek = weeklySlope(daily)
  if (perWeek === null) return null
  const median = medianOf(daily.filter(each => each !== null)) ?? 0
  return { perWeek, perMonth: (perWeek * 30) / 7, perWeekShare: median > 0 ? perWeek / median : null }
}

/** Keeps the hours of the largest alone. */
function leaveOutHours(rows: CapacityReportRow[]): void {
  const charted = rows.filter(({ hours }) => hours !== undefined)
  if (charted.length <= MOST_CHARTED) return
  const least = charted.reduce((a, b) => (b.erlangs.carried < a.erlangs.carried ? b : a))
  const { hours: _hours, ...row } = least
  rows[rows.indexOf(least)] = row
}
