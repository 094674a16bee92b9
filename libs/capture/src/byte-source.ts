import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { Readable, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CaptureError } from './capture-error.ts'

const chunkSize = 1 << 18

/** The bytes of a capture file in order, unpacked if it is gzip. Throws CaptureError for what keeps it from reading. */
export class ByteSource {
  readonly #path: string
  readonly #file: FileHandle
  /** Size of the file as it lies on the disk; 0 for a pipe. */
  readonly bytesTotal: number
  /** How much of it was read. */
  bytesRead = 0
  #unpacked: AsyncIterator<Buffer, undefined> | undefined
  #chunk: Buffer = Buffer.alloc(0)

  private constructor(path: string, file: FileHandle, bytesTotal: number) {
    this.#path = path
    this.#file = file
    this.bytesTotal = bytesTotal
  }

  static async open(path: string): Promise<ByteSource> {
    try {
      const file = await open(path)
      return new ByteSource(path, file, (await file.stat()).size)
    } catch (error) {
      throw new CaptureError(codeOf(error) === 'ENOENT' ? 'missing' : 'unreadable', path, 0, error)
    }
  }

  /** Fills `target` from `at`; resolves with how many bytes there were, 0 at the end of the file. */
  async read(target: Buffer, at: number): Promise<number> {
    const isFirst = this.bytesRead === 0
    const count = this.#unpacked ? await this.#readUnpacked(target, at) : await this.#readFile(target, at)
    if (!isFirst || this.#unpacked || count < 2 || target.readUInt16BE(at) !== 0x1f8b) return count
    const head = Buffer.from(target.subarray(at, at + count))
    // An error of either stream surfaces where the second one is read.
    const unpacked = pipeline(Readable.from(this.#packed(head)), createGunzip({ chunkSize }), () => {})
    this.#unpacked = unpacked[Symbol.asyncIterator]()
    return this.#readUnpacked(target, at)
  }

  async close(): Promise<void> {
    await this.#unpacked?.return?.()
    await this.#file.close()
  }

  async #readFile(target: Buffer, at: number): Promise<number> {
    try {
      const { bytesRead } = await this.#file.read(target, at)
      this.bytesRead += bytesRead
      return bytesRead
    } catch (error) {
      throw new CaptureError('unreadable', this.#path, this.bytesRead, error)
    }
  }

  async *#packed(head: Buffer): AsyncGenerator<Buffer> {
    yield head
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(chunkSize)
      const count = await this.#readFile(chunk, 0)
      if (count === 0) return
      yield chunk.subarray(0, count)
    }
  }

  async #readUnpacked(target: Buffer, at: number): Promise<number> {
    if (this.#chunk.length === 0) this.#chunk = await this.#nextChunk()
    const count = this.#chunk.copy(target, at)
    this.#chunk = this.#chunk.subarray(count)
    return count
  }

  async #nextChunk(): Promise<Buffer> {
    try {
      return (await this.#unpacked!.next()).value ?? Buffer.alloc(0)
    } catch (error) {
      if (error instanceof CaptureError) throw error
      // Z_BUF_ERROR: the compressed data ends too early.
      throw new CaptureError(
        codeOf(error) === 'Z_BUF_ERROR' ? 'truncated' : 'corrupt',
        this.#path,
        this.bytesRead,
        error
      )
    }
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
