import { offeredErlangs } from '@earshot/peers'
import { epochMicros, type EpochMicros } from '@earshot/units'
import type { LocalTime } from './local-time.ts'
import { HOUR, type ReportRange } from './range.ts'

/** What a subject did in one hour of UTC. */
export type LoadedHour = {
  readonly at: EpochMicros
  /** In setup, early media and talk together: what takes a channel. */
  readonly erlangs: number
  readonly attempts: number
  readonly blocked: number
}

type Traffic = {
  readonly erlangs: number
  /** With what was blocked, if that is known (`offeredErlangs`). */
  readonly offered: number | null
}

/** When most channels are taken, by whole hours of the clock (ITU-T E.600, E.500). */
export type BusyHour = {
  /** Days on which there was something. */
  readonly days: number
  /** The time-consistent busy hour: the same hour of each day, that with the most on average. */
  readonly timeConsistent: Traffic & { readonly clock: string }
  /** The average daily peak hour (ADPFH): the mean of what each day had in its own busiest hour. */
  readonly dailyPeak: { readonly erlangs: number }
  /** The busiest of all. */
  readonly highest: Traffic & { readonly at: EpochMicros }
}

/** Of the hours that lie in the range whole; null where nothing was under way in them. */
export function busyHourOf(hours: readonly LoadedHour[], range: ReportRange, local: LocalTime): BusyHour | null {
  const whole = hours.filter(({ at }) => at >= range.from && at + HOUR <= range.to)
  const highest = greatest(whole, ({ erlangs }) => erlangs)
  if (!highest || highest.erlangs === 0) return null
  const days = Map.groupBy(whole, ({ at }) => local.momentOf(at).day)
  const times = timesOf(days, range, local)
  const clocks = Array.from(
    Map.groupBy(whole, ({ at }) => local.momentOf(at).clock),
    ([clock, same]) => ({ clock, ...trafficOf(same, times.get(clock)!) })
  )
  const peaks = Array.from(days.values(), day => greatest(day, ({ erlangs }) => erlangs)!.erlangs)
  return {
    days: days.size,
    timeConsistent: greatest(clocks, ({ erlangs }) => erlangs)!,
    dailyPeak: { erlangs: sumOf(peaks, peak => peak) / peaks.length },
    highest: { at: highest.at, ...trafficOf([highest], 1) }
  }
}

/**
 * How often each hour of the clock lies whole in the range, on these days: on the first and the last not each does, and one
 * does twice where the clock is put back.
 */
function timesOf(
  days: ReadonlyMap<string, unknown>,
  { from, to }: ReportRange,
  local: LocalTime
): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (let at = from; at + HOUR <= to; at = epochMicros(at + HOUR)) {
    const { day, clock } = local.momentOf(at)
    if (days.has(day)) times.set(clock, (times.get(clock) ?? 0) + 1)
  }
  return times
}

/** Of hours that stand for so many: those without a row had nothing. */
function trafficOf(hours: readonly LoadedHour[], count: number): Traffic {
  const erlangs = sumOf(hours, hour => hour.erlangs) / count
  const counts = { attempts: sumOf(hours, hour => hour.attempts), blocked: sumOf(hours, hour => hour.blocked) }
  return { erlangs, offered: offeredErlangs(erlangs, counts) }
}

/** The first of the greatest; undefined of none. */
export function greatest<Item>(items: Iterable<Item>, of: (item: Item) => number): Item | undefined {
  let [most, value] = [undefined as Item | undefined, -Infinity]
  for (const item of items) if (of(item) > value) [most, value] = [item, of(item)]
  return most
}

export const sumOf = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0)
