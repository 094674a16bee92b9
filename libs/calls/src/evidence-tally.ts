import type { EpochMicros } from '@earshot/units'
import type { SipMessage } from '@earshot/sip'
import type { Direction } from './party.ts'
import type { AllowEvidence, Evidence, LoadEvidence, MethodEvidence } from './records.ts'
import { agentOf } from './witness.ts'

/** Rows that are kept between two calls of `take`; what a flood adds beyond is not told. */
const MOST_ROWS = 20_000
/** Of a method in an Allow. */
const LONGEST_METHOD = 32
/** More than any Allow lists. */
const MOST_METHODS = 32
/** Allow headers as written whose methods are remembered, and how long those may be. */
const MOST_TEXTS = 2_000
const LONGEST_TEXT = 512

/**
 * Sums what peers show of the methods that they take, and what occupies them. The owner takes it with each batch: it is
 * no state, what was summed and not taken is lost with the batch.
 */
export class EvidenceTally {
  readonly #methods = new Map<string, Mutable<MethodEvidence>>()
  readonly #allows = new Map<string, Mutable<AllowEvidence>>()
  /** Never more than the messages of the batch: of these none may be left out. */
  readonly #loads = new Map<string, Mutable<LoadEvidence>>()
  readonly #texts = new Map<string, readonly string[]>()

  noteMethod(peer: string, transaction: Omit<MethodEvidence, 'kind' | 'second' | 'peer' | 'count'>, at: number): void {
    const { agent, method, code, callId } = transaction
    const second = secondOf(at)
    const key = `${second} ${code} ${method} ${peer}\n${agent}`
    const row = this.#methods.get(key)
    if (!row) {
      if (this.#methods.size >= MOST_ROWS) return
      this.#methods.set(key, { kind: 'method', second, peer, agent, method, code, count: 1, callId })
      return
    }
    row.count++
    // Whichever was counted first, the sum has the same sample.
    if (callId < row.callId) row.callId = callId
  }

  /** @param message has an Allow */
  noteAllow(peer: string, source: AllowEvidence['source'], message: SipMessage, at: EpochMicros): void {
    const second = secondOf(at)
    const agent = agentOf(message)
    const text = message.allowText
    const key = `${second} ${source} ${peer}\n${agent}\n${text}`
    const row = this.#allows.get(key)
    if (row) row.count++
    else if (this.#allows.size < MOST_ROWS) {
      const methods = this.#methodsOf(text, message)
      this.#allows.set(key, { kind: 'allowed', second, peer, agent, source, methods, count: 1 })
    }
  }

  /** Attempts between our own equipment occupy nobody (PA-2). */
  noteLoad(peer: string, direction: Direction, load: Pick<LoadEvidence, 'attempts' | 'calls'>, at: number): void {
    if (direction === 'internal') return
    const second = secondOf(at)
    const key = `${second} ${direction} ${peer}`
    const row = this.#loads.get(key)
    if (row) {
      row.attempts += load.attempts
      row.calls += load.calls
    } else this.#loads.set(key, { kind: 'load', second, peer, direction, ...load })
  }

  /** What was summed since the last call of this. */
  take(): Evidence[] {
    const rows: Evidence[] = [...this.#methods.values(), ...this.#allows.values(), ...this.#loads.values()]
    this.#loads.clear()
    this.#methods.clear()
    this.#allows.clear()
    return rows
  }

  #methodsOf(text: string, message: SipMessage): readonly string[] {
    const known = this.#texts.get(text)
    if (known) return known
    const short = message.allow!.filter(method => method.length <= LONGEST_METHOD && isToken.test(method))
    const methods = [...new Set(short)].slice(0, MOST_METHODS).sort()
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear()
    if (text.length <= LONGEST_TEXT) this.#texts.set(text, methods)
    return methods
  }
}

/** RFC 3261 §25.1. */
const isToken = /^[\w.!%*+`'~-]+$/

const secondOf = (at: number): number => Math.floor(at / 1e6)

type Mutable<Row> = { -readonly [Field in keyof Row]: Row[Field] }
