import { none } from './grown.ts'

/** Calls in which one endpoint is named: both legs of a call that goes through us, and those before it. */
const MOST_CALLS = 8

/** Finds the calls whose descriptions name an endpoint. */
export class MediaIndex {
  readonly #calls = new Map<string, string[]>()
  readonly #endpoints = new Map<string, string[]>()

  /** A call's description names this endpoint (`endpointText`). */
  add(endpoint: string, callId: string): void {
    const own = this.#endpoints.get(callId)
    if (own?.includes(endpoint)) return
    if (own) own.push(endpoint)
    else this.#endpoints.set(callId, [endpoint])
    const calls = this.#calls.get(endpoint)
    if (!calls) return void this.#calls.set(endpoint, [callId])
    calls.push(callId)
    if (calls.length > MOST_CALLS) calls.shift()
  }

  /** The call is not kept any more. */
  delete(callId: string): void {
    for (const endpoint of this.#endpoints.get(callId) ?? []) {
      const others = this.#calls.get(endpoint)?.filter(other => other !== callId) ?? []
      if (others.length > 0) this.#calls.set(endpoint, others)
      else this.#calls.delete(endpoint)
    }
    this.#endpoints.delete(callId)
  }

  /** Call-IDs, the one that named it last behind. */
  find(endpoint: string): readonly string[] {
    return this.#calls.get(endpoint) ?? none
  }
}
