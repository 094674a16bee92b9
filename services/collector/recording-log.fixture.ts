import type { Component, Log, LogRecord, NewRecord, StateChange } from '@earshot/bus'
import { framesOf } from '../pipeline.ts'

/** A log that only keeps what is appended, one entry for each call. */
export class RecordingLog implements Log {
  readonly appended: (readonly NewRecord[])[] = []
  readonly #partitions: number
  readonly #answers: Promise<void>[]

  /** @param answers to the first calls of `append`; all others resolve at once */
  constructor({ partitions = 1, answers = [] }: { partitions?: number; answers?: Promise<void>[] } = {}) {
    this.#partitions = partitions
    this.#answers = answers
  }

  async partitions(): Promise<number> {
    return this.#partitions
  }

  append(_topic: string, records: readonly NewRecord[]): Promise<void> {
    this.appended.push(records)
    return this.#answers.shift() ?? Promise.resolve()
  }

  /** The frames appended, of one partition or of all. */
  frames(partition?: number): Buffer[] {
    return this.appended
      .flat()
      .filter(record => record.headers?.kind === 'packets' && (partition ?? record.partition) === record.partition)
      .flatMap(({ value }) => [...framesOf(value)])
  }

  run(): Component {
    throw new Error('nothing runs here')
  }

  // oxlint-disable-next-line require-yield
  async *read(): AsyncGenerator<LogRecord> {
    throw new Error('nothing is read here')
  }

  // oxlint-disable-next-line require-yield
  async *states(): AsyncGenerator<StateChange> {
    throw new Error('nothing has a state here')
  }

  async worked(): Promise<void> {}

  async lag(): Promise<readonly []> {
    return []
  }
}
