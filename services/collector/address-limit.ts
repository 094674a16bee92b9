import type { Socket } from 'node:net'

/** Counts the connections that are open, by the address that they come from. */
export class AddressLimit {
  readonly #most: number
  readonly #open = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** Whether one more may be; it counts until it is closed. */
  admits(connection: Socket, address: string): boolean {
    const open = this.#open.get(address) ?? 0
    if (open >= this.#most) return false
    this.#open.set(address, open + 1)
    connection.once('close', () => this.#closed(address))
    return true
  }

  #closed(address: string): void {
    const open = this.#open.get(address)! - 1
    if (open > 0) this.#open.set(address, open)
    else this.#open.delete(address)
  }
}
