import type {
  AttemptRecord,
  CallEndRecord,
  DiagnosisCode,
  Direction,
  EarlyClass,
  Outcome,
  RejectionRecord,
  Standing
} from '@earshot/calls'
import { increase } from './increase.ts'
import { addTallies, areEmptyTallies, noTallies, tallyAttempt, tallyEnd, type Tallies } from './tallies.ts'

/** What is summed per peer and direction. Plain data: its JSON is its snapshot, and two of them add up. */
export type Sums = {
  readonly peer: string
  readonly direction: Direction
  /** Attempts by class, then outcome. */
  readonly attempts: Partial<Record<EarlyClass, Partial<Record<Outcome, number>>>>
  earlyMediaMicros: number
  withSdp: number
  withoutSdp: number
  /** Transactions by method and code: 'UPDATE 501'. */
  readonly rejections: Record<string, number>
  /** Ended attempts by the codes of their diagnoses. Like what follows absent where there is none, as in older texts. */
  diagnoses?: Partial<Record<DiagnosisCode, number>>
  /** Ended attempts by effective cause and whether they had early media: '34 yes'. */
  causes?: Record<string, number>
  /** Of those with early media that were not answered: '34', or 'other'; their number is that of the spread of their lengths. */
  unansweredCauses?: Record<string, number>
  /** Ended attempts whose final followed the mapping of its cause (RFC 3398), or not. */
  causeMapping?: Partial<Record<'followed' | 'notFollowed', number>>
  /** Attempts of class progress that got a 183. */
  undescribed?: number
  /** Since version 2; absent where there is nothing. */
  tallies?: Tallies
}

/**
 * More methods than a real peer rejects, and longer ones; others are summed as OTHER, so that a flood of names stays
 * bounded.
 */
const MOST_REJECTIONS = 100
const LONGEST_METHOD = 64

export const noSums = (peer: string, direction: Direction): Sums => ({
  peer,
  direction,
  attempts: {},
  earlyMediaMicros: 0,
  withSdp: 0,
  withoutSdp: 0,
  rejections: {}
})

export function addSums(sums: Sums, other: Sums): void {
  for (const [earlyClass, outcomes] of Object.entries(other.attempts)) {
    for (const [outcome, count] of Object.entries(outcomes)) {
      increase((sums.attempts[earlyClass as EarlyClass] ??= {}), outcome as Outcome, count)
    }
  }
  sums.earlyMediaMicros += other.earlyMediaMicros
  sums.withSdp += other.withSdp
  sums.withoutSdp += other.withoutSdp
  for (const [rejection, count] of Object.entries(other.rejections)) increase(sums.rejections, rejection, count)
  for (const [code, count] of Object.entries(other.diagnoses ?? {})) {
    increase((sums.diagnoses ??= {}), code as DiagnosisCode, count)
  }
  for (const [cause, count] of Object.entries(other.causes ?? {})) increase((sums.causes ??= {}), cause, count)
  for (const [cause, count] of Object.entries(other.unansweredCauses ?? {})) {
    increase((sums.unansweredCauses ??= {}), cause, count)
  }
  for (const [which, count] of Object.entries(other.causeMapping ?? {})) {
    increase((sums.causeMapping ??= {}), which as 'followed' | 'notFollowed', count)
  }
  addUndescribed(sums, other.undescribed ?? 0)
  if (other.tallies) addTallies((sums.tallies ??= noTallies()), other.tallies)
}

/** A record, or how an attempt stands that has none yet: of that nothing is diagnosed. */
type Counted = Standing & Pick<AttemptRecord, 'diagnosis' | 'causeMapping'>

/** Adds an attempt, or takes one away. */
export function addAttempt(sums: Sums, attempt: Counted, by: 1 | -1): void {
  const { class: early, outcome, earlyMediaSeconds, responses183 } = attempt
  const outcomes = (sums.attempts[early] ??= {})
  increase(outcomes, outcome, by)
  if (isEmpty(outcomes)) delete sums.attempts[early]
  sums.earlyMediaMicros += by * Math.round(earlyMediaSeconds * 1e6)
  sums.withSdp += by * responses183.withSdp
  sums.withoutSdp += by * responses183.withoutSdp
  if (early === 'progress' && responses183.withoutSdp > 0) addUndescribed(sums, by)
  for (const code of attempt.diagnosis?.codes ?? none) increase((sums.diagnoses ??= {}), code, by)
  addCause(sums, attempt, by)
  const { causeMapping } = attempt
  if (causeMapping) increase((sums.causeMapping ??= {}), causeMapping.followed ? 'followed' : 'notFollowed', by)
  tallyAttempt((sums.tallies ??= noTallies()), attempt, by)
  if (areEmptyTallies(sums.tallies)) delete sums.tallies
}

const none: readonly never[] = []

function addCause(sums: Sums, { class: early, outcome, effectiveCause }: Counted, by: 1 | -1): void {
  if (effectiveCause === undefined || outcome === 'open') return
  const cause = isCause(effectiveCause) ? String(effectiveCause) : 'other'
  const isEarly = early === 'early_media'
  increase((sums.causes ??= {}), `${cause} ${isEarly ? 'yes' : 'no'}`, by)
  if (isEarly && outcome !== 'answered') increase((sums.unansweredCauses ??= {}), cause, by)
}

/** ITU-T Q.850 has seven bits for it. */
const isCause = (value: number): boolean => value >= 1 && value <= 127

function addUndescribed(sums: Sums, by: number): void {
  const undescribed = (sums.undescribed ?? 0) + by
  if (undescribed === 0) delete sums.undescribed
  else sums.undescribed = undescribed
}

export function addEnd(sums: Sums, end: CallEndRecord): void {
  tallyEnd((sums.tallies ??= noTallies()), end)
}

export function addRejection({ rejections }: Sums, { method, code }: RejectionRecord): void {
  const name = `${method} ${code}`
  const full = !Object.hasOwn(rejections, name) && Object.keys(rejections).length >= MOST_REJECTIONS
  increase(rejections, full || method.length > LONGEST_METHOD ? `OTHER ${code}` : name, 1)
}

/** Nothing is left that they were made of. */
export const areEmpty = ({ attempts, rejections, tallies }: Sums): boolean =>
  isEmpty(attempts) && isEmpty(rejections) && tallies === undefined

const isEmpty = (counts: object): boolean => Object.keys(counts).length === 0
