import TinyQueue from 'tinyqueue'
import { readCall, writeCall } from './snapshot.ts'
import type { Call } from './state.ts'

type Timer = { readonly at: number; readonly callId: string }

/**
 * All calls, by Call-ID, each with one time at which it wants to be looked at.
 *
 * A call that nothing is heard of for a while rests as the text of its snapshot: a third of the memory, and one object
 * for the garbage collector instead of thirty.
 */
export class CallStore {
  readonly #active = new Map<string, Call>()
  readonly #resting = new Map<string, string>()
  readonly #timers = new TinyQueue<Timer>([], (a, b) => a.at - b.at || (a.callId < b.callId ? -1 : 1))

  get size(): number {
    return this.#active.size + this.#resting.size
  }

  get(callId: string): Call | undefined {
    const active = this.#active.get(callId)
    if (active) return active
    const text = this.#resting.get(callId)
    if (text === undefined) return undefined
    const call = readCall(text)
    this.#resting.delete(callId)
    this.#active.set(callId, call)
    return call
  }

  add(call: Call): void {
    this.#active.set(call.callId, call)
  }

  delete(callId: string): void {
    this.#active.delete(callId)
    this.#resting.delete(callId)
  }

  /** Wakes the call at `at`, or when it was to be woken before that. */
  wakeBy(call: Call, at: number): void {
    if (at < call.dueAt) this.wakeAt(call, at)
  }

  wakeAt(call: Call, at: number): void {
    call.dueAt = at
    this.#timers.push({ at, callId: call.callId })
  }

  /** Lets the call rest until it is asked for or woken. */
  rest(call: Call): void {
    this.#active.delete(call.callId)
    this.#resting.set(call.callId, writeCall(call))
  }

  /** Takes the text of a call; it rests. */
  restore(text: string): Call {
    const call = readCall(text)
    this.#resting.set(call.callId, text)
    this.#timers.push({ at: call.dueAt, callId: call.callId })
    return call
  }

  /** The calls to be woken before `now`, each at its time, in the order of time. */
  *due(now: number): Iterable<Call> {
    for (let next = this.#timers.peek(); next && next.at < now; next = this.#timers.peek()) {
      this.#timers.pop()
      const call = this.get(next.callId)
      if (call?.dueAt === next.at) yield call
    }
  }

  /** The state of a call as text; undefined when it is gone. */
  text(callId: string): string | undefined {
    const active = this.#active.get(callId)
    return active ? writeCall(active) : this.#resting.get(callId)
  }

  /** Wakes every call, one after the other. */
  *all(): Iterable<Call> {
    for (const callId of [...this.#active.keys(), ...this.#resting.keys()]) yield this.get(callId)!
  }
}
