/** Whatever is not told apart any more. */
export const OVERFLOW = 'other'

/** Names that peers are counted under: never more than `maxPeers` beside those that the registry knows (PA-4). */
export class PeerNames {
  readonly #maxPeers: number
  readonly #isRegistered: (peer: string) => boolean
  readonly #admitted = new Set<string>()

  constructor(maxPeers: number, isRegistered: (peer: string) => boolean = () => false) {
    this.#maxPeers = maxPeers
    this.#isRegistered = isRegistered
  }

  /** The name itself, or `other` once too many are known. To be asked once per record: the answer may be another later. */
  nameOf(peer: string): string {
    if (this.#isRegistered(peer) || this.#admitted.has(peer)) return peer
    if (this.#admitted.size >= this.#maxPeers) return OVERFLOW
    this.#admitted.add(peer)
    return peer
  }

  /** Takes in a name that was counted under before a restart, however many there are. */
  admit(peer: string): void {
    if (peer !== OVERFLOW && !this.#isRegistered(peer)) this.#admitted.add(peer)
  }
}
