import { isIPv4, isIPv6 } from 'node:net'

/**
 * Addresses as text in the one form that `Endpoint` asks for, from their bytes and back.
 *
 * Source: RFC 5952 §4 (lower case, no leading zeros, the first longest run of zeros as "::").
 */

const slots = 4096
const keys = new Int32Array(slots)
const texts = Array.from({ length: slots }, () => '0.0.0.0')

/** The four bytes at `at` as a dotted quad. A carrier has few addresses, so the last text of each slot is kept. */
export function ipv4Text(bytes: Uint8Array, at: number): string {
  const key = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  const slot = Math.imul(key, 0x9e3779b1) >>> 20
  if (keys[slot] === key) return texts[slot]!
  const text = `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
  keys[slot] = key
  texts[slot] = text
  return text
}

/** The sixteen bytes at `at`; an IPv4-mapped address is written as the IPv4 one. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  if (isMapped(bytes, at)) return ipv4Text(bytes, at + 12)
  const run = longestZeroRun(bytes, at)
  let text = ''
  for (let group = 0; group < 8; group++) {
    if (group === run.start) {
      text += '::'
      group += run.length - 1
    } else {
      if (group !== 0 && group !== run.start + run.length) text += ':'
      text += groupAt(bytes, at, group).toString(16)
    }
  }
  return text
}

const groupAt = (bytes: Uint8Array, at: number, group: number): number =>
  (bytes[at + 2 * group]! << 8) | bytes[at + 2 * group + 1]!

function isMapped(bytes: Uint8Array, at: number): boolean {
  for (let byte = 0; byte < 10; byte++) if (bytes[at + byte] !== 0) return false
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff
}

function longestZeroRun(bytes: Uint8Array, at: number): { start: number; length: number } {
  // A single group of zeros is not shortened (RFC 5952 §4.2.2).
  const longest = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groupAt(bytes, at, start + length) === 0) length++
    if (length > longest.length) {
      longest.start = start
      longest.length = length
    }
    start += length
  }
  return longest
}

/** What somebody wrote as an address, in its one form; undefined for what is none, or has a zone. */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text
  return isIPv6(text) && !text.includes('%') ? ipv6Text(Uint8Array.from(addressBytes(text)), 0) : undefined
}

/** Four or sixteen bytes; none for the empty text, an address that was not told. Throws on anything else. */
export function addressBytes(text: string): readonly number[] {
  if (text === '') return []
  if (isIPv4(text)) return text.split('.').map(Number)
  if (!isIPv6(text) || text.includes('%')) throw new RangeError(`not an IP address: ${text}`)
  const [head = '', tail] = text.split('::')
  const before = groupBytes(head)
  const after = groupBytes(tail ?? '')
  const zeros = Array.from({ length: 16 - before.length - after.length }, () => 0)
  return [...before, ...zeros, ...after]
}

const groupBytes = (groups: string): number[] =>
  groups === '' ? [] : groups.split(':').flatMap(group => (group.includes('.') ? quadBytes(group) : hexBytes(group)))

const quadBytes = (quad: string): number[] => quad.split('.').map(Number)

function hexBytes(group: string): number[] {
  const value = parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
