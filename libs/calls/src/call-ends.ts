import type { EpochMicros } from '@earshot/units'
import { callEnd, callGivenUp, endKnownAt, isByeOf } from './call-end.ts'
import { EstablishedCalls, type TellEnd } from './established.ts'
import { grown } from './grown.ts'
import { TRANSACTION_TIMEOUT } from './limits.ts'
import type { Parties } from './party.ts'
import type { AttemptRecord } from './records.ts'
import type { Attempt, Call, Established, Final, Transaction } from './state.ts'

/** Answered attempts of one Call-ID that are followed; what a flood adds is given up at once. */
const MOST_OF_A_CALL = 16

/** When the next end of an answered attempt will be known; Infinity while no BYE was seen. */
export function nextEndOf({ established }: Call): number {
  let next = Infinity
  for (const { endKnownAt } of established) if (endKnownAt < next) next = endKnownAt
  return next
}

/**
 * Follows answered calls to their end (RFC 3261 §15) and tells each end once. Those of which something was heard lately
 * are followed in their `Call`; the others wait in a store of their own, for hours if need be.
 */
export class CallEnds {
  /** Those of which nothing was heard for a while. */
  readonly resting: EstablishedCalls
  readonly #tell: TellEnd
  readonly #parties: Parties

  constructor(tell: TellEnd, parties: Parties, keepsChanges: boolean) {
    this.resting = new EstablishedCalls(tell, keepsChanges)
    this.#tell = tell
    this.#parties = parties
  }

  /** The attempt was answered: its call goes on from here. */
  follow(call: Call, { id, registry }: AttemptRecord, attempt: Attempt, answer: Final): void {
    const { fromTag, peer, direction, occupies } = attempt
    const { at: answeredAt, toTag } = answer
    const established = { id, fromTag, toTag, peer, direction, answeredAt, registry, occupies, endKnownAt: Infinity }
    if (call.established.length < MOST_OF_A_CALL) call.established = grown(call.established, established)
    else this.#tell(callGivenUp(call.callId, established, answeredAt), established)
  }

  /** A BYE was seen, or its final; tells the end if it is known by that. */
  noteBye(call: Call, bye: Transaction, now: EpochMicros): void {
    if (call.established.length === 0) return
    const isFirst = !bye.success && !bye.failure
    for (const each of call.established) {
      if (!isByeOf(bye, each)) continue
      // Mostly the first of a dialog: what hop it is of does not matter yet.
      if (isFirst && each.endKnownAt === Infinity) each.endKnownAt = bye.startedAt + TRANSACTION_TIMEOUT
      else each.endKnownAt = endKnownAt(call, each, this.#parties)
    }
    this.settle(call, now)
  }

  /** Tells the ends that are known by `at`; with Infinity, of all calls of which a BYE was seen. */
  settle(call: Call, at: number): void {
    const next = nextEndOf(call)
    if (next === Infinity || next > at) return
    const left: Established[] = []
    for (const each of call.established) {
      if (each.endKnownAt < Infinity && each.endKnownAt <= at) this.#tell(callEnd(call, each, this.#parties), each)
      else left.push(each)
    }
    call.established = left
  }
}
