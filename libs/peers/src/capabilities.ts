import { isRejection } from '@earshot/calls'
import type { Advertised, AllowSets } from './allow-sets.ts'
import type { CapabilityMatrix, Cell } from './capability-matrix.ts'
import { secondText } from './second-text.ts'
import type { Regressions } from './regressions.ts'

export type CapabilityState = 'unknown' | 'supported' | 'advertised' | 'rejected' | 'inconsistent' | 'regressed'

/** One method of a peer, as it is shown (MC-8). Times are ISO 8601, UTC. */
export type Capability = {
  readonly method: string
  readonly state: CapabilityState
  readonly advertised: Advertised['value']
  /** When that was said last, to the minute. */
  readonly advertisedAt?: string
  /** Transactions by code. */
  readonly ok: Readonly<Record<string, number>>
  readonly rejected: Readonly<Record<string, number>>
  readonly lastOk?: string
  readonly lastRejected?: string
  readonly regressedSince?: string
  readonly callIds: { readonly ok?: string; readonly rejected: readonly string[] }
  /** By Server or User-Agent, where its answers had one. */
  readonly agents: readonly {
    readonly agent: string
    readonly ok: number
    readonly rejected: number
    readonly last: string
  }[]
}

/** States by method, what is unknown left out (semantics.md §7). */
export const statesOf = (capabilities: readonly Capability[]): Record<string, CapabilityState> =>
  Object.fromEntries(
    capabilities.flatMap(({ method, state }) => (state === 'unknown' ? [] : [[method, state] as const]))
  )

type Parts = {
  readonly matrix: CapabilityMatrix
  readonly allows: AllowSets
  readonly regressions: Regressions
}

/** All methods of which anything is known at the peer, by name. `now` is an epoch second. */
export const capabilitiesOf = (peer: string, parts: Parts, now: number): Capability[] =>
  judged(peer, parts, now).map(capability)

/** Their states alone. */
export const methodStates = (peer: string, parts: Parts, now: number): Pick<Capability, 'method' | 'state'>[] =>
  judged(peer, parts, now)

type Judged = Pick<Capability, 'method' | 'state'> & {
  readonly cell: Cell | undefined
  readonly advertised: Advertised
  readonly since: number | undefined
}

function judged(peer: string, { matrix, allows, regressions }: Parts, now: number): Judged[] {
  const cells = new Map(Array.from(matrix.cells(peer), cell => [cell.method, cell]))
  const methods = new Set([...cells.keys(), ...allows.tracks(peer).flatMap(track => track.methods)])
  return [...methods].sort().map(method => {
    const cell = cells.get(method)
    const advertised = allows.advertised(peer, method)
    const since = regressions.regressedSince(peer, method)
    const state =
      since === undefined ? stateOf(cell, advertised, regressions.hasLearnt(peer, method, now)) : 'regressed'
    return { method, state, cell, advertised, since }
  })
}

/** What works is supported until it is regressed; what was not used enough to know is as its last answer was. */
function stateOf(cell: Cell | undefined, { value }: Advertised, isLearnt: boolean): CapabilityState {
  const advertises = value === 'yes' || value === 'mixed'
  if (isLearnt) return 'supported'
  if (!cell) return advertises ? 'advertised' : 'unknown'
  if ((cell.lastRejected ?? -Infinity) < (cell.lastOk ?? -Infinity)) return 'supported'
  return advertises ? 'inconsistent' : 'rejected'
}

function capability({ method, state, cell, advertised: { value, seen }, since }: Judged): Capability {
  const codes = cell?.codes ?? []
  const { lastOk, lastRejected, okCallId } = cell ?? {}
  return {
    method,
    state,
    advertised: value,
    ...(seen !== undefined && { advertisedAt: secondText(seen) }),
    ok: Object.fromEntries(codes.filter(([code]) => !isRejection(code))),
    rejected: Object.fromEntries(codes.filter(([code]) => isRejection(code))),
    ...(lastOk !== undefined && { lastOk: secondText(lastOk) }),
    ...(lastRejected !== undefined && { lastRejected: secondText(lastRejected) }),
    ...(since !== undefined && { regressedSince: secondText(since) }),
    callIds: { ...(okCallId !== undefined && { ok: okCallId }), rejected: cell?.rejectedCallIds ?? [] },
    agents: (cell?.agents ?? []).map(({ last, ...own }) => ({ ...own, last: secondText(last) }))
  }
}
