import { maxValueBytes, type LogRecord, type Stage, type StateEntry, type Work } from './log.ts'
import { Repetitions } from './repetitions.ts'

/** How far a group is committed with a partition. */
export type Progress = {
  readonly next: number
  /** The oldest record still needed, at most `next`. */
  readonly resume: number
  readonly repetitions: string | undefined
}

/** What a batch commits together. */
export type Commit = Pick<Work, 'emit' | 'changed'> & Progress & { readonly repetitions: string }

/** A stage that is restored to what is committed, and what it was told before. Every adapter works its batches so. */
export class StageWork {
  readonly #stage: Stage
  readonly #repetitions: Repetitions

  private constructor(stage: Stage, repetitions: Repetitions) {
    this.#stage = stage
    this.#repetitions = repetitions
  }

  /** When the stage cannot be restored it is dropped. */
  static async restore(
    stage: Stage,
    states: AsyncIterable<StateEntry>,
    repetitions: string | undefined
  ): Promise<StageWork> {
    try {
      await stage.restore(states)
      return new StageWork(stage, new Repetitions(repetitions))
    } catch (error) {
      stage.dropped?.()
      throw error
    }
  }

  /** Works the records from `position` up to `end`, given what is committed. */
  async work(
    read: readonly LogRecord[],
    { position, end, committed }: { readonly position: number; readonly end: number; readonly committed: Progress }
  ): Promise<Commit> {
    const records = this.#once(read, committed.next)
    const { emit, changed, resumeFrom: resume = end } = await this.#handle(records, position, end, committed)
    return {
      emit,
      changed,
      next: Math.max(committed.next, end),
      resume,
      repetitions: this.#repetitions.snapshot(resume)
    }
  }

  /** What `work` returned last is committed. */
  committed(): void {
    this.#stage.committed?.()
  }

  drop(): void {
    this.#stage.dropped?.()
  }

  /** Without those that were appended before, and marked when they were handed out before this assignment. */
  #once(read: readonly LogRecord[], committed: number): LogRecord[] {
    return read
      .map(record => ({ ...record, replayed: record.offset < committed }))
      .filter(record => !this.#repetitions.isRepeated(record))
  }

  async #handle(records: readonly LogRecord[], position: number, end: number, { resume }: Progress): Promise<Work> {
    if (records.length === 0) return { ...nothing, resumeFrom: resume === position ? end : resume }
    const work = await this.#stage.handle(records)
    check(work, resume, end)
    return work
  }
}

const nothing: Work = { emit: [], changed: [] }

function check({ emit, changed, resumeFrom }: Work, resume: number, end: number): void {
  if (resumeFrom !== undefined && !(resumeFrom >= resume && resumeFrom <= end)) {
    throw new RangeError(`resumeFrom is ${resumeFrom}, but the batch allows ${resume} to ${end}`)
  }
  for (const { key, value } of [...emit, ...changed]) {
    if (value !== undefined && value.length > maxValueBytes) {
      throw new RangeError(`the value of key ${key} has ${value.length} bytes`)
    }
  }
}
