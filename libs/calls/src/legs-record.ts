import { hash } from 'node:crypto'
import { between, inSeconds, type EpochMicros } from '@earshot/units'
import { cannotPlay, type Leg } from './leg.ts'

/** One leg of a joined call. */
export type JoinedLeg = Omit<Leg, 'id' | 'closedAt' | 'codes' | 'keys' | 'timeToEarlyMedia'> & {
  /** Id of its attempt. */
  readonly attempt: string
  /** Id of the attempt that it goes on from, on the caller's side of it; absent on the outermost. */
  readonly outer?: string
}

/** Where early media got lost (LG-4). */
type LegFault = Pick<Leg, 'callId' | 'peer' | 'direction' | 'codes'> & { readonly attempt: string }

/** The legs of one call that a B2BUA gave several Call-IDs. */
export type LegsRecord = {
  readonly kind: 'legs'
  /** Hash of the attempts' ids. */
  readonly id: string
  /** From the first INVITE to the last end of an attempt. */
  readonly startedAt: EpochMicros
  readonly endedAt: EpochMicros
  /** By what they were joined. */
  readonly keys: readonly string[]
  /** From the caller's side to the callee's. */
  readonly legs: readonly JoinedLeg[]
  /** Usually none or one. */
  readonly faults: readonly LegFault[]
  /** So many attempts had these keys that they are not legs of one call; none is listed. */
  readonly crowd?: number
}

const MOST_KEYS = 8

/** What the legs of a call say together; their order does not matter. */
export function legsRecord(unordered: readonly Leg[]): LegsRecord {
  const legs = unordered.toSorted(outerFirst)
  const outer = new Map(legs.map((leg, index) => [leg, outerOf(leg, legs.slice(0, index))]))
  return {
    kind: 'legs',
    id: idOf(legs.map(({ id }) => id)),
    startedAt: legs[0]!.startedAt,
    endedAt: Math.max(...legs.map(({ endedAt }) => endedAt)) as EpochMicros,
    keys: sharedKeys(legs),
    legs: legs.map(leg => joined(leg, outer.get(leg))),
    faults: faultsOf(legs, outer)
  }
}

export const crowdRecord = (
  keys: readonly string[],
  crowd: number,
  from: EpochMicros,
  to: EpochMicros
): LegsRecord => ({
  kind: 'legs',
  id: idOf([...keys, String(from)]),
  startedAt: from,
  endedAt: to,
  keys: keys.slice(0, MOST_KEYS),
  legs: [],
  faults: [],
  crowd
})

const idOf = (parts: readonly string[]): string => hash('sha1', parts.join('\n'), 'base64url')

const sides: Readonly<Record<Leg['direction'], number>> = { inbound: 0, internal: 1, outbound: 2 }

/** A B2BUA calls after it was called. */
const outerFirst = (a: Leg, b: Leg): number =>
  a.startedAt - b.startedAt || sides[a.direction] - sides[b.direction] || (a.id < b.id ? -1 : 1)

/**
 * The leg that this one goes on from, of those that began before it: by address, the newest that its requester was
 * called on; else one that names it or is named by it; else the newest that somebody else requested. Legs of one
 * requester that nothing else tells apart are tries side by side.
 */
function outerOf(leg: Leg, before: readonly Leg[]): Leg | undefined {
  const others = before.filter(({ callId }) => callId !== leg.callId)
  return (
    before.findLast(({ responder }) => responder === leg.requester) ??
    others.findLast(other => other.requester !== leg.requester && shares(other.keys, leg.keys)) ??
    others.findLast(({ requester }) => requester !== leg.requester)
  )
}

const shares = (some: readonly string[], others: readonly string[]): boolean => some.some(each => others.includes(each))

/** By which legs of different Call-IDs met. */
function sharedKeys(legs: readonly Leg[]): string[] {
  const keys = new Set(legs.flatMap(leg => leg.keys))
  const callsOf = (key: string): number => new Set(legs.flatMap(leg => (leg.keys.includes(key) ? leg.callId : []))).size
  return [...keys]
    .filter(key => callsOf(key) > 1)
    .sort()
    .slice(0, MOST_KEYS)
}

const joined = (
  { id, closedAt: _closedAt, codes: _codes, keys: _keys, timeToEarlyMedia: _time, ...leg }: Leg,
  outer: Leg | undefined
): JoinedLeg => ({ attempt: id, ...leg, ...(outer && { outer: outer.id }) })

/** LG-4. A fault that an inner leg has too was passed on: it arises there. */
function faultsOf(legs: readonly Leg[], outer: ReadonlyMap<Leg, Leg | undefined>): LegFault[] {
  return legs.flatMap(leg => {
    const inner = legs.filter(each => outer.get(each) === leg)
    const codes = faultOf(leg, inner)
    const { id: attempt, callId, peer, direction } = leg
    return codes.length === 0 ? [] : [{ attempt, callId, peer, direction, codes }]
  })
}

function faultOf(leg: Leg, inner: readonly Leg[]): readonly string[] {
  if (cannotPlay(leg)) return inner.some(each => shares(each.codes, leg.codes)) ? [] : leg.codes
  if (leg.class === 'early_media') return []
  return inner.some(each => each.class === 'early_media' && !wasAnsweredBefore(leg, each)) ? ['not_forwarded'] : []
}

/** A B2BUA that has answered has no more early media to pass on. */
const wasAnsweredBefore = (leg: Leg, { startedAt, timeToEarlyMedia = 0 }: Leg): boolean =>
  leg.outcome === 'answered' && inSeconds(between(startedAt, leg.endedAt)) <= timeToEarlyMedia
