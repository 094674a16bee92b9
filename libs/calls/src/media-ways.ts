/** Pairs of hosts that are remembered: more than a carrier has. */
const MOST_WAYS = 20_000
const KEY = 'media way '

/**
 * From which hosts to which others RTP of known calls was seen, and since when: where it was, silence means something.
 */
export class MediaWays {
  readonly #since = new Map<string, number>()
  /** Those that `changes` has not given. */
  readonly #changed = new Set<string>()

  get size(): number {
    return this.#since.size
  }

  note(source: string, destination: string, at: number): void {
    const key = `${KEY}${source} ${destination}`
    const since = this.#since.get(key)
    if (since === undefined ? this.#since.size >= MOST_WAYS : at >= since) return
    this.#since.set(key, at)
    this.#changed.add(key)
  }

  /** Media had been seen on this way before. */
  wasSeen(source: string, destination: string, before: number): boolean {
    return (this.#since.get(`${KEY}${source} ${destination}`) ?? Infinity) < before
  }

  /** State changed since the last call of this. */
  changes(): { key: string; value: Buffer }[] {
    const changes = Array.from(this.#changed, key => ({ key, value: Buffer.from(String(this.#since.get(key))) }))
    this.#changed.clear()
    return changes
  }

  /** Takes back what `changes` gave; false where it did not. */
  restore(key: string, value: Buffer): boolean {
    if (!key.startsWith(KEY)) return false
    this.#since.set(key, Number(value.toString()))
    return true
  }
}
