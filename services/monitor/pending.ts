import type { StateChange } from '@earshot/bus'
import type { Sums } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'
import type { PendingRecord } from '../pipeline.ts'

const PREFIX = 'pending '

/** The offset of the part is known, but not of what version 0.1.0 wrote. */
type Part = PendingRecord & { readonly offset?: number }

/** How the attempts that are not over stand, as each source said last; each part is a state of its own. */
export class Pending {
  readonly #sources = new Map<number, Map<string, Part>>()
  readonly #changed = new Map<string, Part | undefined>()

  static isKey(key: string): boolean {
    return key.startsWith(PREFIX)
  }

  take(record: PendingRecord, offset: number): void {
    if (record.part === 0) {
      for (const former of this.#of(record.partition).keys()) this.#changed.set(former, undefined)
      this.#sources.delete(record.partition)
    }
    const [key, part] = [keyOf(record), { ...record, offset }]
    this.#of(record.partition).set(key, part)
    this.#changed.set(key, part)
  }

  /** The offset up to which what a source wrote has been taken. */
  takenUntil(source: number): number {
    return Math.max(-1, ...Array.from(this.#sources.get(source)?.values() ?? [], ({ offset = -1 }) => offset))
  }

  /** Of all sources; a peer may be among them several times. */
  *sums(): Iterable<Sums> {
    for (const { sums } of this.#parts()) yield* sums
  }

  /** Event time up to which every source is in; undefined before any said so. */
  get watermark(): EpochMicros | undefined {
    const watermarks = Array.from(this.#parts(), ({ watermark }) => watermark)
    return watermarks.length === 0 ? undefined : (Math.min(...watermarks) as EpochMicros)
  }

  /** State changed since the last call of this. */
  changes(): StateChange[] {
    const changes = Array.from(this.#changed, ([key, part]) => ({
      key,
      value: part && Buffer.from(JSON.stringify({ format: 1, ...part }))
    }))
    this.#changed.clear()
    return changes
  }

  /**
   * Takes what `changes` gave.
   *
   * @throws when a later version wrote it
   */
  restore(key: string, value: Buffer | undefined): void {
    const source = Number(key.slice(PREFIX.length).split(' ')[0])
    if (value === undefined) {
      this.#of(source).delete(key)
      return
    }
    const { format, ...part } = JSON.parse(value.toString()) as Part & { readonly format: number }
    if (format !== 1) throw new Error(`Pending attempts have format ${format}; this version reads 1`)
    this.#of(source).set(key, part)
  }

  *#parts(): Iterable<Part> {
    for (const parts of this.#sources.values()) yield* parts.values()
  }

  #of(source: number): Map<string, Part> {
    const parts = this.#sources.get(source) ?? new Map<string, Part>()
    this.#sources.set(source, parts)
    return parts
  }
}

const keyOf = ({ partition, part }: PendingRecord): string => `${PREFIX}${partition} ${part}`
