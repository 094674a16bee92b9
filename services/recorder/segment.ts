import { closeSync, fstatSync, openSync, readSync, rmSync, writevSync } from 'node:fs'

/** Bytes that are appended, read in parts, and deleted as a whole. */
export interface Segment {
  readonly bytes: number
  /** The bytes may be a view of what is about to change. */
  append(parts: readonly Buffer[]): void
  /** Own memory of the caller. */
  read(at: number, length: number): Buffer
  delete(): void
}

/** In a file, made anew. */
export class FileSegment implements Segment {
  readonly #path: string
  readonly #file: number
  bytes = 0

  constructor(path: string) {
    this.#path = path
    this.#file = openSync(path, 'wx+', 0o600)
  }

  append(parts: readonly Buffer[]): void {
    for (let from = 0; from < parts.length; from += MOST_PARTS) {
      const some = parts.slice(from, from + MOST_PARTS)
      const wanted = some.reduce((sum, { length }) => sum + length, 0)
      const written = writevSync(this.#file, some, this.bytes)
      if (written < wanted)
        throw new Error(`${this.#path}: ${written} of ${wanted} bytes were written; the disk is full`)
      this.bytes += wanted
    }
  }

  read(at: number, length: number): Buffer {
    const part = Buffer.alloc(length)
    const read = readSync(this.#file, part, 0, length, at)
    if (read < length) throw new Error(`${this.#path} has ${fstatSync(this.#file).size} bytes, and ends too early`)
    return part
  }

  delete(): void {
    closeSync(this.#file)
    rmSync(this.#path, { force: true })
  }
}

/** What a system call takes at once (IOV_MAX). */
const MOST_PARTS = 1024

export class MemorySegment implements Segment {
  readonly #parts = new Map<number, Buffer>()
  bytes = 0

  append(parts: readonly Buffer[]): void {
    for (const part of parts) {
      this.#parts.set(this.bytes, Buffer.from(part))
      this.bytes += part.length
    }
  }

  /** Of a part that was appended, no other. */
  read(at: number, length: number): Buffer {
    return Buffer.from(this.#parts.get(at)!.subarray(0, length))
  }

  delete(): void {
    this.#parts.clear()
    this.bytes = 0
  }
}
