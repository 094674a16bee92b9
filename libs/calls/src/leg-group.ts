import { seconds, type EpochMicros } from '@earshot/units'
import { keyOfCall, namedCall } from './leg-keys.ts'
import type { Leg } from './leg.ts'
import { RETRY_AFTER_CHALLENGE, type Limits } from './limits.ts'

/** More attempts than this with the same keys, at one time, are no call. */
export const MOST_LEGS = 16

/** Legs that are joined so far; or a crowd, which is known by its keys and has forgotten its legs. */
export class LegGroup {
  /** That of its first leg. */
  readonly id: string
  readonly legs: Leg[]
  readonly keys: Set<string>
  /** First INVITE and last end. */
  startedAt: EpochMicros
  endedAt: EpochMicros
  /** How many legs a crowd has had; 0 while it may be a call. */
  crowd = 0
  /** When it is over if nothing joins it. */
  dueAt = -Infinity

  constructor({ id, keys, startedAt, endedAt }: Pick<Leg, 'id' | 'keys' | 'startedAt' | 'endedAt'>, leg?: Leg) {
    this.id = id
    this.legs = leg ? [leg] : []
    this.keys = new Set(keys)
    this.startedAt = startedAt
    this.endedAt = endedAt
  }

  /** Takes what the other one has; as a crowd only its number, so that it stays small whatever joins. */
  absorb(other: LegGroup): void {
    this.startedAt = Math.min(this.startedAt, other.startedAt) as EpochMicros
    this.endedAt = Math.max(this.endedAt, other.endedAt) as EpochMicros
    const size = sizeOf(this) + sizeOf(other)
    if (this.crowd + other.crowd > 0 || size > MOST_LEGS) {
      this.crowd = size
      this.legs.length = 0
      return
    }
    this.legs.push(...other.legs)
    for (const key of other.keys) this.keys.add(key)
  }

  /** LG-3: how long its legs wait for others. */
  schedule({ lateness, earlyMediaTimeout }: Limits): void {
    const last = this.legs.reduce((latest, { closedAt }) => Math.max(latest, closedAt), -Infinity)
    const soon = isComplete(this.legs) || namesNobody(this.legs)
    this.dueAt = last + lateness + SETTLES + (soon ? 0 : earlyMediaTimeout)
  }

  get callIds(): number {
    return new Set(this.legs.map(({ callId }) => callId)).size
  }
}

/** By then a leg has closed whose outer one is over: a CANCEL waits 32 s for its final, some failures 64 s for a retry. */
const SETTLES = Math.max(RETRY_AFTER_CHALLENGE, seconds(32))

const sizeOf = ({ legs, crowd }: LegGroup): number => (crowd > 0 ? crowd : legs.length)

/** Several requesters, so that one of them is outside of another, and no Call-ID is named that is not here. */
function isComplete(legs: readonly Leg[]): boolean {
  if (new Set(legs.map(({ requester }) => requester)).size < 2) return false
  const callIds = new Set(legs.map(({ callId }) => callId))
  return legs.every(({ keys }) => keys.every(key => callIds.has(namedCall(key) ?? legs[0]!.callId)))
}

/** A leg that only others may name: these end with it. */
const namesNobody = (legs: readonly Leg[]): boolean =>
  legs.every(({ callId, keys }) => keys.every(key => key === keyOfCall(callId)))
