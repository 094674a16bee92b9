const MOST = 3

/** The Call-IDs that look most like one that was asked for: it may have been cut, or copied with a mistake. */
export class NearestCallIds {
  readonly #wanted: string
  #nearest: { readonly callId: string; readonly common: number }[] = []

  constructor(wanted: string) {
    this.#wanted = wanted
  }

  /** Best first. */
  get callIds(): readonly string[] {
    return this.#nearest.map(({ callId }) => callId)
  }

  add(callId: string): void {
    const common = commonEnds(this.#wanted, callId)
    if (common * 2 < this.#wanted.length || this.#nearest.some(each => each.callId === callId)) return
    if (this.#nearest.length === MOST && common <= this.#nearest[MOST - 1]!.common) return
    this.#nearest.push({ callId, common })
    this.#nearest = this.#nearest.toSorted((a, b) => b.common - a.common).slice(0, MOST)
  }
}

/** Characters that two texts begin and end with alike, each counted once. */
function commonEnds(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length)
  let start = 0
  while (start < shorter && one[start] === other[start]) start++
  let end = 0
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end++
  return start + end
}
