import { CaptureError, CaptureReader, type CaptureCounters } from '@earshot/capture'
import type { Captured } from '@earshot/units'
import { progressBar } from './progress.ts'

type Source = {
  readonly reader: CaptureReader
  readonly batches: AsyncIterator<readonly Captured[]>
  next: readonly Captured[]
}

/** Several captures read as one: of all files always the one that goes on earliest. To be iterated once. */
export class Merge implements AsyncIterable<readonly Captured[]> {
  /** Files that end badly; what is before the damage was read. */
  readonly damages: CaptureError[] = []
  readonly #files: readonly string[]
  #sources: Source[] = []

  constructor(files: readonly string[]) {
    this.#files = files
  }

  /** What the readers met, one of each file. */
  get counters(): readonly CaptureCounters[] {
    return this.#sources.map(({ reader }) => reader.counters)
  }

  /** Iterating throws a CaptureError for a file that cannot be read at all. */
  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Captured[]> {
    const bar = progressBar(this.#files)
    this.#sources = this.#files.map((file, index) => {
      const reader = new CaptureReader(file, { media: true, onProgress: read => bar.at(index, read) })
      return { reader, batches: reader[Symbol.asyncIterator](), next: [] }
    })
    try {
      const open = new Set<Source>()
      for (const source of this.#sources) if (await this.#refill(source)) open.add(source)
      while (open.size > 0) {
        const [first, second] = [...open].sort((a, b) => a.next[0]!.capturedAt - b.next[0]!.capturedAt)
        yield take(first!, second?.next[0]!.capturedAt ?? Infinity)
        if (first!.next.length === 0 && !(await this.#refill(first!))) open.delete(first!)
      }
    } finally {
      bar.stop()
      for (const { batches } of this.#sources) await batches.return?.()
    }
  }

  /** False when the file has ended, whichever way. */
  async #refill(source: Source): Promise<boolean> {
    try {
      const { value, done } = await source.batches.next()
      if (done !== true) source.next = value
      return done !== true
    } catch (error) {
      if (!(error instanceof CaptureError) || !isDamage(error)) throw error
      this.damages.push(error)
      return false
    }
  }
}

const isDamage = ({ code }: CaptureError): boolean => code === 'truncated' || code === 'corrupt'

/** What of the batch comes before `until`; at least its first packet. */
function take(source: Source, until: number): readonly Captured[] {
  const { next } = source
  const cut = next.findIndex(({ capturedAt }, index) => index > 0 && capturedAt > until)
  source.next = cut === -1 ? [] : next.slice(cut)
  return cut === -1 ? next : next.slice(0, cut)
}
