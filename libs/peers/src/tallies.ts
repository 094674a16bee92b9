import type { CallEndRecord, CallScope, Standing } from '@earshot/calls'
import { increase } from './increase.ts'
import { addSpread, addValue, isEmptySpread, noSpread, type Spread } from './spread.ts'

/*
 * What the ratios and times of semantics §6 are made of: RFC 6076 (K-1), ITU-T E.411 and E.425 (K-2), early media (K-3)
 * and calls beside attempts (K-5). Numerators and denominators, never ratios: those do not add up.
 */

/** Each is a number of attempts, but for those of calls. The ratios are in `ratios.ts`. */
export type Part =
  /** Attempts that ratios are made over: neither open nor cancelled because the call was answered elsewhere. */
  | 'judged'
  | 'answered'
  /** Judged, and the last status is none that asks for another try: 3xx, 401, 402, 407 (SER, SEER). */
  | 'establishable'
  /** 2xx, 480, 486, 600, 603 (SEER). */
  | 'effective'
  /** 408, 500, 503, 504, or no final in time (ISA). */
  | 'ineffective'
  /** Answered, and ended by a BYE with a 2xx (SCR). */
  | 'completed'
  /** An 18x, a 2xx, or a final other than 503 (ASR, NER). */
  | 'seizures'
  /** Answered, and followed no longer although no BYE was seen. */
  | 'given_up'
  /** Seizures that ended by the callee's doing and not by the network's (NER). */
  | 'network_effective'
  | 'early_media'
  | 'early_media_answered'
  /** Given up by the caller. */
  | 'early_media_abandoned'
  /** Calls with attempts here, and those answered here. */
  | 'calls'
  | 'calls_answered'
  /** Those of them that count at another peer of the group already, over which the call hunted; the same of answers. */
  | 'calls_repeated'
  | 'calls_answered_repeated'

export type SpreadName =
  | 'request_success'
  | 'request_failure'
  | 'disconnect'
  | 'talk'
  /** Early media of ended attempts that were not answered, those answered elsewhere too. */
  | 'early_media_unanswered'

/** Plain data, additive; what is zero is absent. */
export type Tallies = {
  readonly parts: Partial<Record<Part, number>>
  readonly spreads: Partial<Record<SpreadName, Spread>>
}

export const noTallies = (): Tallies => ({ parts: {}, spreads: {} })

export function addTallies(tallies: Tallies, other: Tallies): void {
  for (const [part, count] of Object.entries(other.parts)) increase(tallies.parts, part as Part, count)
  for (const [name, spread] of Object.entries(other.spreads)) {
    addSpread((tallies.spreads[name as SpreadName] ??= noSpread()), spread)
  }
}

/** Adds an attempt, or how one stands that has no record yet, or takes it away. One that is open adds nothing. */
export function tallyAttempt(tallies: Tallies, attempt: Standing, by: 1 | -1): void {
  const { outcome, status, cancel, sessionRequestDelay, repeats = [], answerRepeats = [] } = attempt
  if (outcome === 'open') return
  const answered = outcome === 'answered'
  if (sessionRequestDelay !== undefined) {
    tallySpread(tallies, requestSucceeded(attempt) ? 'request_success' : 'request_failure', sessionRequestDelay, by)
  }
  if (attempt.class === 'early_media' && !answered) {
    tallySpread(tallies, 'early_media_unanswered', attempt.earlyMediaSeconds, by)
  }
  if (cancel === 'elsewhere') return
  const isSeizure = attempt.firstCode > 0 || [status, ...(attempt.retries ?? [])].some(isOfASeizure)
  const early = attempt.class === 'early_media'
  const abandoned = outcome === 'cancelled' && cancel !== 'rejected_elsewhere'
  const facts: Partial<Record<Part, boolean>> = {
    judged: true,
    answered,
    establishable: !asksForAnother(status),
    effective: answered || effectiveStatus.has(status),
    ineffective: ineffectiveStatus.has(status) || (outcome === 'timeout' && status === 0),
    seizures: isSeizure,
    network_effective: isSeizure && isNetworkEffective(attempt),
    early_media: early,
    early_media_answered: early && answered,
    early_media_abandoned: early && abandoned,
    calls: !repeats.includes('peer'),
    calls_answered: answered && !answerRepeats.includes('peer'),
    calls_repeated: isElsewhereInGroup(repeats),
    calls_answered_repeated: answered && isElsewhereInGroup(answerRepeats)
  }
  for (const [part, holds] of Object.entries(facts)) if (holds) increase(tallies.parts, part as Part, by)
}

/** Whether its session request delay is that of a success: up to an 18x or 2xx (K-1). */
export const requestSucceeded = ({ firstCode, outcome }: Pick<Standing, 'firstCode' | 'outcome'>): boolean =>
  firstCode > 0 || outcome === 'answered'

/** Adds the end of a call; one of which no BYE was seen is in no figure but what is established. */
export function tallyEnd(tallies: Tallies, { release, talkSeconds, disconnectDelay, byeStatus }: CallEndRecord): void {
  if (release === 'unseen') return increase(tallies.parts, 'given_up', 1)
  if (talkSeconds !== undefined) tallySpread(tallies, 'talk', talkSeconds, 1)
  if (disconnectDelay !== undefined) tallySpread(tallies, 'disconnect', disconnectDelay, 1)
  if (byeStatus >= 200 && byeStatus < 300) increase(tallies.parts, 'completed', 1)
}

export const areEmptyTallies = ({ parts: counts, spreads: times }: Tallies): boolean =>
  Object.keys(counts).length === 0 && Object.keys(times).length === 0

const isElsewhereInGroup = (scopes: readonly CallScope[]): boolean =>
  scopes.includes('group') && !scopes.includes('peer')

const asksForAnother = (status: number): boolean =>
  (status >= 300 && status < 400) || status === 401 || status === 402 || status === 407

/** 503 is what those send who have no circuit; 0 is no final. */
const isOfASeizure = (status: number): boolean => status > 0 && status !== 503

const effectiveStatus: ReadonlySet<number> = new Set([480, 486, 600, 603])
const ineffectiveStatus: ReadonlySet<number> = new Set([408, 500, 503, 504])
/** The callee's own doing, whether it was reached before or not. */
const calleeStatus: ReadonlySet<number> = new Set([486, 600, 603, 607])

/** Causes by which the callee ended the attempt: busy, no response, no answer, rejected (ITU-T Q.850). */
const calleeCauses: ReadonlySet<number> = new Set([17, 18, 19, 21])
/** Normal clearing, and the unspecified: they leave it to the status. */
const vagueCauses: ReadonlySet<number> = new Set([16, 31, 127])

/** NER (E.425): a Q.850 cause that says something decides, else the final status. */
function isNetworkEffective({ outcome, status, alerted, effectiveCause }: Standing): boolean {
  if (outcome === 'answered') return true
  if (effectiveCause !== undefined && !vagueCauses.has(effectiveCause)) return calleeCauses.has(effectiveCause)
  return calleeStatus.has(status) || outcome === 'no_answer' || (outcome === 'cancelled' && alerted)
}

function tallySpread({ spreads: times }: Tallies, name: SpreadName, seconds: number, by: 1 | -1): void {
  const spread = (times[name] ??= noSpread())
  addValue(spread, seconds, by)
  if (isEmptySpread(spread)) delete times[name]
}
