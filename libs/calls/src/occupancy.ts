import type { SipMessage } from '@earshot/sip'
import type { EpochMicros } from '@earshot/units'
import type { EvidenceTally } from './evidence-tally.ts'
import type { Attempt, Call, Transaction } from './state.ts'

type Folded = { readonly message: SipMessage; readonly nextAttempt: number; readonly at: EpochMicros }

/** An attempt, or an answered call, that may have been told to occupy its peer. */
type Occupant = Pick<Attempt, 'peer' | 'direction' | 'occupies'>

/**
 * Tells what comes to occupy a peer and what leaves it (K-4), each at the time of the message or limit that says so. What
 * was told to have come is told to leave, once: `occupies` is part of the state, so that calls which an earlier version
 * answered are neither.
 */
export class Occupancy {
  readonly #tally: EvidenceTally

  constructor(tally: EvidenceTally) {
    this.#tally = tally
  }

  /** A message of an INVITE transaction was folded into its call, whose next attempt was `nextAttempt` before. */
  folded(call: Call, { responses }: Transaction, { message, nextAttempt, at }: Folded): void {
    const { isRequest, status } = message
    // A response that makes another attempt tells who it is that was called: the attempt was offered before.
    if (isRequest && call.nextAttempt > nextAttempt) {
      const { peer, direction } = call.attempts.at(-1)!
      this.#tally.noteLoad(peer, direction, { attempts: 1, calls: 0 }, at)
    }
    // No other response changes what has a final.
    if (isRequest || status >= 200 || responses === 1) this.settle(call, at)
  }

  /** An attempt of this call may have got a final, or another INVITE after one. */
  settle(call: Call, at: EpochMicros): void {
    for (const attempt of call.attempts) {
      const occupies = isOccupying(call, attempt)
      if (occupies === attempt.occupies) continue
      attempt.occupies = occupies
      this.#tally.noteLoad(attempt.peer, attempt.direction, { attempts: 0, calls: occupies ? 1 : -1 }, at)
    }
  }

  /** It is over, or never was. */
  left({ peer, direction, occupies }: Occupant, at: EpochMicros): void {
    if (occupies) this.#tally.noteLoad(peer, direction, { attempts: 0, calls: -1 }, at)
  }
}

/** It is answered, or one of the INVITEs that decide (TX-8) has no final. */
function isOccupying({ transactions }: Call, { id }: Attempt): boolean {
  let highest = -1
  let unresolved = false
  for (const { role, cseq, success, failure } of transactions) {
    if (role !== id) continue
    if (success) return true
    if (cseq > highest) {
      highest = cseq
      unresolved = !failure
    } else if (cseq === highest) unresolved ||= !failure
  }
  return unresolved
}
