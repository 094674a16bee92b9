import { keyOfCall, type LegHeaders } from './leg-keys.ts'
import type { AttemptRecord } from './records.ts'
import type { EpochMicros } from '@earshot/units'

/** What of an attempt the join of legs needs. */
export type Leg = Pick<
  AttemptRecord,
  | 'id'
  | 'callId'
  | 'peer'
  | 'direction'
  | 'responder'
  | 'startedAt'
  | 'endedAt'
  | 'class'
  | 'outcome'
  | 'status'
  | 'timeToEarlyMedia'
> & {
  /** Address of who sent its INVITEs. */
  readonly requester: string
  /** When nothing could change the attempt any more (TX-8, TX-10): `endedAt` and the wait for a retry, or its limit. */
  readonly closedAt: EpochMicros
  /** Why its early media could not play; empty where it could, or where there was none. */
  readonly codes: readonly string[]
  /** The keys of its INVITEs and, where legs can be named by it, its own Call-ID. */
  readonly keys: readonly string[]
}

/** The attempt as a leg; undefined where nothing could ever join it to another. */
export function legOf(
  attempt: AttemptRecord,
  { requester, closedAt }: Pick<Leg, 'requester' | 'closedAt'>,
  { callIds }: LegHeaders
): Leg | undefined {
  const { legKeys = [], diagnosis } = attempt
  const keys = callIds.length > 0 ? [...legKeys, keyOfCall(attempt.callId)] : legKeys
  if (keys.length === 0) return undefined
  const { id, callId, peer, direction, responder, startedAt, endedAt, outcome, status } = attempt
  return {
    id,
    callId,
    peer,
    direction,
    requester,
    responder,
    startedAt,
    endedAt,
    class: attempt.class,
    outcome,
    status,
    ...(attempt.timeToEarlyMedia !== undefined && { timeToEarlyMedia: attempt.timeToEarlyMedia }),
    closedAt,
    codes: cannotPlay(attempt) ? (diagnosis?.codes ?? []) : [],
    keys
  }
}

/** A session description was there, and no media could reach the caller by it (EM-2). */
export const cannotPlay = ({ class: early }: Pick<AttemptRecord, 'class'>): boolean =>
  early === 'unusable' || early === 'vetoed' || early === 'precondition'
