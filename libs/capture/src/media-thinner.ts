import type { EpochMicros } from '@earshot/units'
import type { Cursor } from './cursor.ts'

const slots = 1 << 14
/** Of a stream so much is passed on as tells when it began and that it goes on. */
const EVERY = 500_000 // µs

/**
 * Thins RTP out: of each stream, by its addresses and ports, one packet in half a second. What decides is when a stream
 * began; a capture that is all RTP would spend its time on the rest. Two streams that share a slot pass more often.
 */
export class MediaThinner {
  readonly #sources = new Int32Array(slots)
  readonly #destinations = new Int32Array(slots)
  readonly #ports = new Int32Array(slots)
  readonly #passedAt = new Float64Array(slots).fill(-Infinity)

  passes({ addresses, addressesAt, ipVersion, sourcePort, destinationPort }: Cursor, at: EpochMicros): boolean {
    const size = ipVersion === 4 ? 4 : 16
    const source = wordOf(addresses, addressesAt, size)
    const destination = wordOf(addresses, addressesAt + size, size)
    const ports = (sourcePort << 16) | destinationPort
    const mixed = Math.imul(Math.imul(source, 0x9e3779b1) ^ Math.imul(destination, 0x85ebca6b) ^ ports, 0x9e3779b1)
    const slot = mixed >>> 18
    const isSame =
      this.#sources[slot] === source && this.#destinations[slot] === destination && this.#ports[slot] === ports
    if (isSame && Math.abs(at - this.#passedAt[slot]!) < EVERY) return false
    this.#sources[slot] = source
    this.#destinations[slot] = destination
    this.#ports[slot] = ports
    this.#passedAt[slot] = at
    return true
  }
}

/** An IPv4 address; of an IPv6 address a number that is nearly always its own. */
function wordOf(bytes: Uint8Array, at: number, size: number): number {
  let word = 0
  for (let next = at; next < at + size; next += 4) {
    const part = (bytes[next]! << 24) | (bytes[next + 1]! << 16) | (bytes[next + 2]! << 8) | bytes[next + 3]!
    word = Math.imul(word, 31) ^ part
  }
  return word
}
