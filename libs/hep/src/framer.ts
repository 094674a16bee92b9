import { headerLength, isHep3, uint16 } from './chunk.ts'

/**
 * Cuts the byte stream of a TCP or TLS connection into whole HEPv3 frames.
 *
 * A frame is handed out when its chunks fill its length exactly. Where they do not, the boundary is lost: the bytes up to
 * the next place where a frame does are skipped and counted. Which bytes are frames depends on the stream alone, never
 * on how it was cut into pieces.
 *
 * Total; holds at most one unfinished frame of 64 KiB. A frame that lies inside one piece is a view of it, only one that
 * crosses pieces is copied, once.
 */
export class HepFramer {
  /** Bytes that belonged to no frame. */
  skippedBytes = 0
  /** How often the boundary was lost. */
  losses = 0

  /** The unfinished frame: its first `#heldLength` bytes, in memory for all of it once its header is known. */
  #held: Buffer = Buffer.alloc(0)
  #heldLength = 0
  #inStep = true
  /** How far the chunks of the frame in question are known to fill it, and how many they are. */
  #reach = headerLength
  #chunks = 0

  /** The frames that this piece of the stream completes, in order. They may be views of it. */
  push(piece: Buffer): readonly Buffer[] {
    const frames: Buffer[] = []
    if (this.#heldLength === 0) {
      this.#scan(piece, 0, frames)
      return frames
    }
    const used = this.#fill(piece)
    switch (this.#judge(this.#held, 0, this.#heldLength)) {
      case 'whole':
        this.#heldLength = 0
        this.#take(this.#held, frames)
        this.#scan(piece, used, frames)
        break
      case 'broken': {
        const bytes = Buffer.concat([this.#held.subarray(0, this.#heldLength), piece.subarray(used)])
        this.#heldLength = 0
        this.#reset()
        this.#scan(bytes, 0, frames)
        break
      }
      case 'unfinished':
    }
    return frames
  }

  #scan(bytes: Buffer, start: number, frames: Buffer[]): void {
    let at = start
    while (at < bytes.length) {
      switch (this.#judge(bytes, at, bytes.length)) {
        case 'whole': {
          const end = at + uint16(bytes, at + 4)
          this.#take(bytes.subarray(at, end), frames)
          at = end
          break
        }
        case 'unfinished':
          this.#hold(bytes.subarray(at))
          return
        case 'broken':
          at = this.#skip(bytes, at)
          break
      }
    }
  }

  /** Of the frame that begins at `start`, seen up to `available`; goes on from where it stood with the same frame. */
  #judge(bytes: Buffer, start: number, available: number): 'whole' | 'unfinished' | 'broken' {
    if (available - start < headerLength) return mayBeHeader(bytes, start, available) ? 'unfinished' : 'broken'
    const length = uint16(bytes, start + 4)
    if (!isHep3(bytes, start) || length < headerLength) return 'broken'
    while (this.#reach < length) {
      const at = start + this.#reach
      if (this.#reach + headerLength > length) return 'broken'
      if (at + headerLength > available) return 'unfinished'
      const size = uint16(bytes, at + 4)
      if (size < headerLength || this.#reach + size > length) return 'broken'
      // A chunk called "HEP3" is the header of a frame that a wrong length has swallowed.
      if (isHep3(bytes, at) || ++this.#chunks > mostChunks) return 'broken'
      this.#reach += size
    }
    return available - start < length ? 'unfinished' : 'whole'
  }

  #take(frame: Buffer, frames: Buffer[]): void {
    frames.push(frame)
    this.#inStep = true
    this.#reset()
  }

  /** Where the next frame may begin; the bytes before it are lost. */
  #skip(bytes: Buffer, at: number): number {
    if (this.#inStep) this.losses++
    this.#inStep = false
    this.#reset()
    const found = bytes.indexOf(magic, at + 1)
    const next = found < 0 ? possibleStart(bytes, at + 1) : found
    this.skippedBytes += next - at
    return next
  }

  #reset(): void {
    this.#reach = headerLength
    this.#chunks = 0
  }

  #hold(bytes: Buffer): void {
    const known = bytes.length >= headerLength
    this.#held = Buffer.allocUnsafe(known ? uint16(bytes, 4) : headerLength)
    this.#heldLength = bytes.copy(this.#held)
  }

  /** Moves what the held frame lacks out of the piece; says how much that was. */
  #fill(piece: Buffer): number {
    let used = this.#copy(piece, 0, headerLength)
    if (this.#heldLength < headerLength || !isHep3(this.#held, 0)) return used
    const length = uint16(this.#held, 4)
    if (length > this.#held.length) this.#enlarge(length)
    used += this.#copy(piece, used, length)
    return used
  }

  #enlarge(length: number): void {
    const header = this.#held
    this.#held = Buffer.allocUnsafe(length)
    header.copy(this.#held)
  }

  #copy(piece: Buffer, from: number, upTo: number): number {
    if (this.#heldLength >= upTo) return 0
    const copied = piece.copy(this.#held, this.#heldLength, from, from + upTo - this.#heldLength)
    this.#heldLength += copied
    return copied
  }
}

const magic = Buffer.from('HEP3')

/** Agents send about a dozen; the bound keeps the search for a boundary linear in the stream. */
const mostChunks = 256

/** Whether the few bytes of an unfinished header can still become one. */
function mayBeHeader(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < Math.min(end, start + magic.length); at++) {
    if (bytes[at] !== magic[at - start]) return false
  }
  return true
}

/** The first of the last three bytes from which "HEP3" may still follow, else the end. */
function possibleStart(bytes: Buffer, from: number): number {
  for (let at = Math.max(from, bytes.length - magic.length + 1); at < bytes.length; at++) {
    if (mayBeHeader(bytes, at, bytes.length)) return at
  }
  return bytes.length
}
