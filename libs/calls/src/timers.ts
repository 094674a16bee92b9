import TinyQueue from 'tinyqueue'

export type Timer = { readonly at: number; readonly key: string }

const SECOND = 1e6

/**
 * Timers by event time, given out in its order. Those of later seconds wait unsorted, so that the queue that is
 * sorted stays small: most timers lie far ahead, and most are overtaken before their time comes.
 */
export class Timers {
  readonly #near = new TinyQueue<Timer>([], (a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
  readonly #far = new Map<number, Timer[]>()
  /** Timers up to the end of this second are near. */
  #second = -Infinity

  push(timer: Timer): void {
    const second = Math.floor(timer.at / SECOND)
    const bucket = this.#far.get(second)
    if (second <= this.#second) this.#near.push(timer)
    else if (bucket) bucket.push(timer)
    else this.#far.set(second, [timer])
  }

  /** The next timer before `now`. */
  next(now: number): Timer | undefined {
    for (;;) {
      const next = this.#near.peek()
      if (next) return next.at < now ? this.#near.pop() : undefined
      if (!this.#approach(Math.floor(now / SECOND))) return undefined
    }
  }

  /** Moves the timers of the next second that has some near; false when there are none up to `last`. */
  #approach(last: number): boolean {
    if (this.#second >= last) return false
    const second = this.#nextSecond(last)
    this.#second = second
    for (const timer of this.#far.get(second) ?? []) this.#near.push(timer)
    this.#far.delete(second)
    return true
  }

  #nextSecond(last: number): number {
    // After a gap in the traffic the seconds that have timers are fewer than those that have passed.
    if (last - this.#second > this.#far.size) return Math.min(last, ...this.#far.keys())
    let second = this.#second + 1
    while (second < last && !this.#far.has(second)) second++
    return second
  }
}
