import { addSums, noSums } from '@earshot/peers'
import { phases, type Occupancy, type Phase, type SeriesRow, type Store } from '@earshot/store'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { HOUR, type ReportRange } from './range.ts'

/**
 * The hours of peers in a range. Of an hour that is not over its minutes are taken: a call under way takes its channel up to
 * the end of a step, as far as a store knows, and the rest of the hour has not been yet.
 */
export async function hoursOf(
  store: Pick<Store, 'series'>,
  { from, to }: ReportRange,
  peers: readonly string[]
): Promise<readonly SeriesRow[]> {
  const whole = epochMicros(Math.floor(to / HOUR) * HOUR)
  const hours = whole > from ? await store.series({ from, to: whole, step: 'hour', peers }) : []
  if (whole === to) return hours
  return [...hours, ...asOneHour(whole, await store.series({ from: whole, to, step: 'minute', peers }))]
}

/** Minutes as one hour of each peer and direction. */
export function asOneHour(at: EpochMicros, minutes: readonly SeriesRow[]): SeriesRow[] {
  const rows = Map.groupBy(minutes, ({ peer, direction }) => `${direction} ${peer}`)
  return Array.from(rows.values(), same => {
    const { peer, direction } = same[0]!
    const sums = noSums(peer, same[0]!.sums.direction)
    for (const minute of same) addSums(sums, minute.sums)
    const seconds = same.flatMap(({ busySecond }) => busySecond ?? [])
    const occupancy = (phase: Phase): Occupancy => ({
      peak: Math.max(...same.map(({ concurrent }) => concurrent[phase].peak)),
      seconds: same.reduce((sum, { concurrent }) => sum + concurrent[phase].seconds, 0)
    })
    return {
      at,
      peer,
      direction,
      sums,
      busySecond: seconds.toSorted((a, b) => b.attempts - a.attempts || a.at - b.at)[0] ?? null,
      concurrent: Object.fromEntries(phases.map(phase => [phase, occupancy(phase)])) as Record<Phase, Occupancy>
    }
  })
}
