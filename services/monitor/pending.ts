import type { StateChange } from '@earshot/bus'
import type { Sums } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'
import type { PendingRecord } from '../pipeline.ts'

const PREFIX = 'pending '

/** How the attempts that are not over stand, as each partition said last; each part is a state of its own. */
export class Pending {
  readonly #partitions = new Map<number, PendingRecord[]>()
  readonly #changed = new Map<string, PendingRecord | undefined>()

  static isKey(key: string): boolean {
    return key.startsWith(PREFIX)
  }

  take(record: PendingRecord): void {
    if (record.part === 0) {
      for (const former of this.#partitions.get(record.partition) ?? []) this.#changed.set(keyOf(former), undefined)
      this.#partitions.delete(record.partition)
    }
    this.#put(record)
    this.#changed.set(keyOf(record), record)
  }

  /** Of all partitions; a peer may be among them several times. */
  *sums(): Iterable<Sums> {
    for (const parts of this.#partitions.values()) for (const { sums } of parts) yield* sums
  }

  /** Event time up to which every partition is in; undefined before any said so. */
  get watermark(): EpochMicros | undefined {
    const watermarks = [...this.#partitions.values()].flat().map(({ watermark }) => watermark)
    return watermarks.length === 0 ? undefined : (Math.min(...watermarks) as EpochMicros)
  }

  /** State changed since the last call of this. */
  changes(): StateChange[] {
    const changes = Array.from(this.#changed, ([key, record]) => ({
      key,
      value: record && Buffer.from(JSON.stringify({ format: 1, ...record }))
    }))
    this.#changed.clear()
    return changes
  }

  /** @throws when a later version wrote it */
  restore(value: Buffer): void {
    const { format, ...record } = JSON.parse(value.toString()) as PendingRecord & { readonly format: number }
    if (format !== 1) throw new Error(`Pending attempts have format ${format}; this version reads 1`)
    this.#put(record)
  }

  #put(record: PendingRecord): void {
    const parts = this.#partitions.get(record.partition) ?? []
    this.#partitions.set(record.partition, parts)
    parts.push(record)
  }
}

const keyOf = ({ partition, part }: PendingRecord): string => `${PREFIX}${partition} ${part}`
