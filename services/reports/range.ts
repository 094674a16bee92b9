import { mostSteps } from '@earshot/store'
import { epochMicros, type EpochMicros } from '@earshot/units'
import type { LocalTime } from './local-time.ts'

/** Whole hours of UTC, as rollups of so long a time are; the last one up to a whole minute, if it is not over. */
export type ReportRange = { readonly from: EpochMicros; readonly to: EpochMicros }

export const HOUR = 3600e6
const MINUTE = 60e6

/** What was asked for cannot be reported, and why, for people. */
export class BadReportRequest extends Error {}

const USUAL_DAYS = 7

/**
 * The range that people name by two texts, as `LocalTime.moment` reads them: a day without a time as `to` is over with
 * its end. Without `to` up to now, without `from` the seven days before that. Never beyond the minute that it is now.
 *
 * @throws BadReportRequest
 */
export function rangeOf(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  local: LocalTime,
  now: EpochMicros
): ReportRange {
  const asked = to === undefined ? now : endOf(to, local)
  const end = epochMicros(Math.min(wholeHour(asked, Math.ceil), Math.floor(now / MINUTE) * MINUTE))
  const start = from === undefined ? sevenDaysBefore(end, local) : wholeHour(momentIn(from, local), Math.floor)
  if (start >= end) throw new BadReportRequest(`nothing lies between ${local.text(start)} and ${local.text(end)}`)
  if (end - start > mostSteps * HOUR) throw new BadReportRequest(`a report has at most ${mostSteps} hours`)
  return { from: start, to: end }
}

function momentIn(text: string, local: LocalTime): EpochMicros {
  const moment = local.moment(text)
  if (moment === undefined) throw new BadReportRequest(`${text} is no time: write 2026-11-23, or 2026-11-23 10:00`)
  return moment
}

/** The next day begins 24 hours later, or 23, or 25. */
function endOf(text: string, local: LocalTime): EpochMicros {
  const moment = momentIn(text, local)
  if (!/^\s*[\d-]+\s*$/.test(text)) return moment
  return momentIn(local.momentOf(epochMicros(moment + 30 * HOUR)).day, local)
}

const sevenDaysBefore = (end: EpochMicros, local: LocalTime): EpochMicros =>
  wholeHour(momentIn(local.momentOf(epochMicros(end - USUAL_DAYS * 24 * HOUR)).day, local), Math.floor)

const wholeHour = (at: number, rounded: (hours: number) => number): EpochMicros =>
  epochMicros(rounded(at / HOUR) * HOUR)
