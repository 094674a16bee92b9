import type { AttemptRecord, RejectionRecord } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'
import { delayBounds, unusableCodes } from './signals.ts'

/**
 * What the records of one minute say of one peer in one direction. Plain data, and sums: minutes of several sources add
 * up, and the order of the records inside the minute changes nothing. A field that is 0 may be absent.
 */
export type MinuteCounts = {
  /** Attempts that closed, without `open` and `cancel: elsewhere` (semantics.md §6). */
  attempts?: number
  /** Those with an 18x, a 2xx, or a final other than 503 (K-2). */
  seizures?: number
  answered?: number
  /** Of class early_media, and what became of these. */
  earlyMedia?: number
  answeredEarlyMedia?: number
  failedEarlyMedia?: number
  /** Requests answered 501. */
  rejections501?: number
  /** Attempts whose early media could not play, by each of their codes (EM-4 to EM-6). */
  unusable?: Record<string, number>
  /** Attempts that got an 18x or a 2xx, by how long that took: one number for each of `delayBounds` and one above. */
  delays?: number[]
  /** Of an agent. */
  packets?: number
  listenedSeconds?: number
  /** Of a minute that is over: the attempts of each of its ticks squared, summed. They tell whether attempts come in lumps. */
  attemptSquares?: number
}

/** Counts that nobody adds to any more. */
export type GivenCounts = Readonly<Omit<MinuteCounts, 'unusable' | 'delays'>> & {
  readonly unusable?: Readonly<Record<string, number>>
  readonly delays?: readonly number[]
}

/** The parts of an attempt that count. */
export type CountedAttempt = Pick<
  AttemptRecord,
  | 'kind'
  | 'peer'
  | 'direction'
  | 'class'
  | 'outcome'
  | 'status'
  | 'cancel'
  | 'firstCode'
  | 'flags'
  | 'endedAt'
  | 'closedAt'
  | 'sessionRequestDelay'
>

export type CountedRejection = Pick<RejectionRecord, 'kind' | 'peer' | 'direction' | 'code' | 'at'>

export type CountedRecord = CountedAttempt | CountedRejection

/** In whose minute a record counts: an attempt in that in which it was over, for sooner nobody knows of it. */
export const countedAt = (record: CountedRecord): EpochMicros =>
  record.kind === 'attempt' ? (record.closedAt ?? record.endedAt) : record.at

/** Adds a record to its minute. */
export function fold(counts: MinuteCounts, record: CountedRecord): void {
  if (record.kind === 'attempt') addAttempt(counts, record)
  else if (record.code === 501) increase(counts, 'rejections501')
}

function addAttempt(counts: MinuteCounts, attempt: CountedAttempt): void {
  const { outcome, cancel, firstCode, status, sessionRequestDelay: delay } = attempt
  if (outcome === 'open' || cancel === 'elsewhere') return
  increase(counts, 'attempts')
  const reached = firstCode > 0 || outcome === 'answered'
  if (reached || (status > 0 && status !== 503)) increase(counts, 'seizures')
  if (outcome === 'answered') increase(counts, 'answered')
  if (reached && delay !== undefined) {
    counts.delays ??= Array.from({ length: delayBounds.length + 1 }, () => 0)
    counts.delays[delayBounds.filter(bound => bound < delay).length]!++
  }
  if (attempt.class === 'early_media') addEarlyMedia(counts, attempt)
  else if (attempt.class === 'unusable') addUnusable(counts, attempt)
}

function addEarlyMedia(counts: MinuteCounts, { outcome }: CountedAttempt): void {
  increase(counts, 'earlyMedia')
  if (outcome === 'answered') increase(counts, 'answeredEarlyMedia')
  else if (outcome !== 'busy' && outcome !== 'no_answer' && outcome !== 'cancelled')
    increase(counts, 'failedEarlyMedia')
}

function addUnusable(counts: MinuteCounts, { flags }: CountedAttempt): void {
  const codes = (counts.unusable ??= {})
  for (const code of flags) if (isUnusableCode(code)) codes[code] = (codes[code] ?? 0) + 1
}

/** Adds the counts of another source, or minute. */
export function addCounts(counts: MinuteCounts, other: GivenCounts): void {
  for (const name of sums) if (other[name]) counts[name] = (counts[name] ?? 0) + other[name]
  for (const [code, count] of Object.entries(other.unusable ?? {})) {
    const codes = (counts.unusable ??= {})
    codes[code] = (codes[code] ?? 0) + count
  }
  if (!other.delays) return
  const { delays } = other
  counts.delays = delays.map((count, at) => count + (counts.delays?.[at] ?? 0))
}

const sums = [
  'attempts',
  'seizures',
  'answered',
  'earlyMedia',
  'answeredEarlyMedia',
  'failedEarlyMedia',
  'rejections501',
  'packets',
  'listenedSeconds',
  'attemptSquares'
] as const

export function increase(counts: MinuteCounts, name: (typeof sums)[number], by = 1): void {
  if (by > 0) counts[name] = (counts[name] ?? 0) + by
}

const codes: ReadonlySet<string> = new Set(unusableCodes)
const isUnusableCode = (flag: string): boolean => codes.has(flag)
