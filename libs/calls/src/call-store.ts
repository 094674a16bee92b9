import { none } from './grown.ts'
import { readCall, writeCall } from './snapshot.ts'
import type { EpochMicros } from '@earshot/units'
import type { Call, Established } from './state.ts'
import { Timers } from './timers.ts'

export const newCall = (callId: string, now: EpochMicros, established: readonly Established[]): Call => ({
  callId,
  transactions: none,
  attempts: none,
  rejections: none,
  flows: none,
  nextAttempt: 0,
  fromTags: none,
  answered: none,
  established,
  counted: none,
  touchedAt: now,
  weight: 0,
  dueAt: Infinity
})

/**
 * All calls, by Call-ID, each with one time at which it wants to be looked at.
 *
 * A call that nothing is heard of for a while rests as the text of its snapshot: a third of the memory, and one object
 * for the garbage collector instead of thirty.
 */
export class CallStore {
  readonly #calls = new Map<string, Call | string>()
  readonly #timers = new Timers()

  get size(): number {
    return this.#calls.size
  }

  get(callId: string): Call | undefined {
    const known = this.#calls.get(callId)
    if (typeof known !== 'string') return known
    const call = readCall(known)
    this.#calls.set(callId, call)
    return call
  }

  add(call: Call): Call {
    this.#calls.set(call.callId, call)
    return call
  }

  delete(callId: string): void {
    this.#calls.delete(callId)
  }

  /** Wakes the call at `at`, or when it was to be woken before that. */
  wakeBy(call: Call, at: number): void {
    if (at < call.dueAt) this.wakeAt(call, at)
  }

  wakeAt(call: Call, at: number): void {
    call.dueAt = at
    this.#timers.push({ at, key: call.callId })
  }

  /** Lets the call rest until it is asked for or woken. */
  rest(call: Call): void {
    this.#calls.set(call.callId, writeCall(call))
  }

  /** Takes the text of a call; it rests. */
  restore(text: string): Call {
    const call = readCall(text)
    this.#calls.set(call.callId, text)
    this.#timers.push({ at: call.dueAt, key: call.callId })
    return call
  }

  /** The next call to be woken before `now`, in the order of time; undefined when there is none left. */
  nextDue(now: number): Call | undefined {
    for (let next = this.#timers.next(now); next; next = this.#timers.next(now)) {
      const known = this.#calls.get(next.key)
      const call = typeof known === 'string' ? readCall(known) : known
      // Overtaken by an earlier timer: a call at rest stays at rest.
      if (call?.dueAt !== next.at) continue
      if (call !== known) this.#calls.set(next.key, call)
      return call
    }
    return undefined
  }

  /** The state of a call as text; undefined when it is gone. */
  text(callId: string): string | undefined {
    const known = this.#calls.get(callId)
    return known === undefined || typeof known === 'string' ? known : writeCall(known)
  }

  /** Every call, one after the other; those that rest stay at rest, so that a change of one would be lost. */
  *peek(): Iterable<Call> {
    for (const known of this.#calls.values()) yield typeof known === 'string' ? readCall(known) : known
  }

  /** Wakes every call, one after the other. */
  *all(): Iterable<Call> {
    for (const callId of this.#calls.keys()) yield this.get(callId)!
  }
}
