import { ipv4Text, ipv6Text, type Endpoint } from '@earshot/units'
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
