import type { Segment } from './segment.ts'

/** Where a frame lies. */
type Place = { readonly held: Held; readonly at: number; readonly length: number }

type Held = {
  readonly segment: Segment
  /** The minute of its frames, and the offset in the log of the first. */
  readonly minute: number
  readonly offset: number
  readonly calls: Set<string>
}

/** Frames of one record may be many times this; a segment is as long as a minute, or twice this. */
const SEGMENT_BYTES = 64 << 20

/**
 * Frames until it is known whether their call is worth keeping, by Call-ID. A cache of the log: it begins anew with each
 * start, and the log hands out again what was held.
 *
 * Segments grow and are deleted whole, oldest first; which frames of a call lie where is in memory, some 60 bytes for
 * each.
 */
export class HeldMessages {
  readonly #newSegment: () => Segment
  readonly #calls = new Map<string, Place[]>()
  readonly #segments: Held[] = []
  #waiting: Buffer[] = []
  #waitingBytes = 0

  constructor(newSegment: () => Segment) {
    this.#newSegment = newSegment
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { segment }) => sum + segment.bytes, this.#waitingBytes)
  }

  /** The offset of the oldest record that frames are held of. */
  get oldestOffset(): number | undefined {
    return this.#segments[0]?.offset
  }

  has(callId: string): boolean {
    return this.#calls.has(callId)
  }

  /** The frame is on disk after `flush`; until then it must not change. */
  hold(callId: string, frame: Buffer, { minute, offset }: { readonly minute: number; readonly offset: number }): void {
    const held = this.#segmentFor(minute, offset)
    const place = { held, at: held.segment.bytes + this.#waitingBytes, length: frame.length }
    this.#waiting.push(frame)
    this.#waitingBytes += frame.length
    held.calls.add(callId)
    const places = this.#calls.get(callId)
    if (places) places.push(place)
    else this.#calls.set(callId, [place])
  }

  flush(): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    this.#segments.at(-1)!.segment.append(waiting)
  }

  /** The frames of a call, which are held no more. */
  take(callId: string): Buffer[] {
    this.flush()
    const places = this.#calls.get(callId) ?? []
    this.#calls.delete(callId)
    for (const { held } of places) held.calls.delete(callId)
    return places.map(({ held, at, length }) => held.segment.read(at, length))
  }

  /** The calls that have frames in the oldest segment, where that is of a minute before this one. */
  oldest(minute: number): ReadonlySet<string> | undefined {
    const [oldest] = this.#segments
    return oldest && oldest.minute < minute ? oldest.calls : undefined
  }

  /** Lets go of the oldest segment and of all frames in it. */
  drop(): void {
    this.flush()
    const oldest = this.#segments.shift()
    if (!oldest) return
    for (const callId of oldest.calls) {
      const left = this.#calls.get(callId)!.filter(({ held }) => held !== oldest)
      if (left.length > 0) this.#calls.set(callId, left)
      else this.#calls.delete(callId)
    }
    oldest.segment.delete()
  }

  dropAll(): void {
    while (this.#segments.length > 0) this.drop()
  }

  #segmentFor(minute: number, offset: number): Held {
    const newest = this.#segments.at(-1)
    const isFull = newest && newest.segment.bytes + this.#waitingBytes > SEGMENT_BYTES
    if (newest && newest.minute >= minute && !isFull) return newest
    this.flush()
    const held = {
      segment: this.#newSegment(),
      minute: Math.max(minute, newest?.minute ?? minute),
      offset,
      calls: new Set<string>()
    }
    this.#segments.push(held)
    return held
  }
}
