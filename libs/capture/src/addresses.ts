import type { Endpoint } from '@earshot/units'
import type { Cursor } from './cursor.ts'

const maxCached = 65_536

/** Endpoints as text, made once per address and port and shared. Bounded: forgets all of them when there are too many. */
export class Endpoints {
  // An IPv4 address and its port are one exact number; an IPv6 address is its 16 bytes.
  readonly #v4 = new Map<number, Endpoint>()
  readonly #v6 = new Map<string, Endpoint>()

  source(frame: Cursor): Endpoint {
    return this.#at(frame, frame.addressesAt, frame.sourcePort)
  }

  destination(frame: Cursor): Endpoint {
    return this.#at(frame, frame.addressesAt + (frame.ipVersion === 4 ? 4 : 16), frame.destinationPort)
  }

  #at(frame: Cursor, at: number, port: number): Endpoint {
    const bytes = frame.addresses
    return frame.ipVersion === 4 ? this.#ipv4(bytes, at, port) : this.#ipv6(bytes, at, port)
  }

  #ipv4(bytes: Buffer, at: number, port: number): Endpoint {
    const key =
      ((bytes[at]! * 256 + bytes[at + 1]!) * 256 + bytes[at + 2]!) * 0x1000000 + bytes[at + 3]! * 0x10000 + port
    const known = this.#v4.get(key)
    if (known !== undefined) return known
    return remember(this.#v4, key, { address: ipv4Text(bytes, at), port })
  }

  #ipv6(bytes: Buffer, at: number, port: number): Endpoint {
    const key = `${bytes.toString('latin1', at, at + 16)}${port}`
    const known = this.#v6.get(key)
    if (known !== undefined) return known
    return remember(this.#v6, key, { address: ipv6Text(bytes, at), port })
  }
}

function remember<Key>(cache: Map<Key, Endpoint>, key: Key, endpoint: Endpoint): Endpoint {
  if (cache.size >= maxCached) cache.clear()
  cache.set(key, endpoint)
  return endpoint
}

export const ipv4Text = (bytes: Buffer, at: number): string =>
  `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`

/** The canonical form of RFC 5952 §4, but IPv4-mapped addresses as IPv4. */
export function ipv6Text(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(at + index * 2))
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff) return ipv4Text(bytes, at + 12)
  const text = groups.map(group => group.toString(16))
  const run = longestZeroRun(groups)
  if (run.length < 2) return text.join(':')
  return `${text.slice(0, run.start).join(':')}::${text.slice(run.start + run.length).join(':')}`
}

/** The first of the longest (RFC 5952 §4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  groups.forEach((group, index) => {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: index - length + 1, length }
  })
  return best
}
