import { seconds } from '@earshot/units'
import type { EpochMicros } from '@earshot/units'
import type { CaptureCounters } from './counters.ts'
import type { Cursor, Layer } from './cursor.ts'

type Part = { readonly offset: number; readonly bytes: Buffer }

type Datagram = {
  readonly startedAt: EpochMicros
  parts: Part[]
  buffered: number
  /** Length of the whole payload, known from its last fragment. */
  length: number
}

const maxAge = seconds(30)
const maxDatagrams = 1024
const maxBuffered = 16 << 20
const maxLength = 65_535
// Every fragment but the last carries at least 8 bytes; real ones carry hundreds.
const maxParts = 512

/**
 * Puts fragmented IP datagrams together, in any order of their fragments.
 *
 * Bounded: at most 1024 datagrams and 16 MiB wait at a time, none for more than 30 s of capture time. Fragments are
 * copied, so that they do not hold on to the file's blocks. Where fragments overlap, the one with the higher offset wins.
 *
 * Source: RFC 791 §3.2, RFC 8200 §4.5.
 */
export class Fragments {
  readonly #counters: CaptureCounters
  readonly #datagrams = new Map<string, Datagram>()
  #buffered = 0

  constructor(counters: CaptureCounters) {
    this.#counters = counters
  }

  /** Takes the fragment at the cursor; the cursor stands in the whole datagram once its last piece has come. */
  take(frame: Cursor, identification: number, offset: number, more: boolean, now: EpochMicros): Layer {
    this.#counters.fragments++
    const end = offset + frame.length
    const isBad = frame.length === 0 || frame.missing > 0 || end > maxLength || (more && frame.length % 8 !== 0)
    if (isBad) return frame.fail('bad-fragment')
    const key = keyOf(frame, identification)
    const datagram = this.#open(key, now)
    if (!more) datagram.length = end
    this.#add(datagram, frame, offset)
    const whole = assemble(datagram)
    if (whole === undefined) {
      this.#makeRoom()
      return 'incomplete'
    }
    this.#close(key, datagram)
    frame.start(whole, 0, whole.length)
    return 'ipProtocol'
  }

  /** Gives up what is still incomplete. */
  finish(): void {
    for (const [key, datagram] of this.#datagrams) this.#lose(key, datagram)
  }

  #open(key: string, now: EpochMicros): Datagram {
    for (const [oldestKey, oldest] of this.#datagrams) {
      if (now - oldest.startedAt <= maxAge) break
      this.#lose(oldestKey, oldest)
    }
    const known = this.#datagrams.get(key)
    if (known !== undefined && known.parts.length < maxParts) return known
    if (known !== undefined) this.#lose(key, known)
    const datagram: Datagram = { startedAt: now, parts: [], buffered: 0, length: Infinity }
    this.#datagrams.set(key, datagram)
    return datagram
  }

  #add(datagram: Datagram, frame: Cursor, offset: number): void {
    if (datagram.parts.some(part => part.offset === offset && part.bytes.length === frame.length)) return
    datagram.parts.push({ offset, bytes: Buffer.from(frame.bytes.subarray(frame.at, frame.end)) })
    datagram.buffered += frame.length
    this.#buffered += frame.length
  }

  #makeRoom(): void {
    for (const [key, datagram] of this.#datagrams) {
      if (this.#datagrams.size <= maxDatagrams && this.#buffered <= maxBuffered) return
      this.#lose(key, datagram)
    }
  }

  #lose(key: string, datagram: Datagram): void {
    this.#counters.fragmentsLost += datagram.parts.length
    this.#close(key, datagram)
  }

  #close(key: string, datagram: Datagram): void {
    this.#buffered -= datagram.buffered
    this.#datagrams.delete(key)
  }
}

function keyOf(frame: Cursor, identification: number): string {
  const addresses = frame.addresses.toString(
    'latin1',
    frame.addressesAt,
    frame.addressesAt + (frame.ipVersion === 4 ? 8 : 32)
  )
  return `${addresses}${identification}/${frame.protocol}`
}

function assemble(datagram: Datagram): Buffer | undefined {
  if (datagram.buffered < datagram.length) return undefined
  const parts = datagram.parts.toSorted((a, b) => a.offset - b.offset)
  let reached = 0
  for (const part of parts) {
    if (part.offset > reached) return undefined
    reached = Math.max(reached, part.offset + part.bytes.length)
  }
  if (reached < datagram.length) return undefined
  const whole = Buffer.allocUnsafe(reached)
  for (const part of parts) part.bytes.copy(whole, part.offset)
  return whole.subarray(0, datagram.length)
}
