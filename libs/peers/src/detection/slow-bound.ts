import { rounded } from './rounded.ts'

/** Few of the peer's delays are to be beyond the bound, so that more of them show: about one in ten. */
const MOST_BEYOND = 0.15
/** With more or fewer than this beyond it, another bound is looked for. */
const RANGE = { least: 0.01, most: 0.4 }
/** Before so many delays nothing is known of them. */
const ENOUGH = 300
const KEPT = 0.999

export type SlowBoundState = { readonly bound?: number; readonly delays: readonly number[] }

/** Which of the bounds of the delays is a long one for this peer. */
export class SlowBound {
  /** Its place in `delayBounds`; undefined while too little is known. */
  bound: number | undefined
  #delays: number[] = []

  /** Returns whether the bound is another one now. */
  learn(delays: readonly number[]): boolean {
    this.#delays = delays.map((count, at) => rounded(KEPT * (this.#delays[at] ?? 0) + count))
    const all = this.#delays.reduce((a, b) => a + b, 0)
    if (all < ENOUGH) return false
    if (this.bound !== undefined) {
      const beyond = this.#beyond(this.bound) / all
      if (beyond >= RANGE.least && beyond <= RANGE.most) return false
    }
    const found = this.#delays.findIndex((_, at) => this.#beyond(at) <= MOST_BEYOND * all)
    const bound = Math.min(found, this.#delays.length - 2)
    const isOther = bound !== this.bound
    this.bound = bound
    return isOther
  }

  state(): SlowBoundState {
    return { ...(this.bound !== undefined && { bound: this.bound }), delays: this.#delays }
  }

  restore({ bound, delays }: SlowBoundState): void {
    this.bound = bound
    this.#delays = [...delays]
  }

  #beyond(bound: number): number {
    let count = 0
    for (let at = bound + 1; at < this.#delays.length; at++) count += this.#delays[at]!
    return count
  }
}
