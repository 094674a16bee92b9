import type { Headers, LogRecord } from './log.ts'

/**
 * The headers by which a record appended twice is known.
 *
 * `producer` names one run of a process (with a random part: a restarted process begins again at its own sequence),
 * `sequence` rises with what it appends; all partitions of one cut may share a number.
 */
export const stamped = (producer: string, sequence: number): Headers => ({ producer, sequence: String(sequence) })

/** Of each producer the last 32 records are known one by one, what is older than these counts as repeated. */
const knownRecords = 32

/** Producers known per partition; beyond that the one silent for longest is forgotten. */
const knownProducers = 128

type Snapshot = {
  readonly format: 1
  readonly producers: readonly (readonly [string, readonly number[]])[]
  readonly repeated: readonly number[]
}

/**
 * Which records of one partition were appended before. Adapters ask it ahead of the stage and commit its snapshot with
 * the stage's state, so a stage never sees a repetition, not even when records are handed out again.
 */
export class Repetitions {
  /** Rising sequences, by producer; the producer heard last stands last. */
  readonly #producers: Map<string, number[]>
  /** Offsets found repeated that may be read again. */
  #repeated: number[]

  constructor(snapshot?: string) {
    const { format, producers, repeated } = snapshot === undefined ? nothing : (JSON.parse(snapshot) as Snapshot)
    if (format !== 1) throw new Error(`repetitions of format ${String(format)}, this version knows 1`)
    this.#producers = new Map(producers.map(([producer, sequences]) => [producer, [...sequences]]))
    this.#repeated = [...repeated]
  }

  /** To be asked once for each record, in the order of offsets. A record without a stamp is never repeated. */
  isRepeated({ offset, headers, replayed }: LogRecord): boolean {
    if (replayed) return this.#repeated.includes(offset)
    const sequence = Number(headers.sequence)
    if (headers.producer === undefined || !Number.isSafeInteger(sequence)) return false
    if (this.#remember(headers.producer, sequence)) return false
    this.#repeated.push(offset)
    return true
  }

  #remember(producer: string, sequence: number): boolean {
    const known = this.#producers.get(producer) ?? []
    this.#producers.delete(producer)
    this.#producers.set(producer, known)
    if (this.#producers.size > knownProducers) this.#producers.delete(this.#producers.keys().next().value!)
    const older = known.findLastIndex(each => each <= sequence)
    const tooOld = older === -1 && known.length === knownRecords
    if (tooOld || known[older] === sequence) return false
    known.splice(older + 1, 0, sequence)
    if (known.length > knownRecords) known.shift()
    return true
  }

  /** What the next assignment needs that reads again from this offset. */
  snapshot(resumeFrom: number): string {
    this.#repeated = this.#repeated.filter(offset => offset >= resumeFrom)
    return JSON.stringify({ format: 1, producers: [...this.#producers], repeated: this.#repeated } satisfies Snapshot)
  }
}

const nothing: Snapshot = { format: 1, producers: [], repeated: [] }
