import type { Captured } from '@earshot/units'
import { ByteSource } from './byte-source.ts'
import { CaptureError } from './capture-error.ts'
import { noCounts } from './counters.ts'
import type { CaptureCounters } from './counters.ts'
import type { FileFormat } from './file-format.ts'
import { formatOf, magicLength } from './format-of.ts'
import { PacketFinder } from './packet-finder.ts'

export type ReadOptions = {
  /** Bytes of the file as it lies on the disk; the total is 0 for a pipe. Called once per block. */
  readonly onProgress?: (bytesRead: number, bytesTotal: number) => void
  readonly signal?: AbortSignal
  /** Yields what tells of media too: RTP thinned out, RTCP, and reports in HEP, each with its `media`. */
  readonly media?: boolean
}

// Room for several of the longest records.
const blockSize = 1 << 20

/**
 * The SIP in a capture file (pcap or pcapng, plain or gzip), found by content, in the order of the file. To be iterated
 * once.
 *
 * Memory does not grow with the file: it is read in blocks of 1 MiB that are never written again, so a payload stays
 * valid as long as it is kept, and keeps its whole block. Iterating throws CaptureError when the file cannot be read, or
 * not to its end; in the latter case what is readable comes first.
 */
export class CaptureReader implements AsyncIterable<readonly Captured[]> {
  readonly counters: CaptureCounters = noCounts()
  readonly #path: string
  readonly #options: ReadOptions
  readonly #finder: PacketFinder

  constructor(path: string, options: ReadOptions = {}) {
    this.#path = path
    this.#options = options
    this.#finder = new PacketFinder(this.counters, options.media === true)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Captured[], void, void> {
    const source = await ByteSource.open(this.#path)
    try {
      let failure: unknown
      try {
        yield* this.#records(source)
      } catch (error) {
        failure = error
      }
      this.#finder.finish()
      const rest = this.#finder.found()
      if (rest.length > 0) yield rest
      if (failure !== undefined) throw failure
    } finally {
      await source.close()
    }
    const { packets, unsupportedLink } = this.counters
    if (packets > 0 && packets === unsupportedLink) throw new CaptureError('unsupported-link', this.#path)
  }

  async *#records(source: ByteSource): AsyncGenerator<readonly Captured[], void, void> {
    const { onProgress, signal } = this.#options
    let format: FileFormat | undefined
    let block = Buffer.allocUnsafeSlow(blockSize)
    let blockOffset = 0
    let at = 0
    let end = 0
    for (;;) {
      signal?.throwIfAborted()
      const count = await source.read(block, end)
      end += count
      onProgress?.(source.bytesRead, source.bytesTotal)
      if (count === 0) break
      if (end < magicLength) continue
      format ??= this.#format(block)
      if (at < end) {
        const progress = format.read(block, at, end, this.#finder)
        at = progress.at
        const found = this.#finder.found()
        if (found.length > 0) yield found
        if (progress.corrupt) throw new CaptureError('corrupt', this.#path, blockOffset + at)
      }
      if (end < blockSize) continue
      const next = Buffer.allocUnsafeSlow(blockSize)
      const kept = at < end ? block.copy(next, 0, at, end) : 0
      blockOffset += end - kept
      at = Math.max(0, at - end)
      end = kept
      block = next
    }
    if (end + blockOffset === 0) throw new CaptureError('empty', this.#path)
    if (format === undefined) throw new CaptureError('not-a-capture', this.#path)
    if (at !== end) throw new CaptureError('truncated', this.#path, blockOffset + at)
  }

  #format(block: Buffer): FileFormat {
    const format = formatOf(block)
    if (format === undefined) throw new CaptureError('not-a-capture', this.#path)
    return format
  }
}

/** A reader of the file; nothing is opened before it is iterated. */
export const readCapture = (path: string, options?: ReadOptions): CaptureReader => new CaptureReader(path, options)
