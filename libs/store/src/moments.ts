import type { AttemptRecord, CallEndRecord, Direction } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'

const MINUTE = 60e6

/**
 * In microseconds, from its first INVITE to its end: the longest limit that can be configured, twice. One whose
 * 18x is refreshed may last longer; ClickHouse looks no further for it.
 */
export const LONGEST_ATTEMPT = 2 * 86_400e6

/** The beginning of the minute that holds a time, in epoch seconds. */
export const minuteOf = (at: EpochMicros): number => Math.floor(at / MINUTE) * 60

/** The minutes in which an attempt changes what is under way, as `minuteOf` has them, each once. */
export function minutesTouched({ startedAt, endedAt, earlyMediaSpans = [] }: AttemptRecord): Set<number> {
  return new Set([startedAt, endedAt, ...earlyMediaSpans.flat()].map(minuteOf))
}

/** The phases of which the others are made. */
export const ownPhases = ['setup', 'earlyMedia', 'established'] as const
export type OwnPhase = (typeof ownPhases)[number]

/** A call comes into a phase at a peer, or leaves it. */
export type Moment = {
  readonly at: EpochMicros
  readonly direction: Direction
  readonly phase: OwnPhase
  readonly by: 1 | -1
}

/** In setup from its INVITE to its end but for the time of early media, established from its answer on. */
export function momentsOf({ startedAt, endedAt, earlyMediaSpans = [], outcome, direction }: AttemptRecord): Moment[] {
  const moment = (at: EpochMicros, phase: OwnPhase, by: 1 | -1): Moment => ({ at, direction, phase, by })
  return [
    moment(startedAt, 'setup', 1),
    ...earlyMediaSpans.flatMap(([from, to]) => [
      moment(from, 'setup', -1),
      moment(from, 'earlyMedia', 1),
      moment(to, 'earlyMedia', -1),
      moment(to, 'setup', 1)
    ]),
    moment(endedAt, 'setup', -1),
    ...(outcome === 'answered' ? [moment(endedAt, 'established', 1)] : [])
  ]
}

/** Of a call whose attempt has brought it there. */
export const endMoment = ({ endedAt, direction }: CallEndRecord): Moment => ({
  at: endedAt,
  direction,
  phase: 'established',
  by: -1
})
