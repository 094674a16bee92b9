import type { Log, LogRecord, RunOptions, Stage, StateEntry, Work } from './log.ts'
import { numbered, numberOf, runningSum } from './numbers.ts'
import { stamped } from './repetitions.ts'

/** A log that can be made to crash. */
export interface TestLog extends Log {
  /** Runs until its n-th commit, which ends in the middle as the process would; nothing the run held outlives it. */
  crashDuringCommit(options: RunOptions, nth: number): Promise<void>
  close(): Promise<void>
}

/** Has topics `in` and `out` of one partition each, `many` and `keyed` of four. */
export type CreateLog = () => Promise<TestLog>

export const contractTopics = { in: 1, out: 1, many: 4, keyed: 4 }

/** A group that sums up the numbers of `in`, ten in a batch. */
export const sum = (options: Partial<RunOptions> = {}): RunOptions => ({
  input: 'in',
  group: 'sum',
  stage: () => runningSum(),
  batch: { records: 10 },
  retryDelaysMs: [],
  ...options
})

/** Runs until nothing is left, and throws what the run failed with. */
export async function untilIdle(log: Log, options: RunOptions): Promise<void> {
  let failure: Error | undefined
  const run = log.run({ ...options, onFailure: error => (failure = error) })
  await run.start()
  await run.stop()
  if (failure !== undefined) throw failure
}

export const allOf = (records: AsyncIterable<LogRecord>): Promise<LogRecord[]> => Array.fromAsync(records)

export const stampedNumbers = (from: number, to: number) =>
  numbered(from, to).map(record => ({ ...record, headers: stamped('a collector', numberOf(record)) }))

export const nothing = (): Work => ({ emit: [], changed: [] })

/** A stage that keeps nothing: shows what it is given, and does the same `work` each time. */
export const stateless = (see: (records: readonly LogRecord[]) => void, work: Partial<Work> = {}): Stage => ({
  restore: (_: AsyncIterable<StateEntry>) => Promise.resolve(),
  handle: records => {
    see(records)
    return { ...nothing(), ...work }
  }
})
