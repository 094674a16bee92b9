import type { Direction } from '@earshot/calls'
import { secondText } from './second-text.ts'

/** How many, and in which second since 1970. */
type Moment = { readonly count: number; readonly second: number }

/** What a peer or a group is and was under, in one direction or both. */
export type Load = {
  /** That occupy it now. */
  readonly calls: number
  /** Of the UTC day in which they are. */
  readonly busiest: Moment | null
  readonly peak: Moment | null
}

/** Of internal attempts, between our own equipment, nothing is observed. The busiest second of both is none of either. */
export type Side = Direction | 'both'
export type Loads = Readonly<Partial<Record<Side, Load>>>

/** What one second adds. */
export type Sum = { attempts: number; calls: number }
export type Sums = Partial<Record<Side, Sum>>

/** The most of one UTC day, the day of what was observed last; null before the first of it. */
export type Busiest = {
  readonly busySecond: { readonly attempts: number; readonly at: string } | null
  readonly peak: { readonly calls: number; readonly at: string } | null
}

export function addSum(sums: Sums, side: Side, { attempts, calls }: Sum): void {
  const sum = (sums[side] ??= { attempts: 0, calls: 0 })
  sum.attempts += attempts
  sum.calls += calls
}

/** With what came in that second, the newest. */
export const withSums = (loads: Loads, sums: Sums, second: number): Loads => ({
  ...loads,
  ...Object.fromEntries(
    (Object.entries(sums) as [Side, Sum][]).map(([side, sum]) => [side, added(loads[side] ?? none, sum, second)])
  )
})

/** Of the day of this second. */
export function busiestOf(load: Load | undefined, second: number): Busiest {
  const today = (moment: Moment | null | undefined): Moment | undefined =>
    moment && dayOf(moment.second) === dayOf(second) ? moment : undefined
  const [busiest, peak] = [today(load?.busiest), today(load?.peak)]
  return {
    busySecond: busiest ? { attempts: busiest.count, at: secondText(busiest.second) } : null,
    peak: peak ? { calls: peak.count, at: secondText(peak.second) } : null
  }
}

const none: Load = { calls: 0, busiest: null, peak: null }

const dayOf = (second: number): number => Math.floor(second / 86_400)

function added({ calls, busiest, peak }: Load, sum: Sum, second: number): Load {
  const now = calls + sum.calls
  return { calls: now, busiest: most(busiest, sum.attempts, second), peak: most(peak, now, second) }
}

/** The first of the most in one day. */
function most(moment: Moment | null, count: number, second: number): Moment | null {
  if (moment && dayOf(moment.second) === dayOf(second) && count <= moment.count) return moment
  return count > 0 ? { count, second } : moment
}
