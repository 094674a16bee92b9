import type { Direction } from '@earshot/calls'
import type { Sums } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'

export type Step = 'minute' | 'hour'

export const stepSeconds: Readonly<Record<Step, number>> = { minute: 60, hour: 3600 }

/** What calls under way are in (K-4); total is all of it. */
export const phases = ['setup', 'earlyMedia', 'established', 'total'] as const
export type Phase = (typeof phases)[number]

/** Of one query: two weeks of minutes, or more than two years of hours. */
export const mostSteps = 25_000

export type SeriesQuery = {
  /** Both are rounded down to a whole step; not more than `mostSteps` apart. */
  readonly from: EpochMicros
  readonly to: EpochMicros
  readonly step: Step
  /** Each on its own; absent: all peers together, under the name `everyPeer`. */
  readonly peers?: readonly string[]
}

/** No peer has this name. */
export const everyPeer = ''

/** Of the calls that are in a phase. */
export type Occupancy = {
  /** The most at a time within the step, exact; with what was under way until it began, even if it ended at that microsecond. */
  readonly peak: number
  /** So many call-seconds fell into it: of the established, the talk time apportioned to it; over its length erlangs. */
  readonly seconds: number
}

/** Internal attempts, between our own equipment, are in no sum of both directions. */
export type Side = Direction | 'both'

/**
 * One step of a peer. Attempts, and what is said of them, count in the step of their first INVITE, rejections and ends of
 * calls in that of their own time. A step in which nothing came, nothing went and nothing was under way has no row.
 */
export type SeriesRow = {
  /** When the step began. */
  readonly at: EpochMicros
  readonly peer: string
  readonly direction: Side
  /** What `Figures.merge` of @earshot/peers makes ratios of. Of both directions `sums.direction` says nothing. */
  readonly sums: Sums
  /** The first of those with most attempts begun; null without any. */
  readonly busySecond: { readonly attempts: number; readonly at: EpochMicros } | null
  readonly concurrent: Readonly<Record<Phase, Occupancy>>
}
