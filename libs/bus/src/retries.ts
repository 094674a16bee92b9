/** The pauses before the tries that follow a failure; they begin anew whenever new ground was committed. */
export class Retries {
  readonly #delaysMs: readonly number[]
  #reached: number
  #failures = 0

  constructor(delaysMs: readonly number[] = [100, 1000, 5000], reached: number) {
    this.#delaysMs = delaysMs
    this.#reached = reached
  }

  /** How long to wait after a failure, given the offset committed by now; undefined when it is to be given up. */
  delayAfter(committed: number): number | undefined {
    // Only new ground counts: replayed records succeed before each try.
    if (committed > this.#reached) this.#failures = 0
    this.#reached = committed
    return this.#delaysMs[this.#failures++]
  }
}
