type Waiter = { readonly until: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }

/** Those who wait until an offset is committed. */
export class Waiters {
  #waiting: Waiter[] = []
  #over: { readonly error: unknown } | undefined

  get any(): boolean {
    return this.#waiting.length > 0
  }

  /** Rejects at once when it is over already. */
  until(offset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) reject(this.#over.error as Error)
      else this.#waiting.push({ until: offset, resolve, reject })
    })
  }

  /** True when somebody waits for this offset or an earlier one. */
  anyUntil(offset: number): boolean {
    return this.#waiting.some(({ until }) => until <= offset)
  }

  reached(offset: number): void {
    for (const { until, resolve } of this.#waiting) if (until <= offset) resolve()
    this.#waiting = this.#waiting.filter(({ until }) => until > offset)
  }

  /** Nothing will be committed any more. */
  end(error: unknown): void {
    this.#over = { error }
    for (const { reject } of this.#waiting) reject(error)
    this.#waiting = []
  }
}
