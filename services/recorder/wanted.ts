import { hash } from 'node:crypto'
import type { Batch } from '@earshot/store'

/** Call-IDs whose messages are not held here, or not yet; of older ones the store is asked when their messages would go. */
const MOST = 5000

/**
 * Whose messages are worth keeping: of calls with a rejection, a diagnosis or early media that was not answered, and of a
 * sample of all others.
 */
export class Wanted {
  readonly #sample: number
  readonly #callIds = new Set<string>()

  /** @param sample share of the calls that have nothing to tell */
  constructor(sample: number) {
    this.#sample = sample
  }

  note({ attempts = [], rejections = [] }: Batch): void {
    for (const { callId } of rejections) this.#want(callId)
    for (const { callId, class: early, outcome, diagnosis } of attempts) {
      const isTelling = (early === 'early_media' && outcome !== 'answered') || diagnosis !== undefined
      if (isTelling || this.isSampled(callId)) this.#want(callId)
    }
  }

  /** Those noted that are there, which are noted no more. */
  among(has: (callId: string) => boolean): string[] {
    const found = [...this.#callIds].filter(has)
    for (const callId of found) this.#callIds.delete(callId)
    return found
  }

  /** The same answer from everybody who is asked. */
  isSampled(callId: string): boolean {
    return this.#sample > 0 && hash('sha1', callId, 'buffer').readUInt32BE() < this.#sample * 2 ** 32
  }

  #want(callId: string): void {
    this.#callIds.add(callId)
    if (this.#callIds.size <= MOST) return
    const [oldest] = this.#callIds
    this.#callIds.delete(oldest!)
  }
}
