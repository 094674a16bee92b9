import type { AttemptRecord, DiagnosisCode, LegsRecord } from '@earshot/calls'
import type { PeerRow } from '@earshot/peers'
import { describesOthers } from '../../ladder/sdp-missing.ts'

/** Calls that are remembered to choose from: memory does not grow with the file. */
const MOST = 10

/** A call that is worth a look, by its most telling attempt. */
export type Worth = {
  readonly record: AttemptRecord
  readonly rank: number
  /** The legs of its call, if it has several. */
  readonly legs?: LegsRecord | undefined
}

/** The most telling calls of a capture: with a diagnosis, or with early media that nobody answered. */
export class WorthALook {
  /** Attempts worth a look, those of calls that are not remembered included. */
  count = 0
  readonly #calls: Worth[] = []
  /** Got a 183 and no description; whether that is worth a look is known when all of their peers is. */
  readonly #undescribed: Worth[] = []

  add(record: AttemptRecord, legs?: LegsRecord): void {
    const rank = rankOf(record)
    if (rank > 0) {
      this.count++
      insert(this.#calls, { record, rank, legs })
    } else if (record.class === 'progress') insert(this.#undescribed, { record, rank: ranks.sdpMissing, legs })
  }

  /** Most telling first; equal ones by time. */
  calls(peers: readonly PeerRow[]): readonly Worth[] {
    const calls = [...this.#calls]
    for (const each of this.#undescribed) if (describesOthers(each.record, peers)) insert(calls, each)
    return calls
  }
}

const ranks = { cannotPlay: 5, unreliable: 4, hiddenCause: 3, sdpMissing: 2, doubtful: 2, unanswered: 1 }

const ranksOfCodes: Partial<Record<DiagnosisCode, number>> = {
  prack_missing: ranks.unreliable,
  prack_rejected: ranks.unreliable,
  announced_cause: ranks.hiddenCause,
  silence_risk: ranks.unreliable,
  no_ringing_no_media_evidence: ranks.doubtful
}

/** 0 where there is nothing to look at. All other codes are of early media that cannot play. */
function rankOf(record: AttemptRecord): number {
  const byCode = record.diagnosis?.codes.map(code => ranksOfCodes[code] ?? ranks.cannotPlay) ?? []
  return Math.max(isUnanswered(record) ? ranks.unanswered : 0, ...byCode)
}

/** Early media, and nobody took the call: here or on another way. */
const isUnanswered = ({ class: early, outcome, cancel }: AttemptRecord): boolean =>
  early === 'early_media' && outcome !== 'answered' && outcome !== 'open' && cancel !== 'elsewhere'

/** Keeps the best of each call, and of all the best. */
function insert(calls: Worth[], worth: Worth): void {
  const known = calls.findIndex(({ record }) => record.callId === worth.record.callId)
  if (known >= 0) {
    if (inOrder(calls[known]!, worth) <= 0) return
    calls.splice(known, 1)
  }
  const place = calls.findIndex(each => inOrder(worth, each) < 0)
  if (place >= 0) calls.splice(place, 0, worth)
  else if (calls.length < MOST) calls.push(worth)
  if (calls.length > MOST) calls.pop()
}

const inOrder = (a: Worth, b: Worth): number =>
  b.rank - a.rank ||
  Number(isInternal(a)) - Number(isInternal(b)) ||
  Number(isAnswered(a)) - Number(isAnswered(b)) ||
  codesOf(b) - codesOf(a) ||
  b.record.earlyMediaSeconds - a.record.earlyMediaSeconds ||
  a.record.startedAt - b.record.startedAt ||
  (a.record.id < b.record.id ? -1 : 1)

/** Of the hops of one call those between our own equipment say least. */
const isInternal = ({ record }: Worth): boolean => record.direction === 'internal'

const isAnswered = ({ record }: Worth): boolean => record.outcome === 'answered'

const codesOf = ({ record }: Worth): number => record.diagnosis?.codes.length ?? 0
