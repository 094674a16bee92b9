import type { AttemptRecord } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'

const MINUTE = 60e6

/** The beginning of the minute that holds a time, in epoch seconds. */
export const minuteOf = (at: EpochMicros): number => Math.floor(at / MINUTE) * 60

/** The minutes in which an attempt changes what is under way, as `minuteOf` has them, each once. */
export function minutesTouched({ startedAt, endedAt, earlyMediaSpans = [] }: AttemptRecord): Set<number> {
  return new Set([startedAt, endedAt, ...earlyMediaSpans.flat()].map(minuteOf))
}
