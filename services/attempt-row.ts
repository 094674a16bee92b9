import type { AttemptRecord, JoinedLeg, LegsRecord } from '@earshot/calls'

/**
 * An attempt as the offline answer shows it: times as text, and nothing that only machines need.
 *
 * @param joined the legs of its call, if it has several: the others are named, and where early media got lost
 */
export function attemptRow(record: AttemptRecord, joined?: LegsRecord): object {
  const { kind: _kind, registry: _registry, closedAt: _closedAt, ...row } = record
  const { startedAt, endedAt, earlyMediaSpans, atFault } = row
  return {
    ...row,
    startedAt: isoTime(startedAt),
    endedAt: isoTime(endedAt),
    ...(earlyMediaSpans && { earlyMediaSpans: earlyMediaSpans.map(span => span.map(isoTime)) }),
    ...(atFault && { atFault: atFault.map(each => ({ ...each, at: isoTime(each.at) })) }),
    ...(joined && { otherLegs: otherLegs(record, joined).map(legName), legFaults: joined.faults })
  }
}

/** From the caller's side to the callee's. */
export const otherLegs = ({ id }: AttemptRecord, { legs }: LegsRecord): readonly JoinedLeg[] =>
  legs.filter(({ attempt }) => attempt !== id)

const legName = ({ attempt, callId, peer, direction, class: early, outcome, status }: JoinedLeg): object => ({
  attempt,
  callId,
  peer,
  direction,
  class: early,
  outcome,
  status
})

/** UTC with microseconds; of a time that no calendar has, its number. */
export function isoTime(time: number): string {
  const date = new Date(Math.floor(time / 1e3))
  if (Number.isNaN(date.getTime())) return String(time)
  return `${date.toISOString().slice(0, -1)}${String(time % 1e3).padStart(3, '0')}Z`
}
