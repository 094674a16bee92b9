/** Names of peers that no registry knows: their addresses, never more than `maxPeers` of them (PA-4). */
export class PeerNames {
  readonly #maxPeers: number
  readonly #admitted = new Set<string>()
  #overflows = 0

  constructor(maxPeers: number) {
    this.#maxPeers = maxPeers
  }

  /** The address itself, or `other` once too many are known. */
  nameOf(address: string): string {
    if (this.#admitted.has(address)) return address
    if (this.#admitted.size < this.#maxPeers) {
      this.#admitted.add(address)
      return address
    }
    this.#overflows += 1
    return 'other'
  }

  /** How often the answer was `other`. */
  get overflows(): number {
    return this.#overflows
  }
}
