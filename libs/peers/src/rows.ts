import type { CallScope, DiagnosisCode, Direction, EarlyClass, Outcome } from '@earshot/calls'
import { capacityOf, type CapacityRow } from './capacity.ts'
import { increase } from './increase.ts'
import { ratiosOf, type RatioRow } from './ratios.ts'
import type { Sums } from './sums.ts'
import { noTallies } from './tallies.ts'

/** One object of `peers` in the offline answer and on /api/peers (semantics.md §7). */
export type PeerRow = {
  readonly peer: string
  readonly direction: Direction
  readonly attempts: number
  readonly outcomes: Partial<Record<Outcome, number>>
  readonly classes: Partial<Record<EarlyClass, number>>
  readonly earlyMedia: {
    readonly attempts: number
    readonly outcomes: Partial<Record<Outcome, number>>
    readonly seconds: number
  }
  readonly responses183: { readonly withSdp: number; readonly withoutSdp: number }
  readonly rejections: readonly { readonly method: string; readonly code: number; readonly transactions: number }[]
  readonly allow: readonly string[]
  /** Attempts by what was diagnosed of them, most first. */
  readonly diagnoses: readonly { readonly code: DiagnosisCode | typeof SDP_MISSING; readonly attempts: number }[]
  /** Finals with a cause that RFC 3398 maps to a status: those that have that status, and those that have not. */
  readonly causeMapping: { readonly followed: number; readonly notFollowed: number }
  readonly figures: RatioRow
  readonly capacity: CapacityRow
}

/** An attempt got a 183 and no description, which the peer's others have. Known of a peer only, not of its records. */
export const SDP_MISSING = 'sdp_missing_in_183'

/** What makes descriptions a peer's habit (docs/counting.md, EM-14): so many 183s with one, and this part of all. */
const HABIT_RESPONSES = 20
const HABIT_SHARE = 0.8

const describesIts183 = ({ withSdp, withoutSdp }: Sums): boolean =>
  withSdp >= HABIT_RESPONSES && withSdp >= HABIT_SHARE * (withSdp + withoutSdp)

/** The same of a group of peers in one direction. */
export type GroupRow = Omit<PeerRow, 'peer'> & { readonly group: string }

export type RowParts = {
  /** The methods that the peer says it takes, in any order, repeated or not. */
  readonly allow: readonly string[]
  readonly scope: CallScope
  readonly spanSeconds: number
}

export function rowOf(sums: Sums, { allow, scope, spanSeconds }: RowParts): PeerRow {
  const outcomes: Partial<Record<Outcome, number>> = {}
  const classes: Partial<Record<EarlyClass, number>> = {}
  let attempts = 0
  for (const [earlyClass, counts] of Object.entries(sums.attempts)) {
    for (const [outcome, count] of Object.entries(counts)) {
      increase(outcomes, outcome as Outcome, count)
      increase(classes, earlyClass as EarlyClass, count)
      attempts += count
    }
  }
  return {
    peer: sums.peer,
    direction: sums.direction,
    attempts,
    outcomes,
    classes,
    earlyMedia: {
      attempts: classes.early_media ?? 0,
      outcomes: { ...sums.attempts.early_media },
      seconds: sums.earlyMediaMicros / 1e6
    },
    responses183: { withSdp: sums.withSdp, withoutSdp: sums.withoutSdp },
    rejections: Object.entries(sums.rejections)
      .map(([rejection, transactions]) => {
        const [method = '', code] = rejection.split(' ')
        return { method, code: Number(code), transactions }
      })
      .sort((a, b) => compare(a.method, b.method) || a.code - b.code),
    allow: [...new Set(allow)].sort(),
    diagnoses: diagnosesOf(sums),
    causeMapping: { followed: sums.causeMapping?.followed ?? 0, notFollowed: sums.causeMapping?.notFollowed ?? 0 },
    figures: ratiosOf(sums.tallies ?? noTallies(), scope, {
      earlyMediaSeconds: sums.earlyMediaMicros / 1e6,
      spanSeconds
    }),
    capacity: capacityOf(sums, spanSeconds)
  }
}

function diagnosesOf(sums: Sums): PeerRow['diagnoses'] {
  const { diagnoses = {}, undescribed = 0 } = sums
  const counts = { ...diagnoses, ...(undescribed > 0 && describesIts183(sums) && { [SDP_MISSING]: undescribed }) }
  return Object.entries(counts)
    .map(([code, attempts]) => ({ code: code as DiagnosisCode, attempts }))
    .sort((a, b) => b.attempts - a.attempts || compare(a.code, b.code))
}

export const byPeer = (a: PeerRow, b: PeerRow): number => compare(a.peer, b.peer) || compare(a.direction, b.direction)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
