import { setImmediate as turn } from 'node:timers/promises'
import type { KafkaCluster } from './kafka-cluster.ts'
import { KafkaFailure } from './kafka-errors.ts'
import { pagesOf } from './kafka-reader.ts'
import type { KafkaRecord } from './kafka-records.ts'
import type { StateChange, StateEntry } from './log.ts'
import type { Progress } from './stage-work.ts'

/**
 * The state of a group for one partition, and how far it has come, as records of a compacted topic: one for each key,
 * under `s` and the key, and one under `p` for the progress. Both are written in one transaction, so that what is read
 * back stands for one moment.
 */
export type Kept = { readonly progress: KeptProgress | undefined; readonly states: Map<string, Buffer> }

/** `lost`: records that were deleted before they were read. */
export type KeptProgress = Progress & { readonly lost: number }

export const changeRecord = ({ key, value }: StateChange): KafkaRecord => ({ key: `s${key}`, headers: {}, value })

export const progressRecord = (progress: KeptProgress): KafkaRecord => ({
  key: 'p',
  headers: {},
  value: Buffer.from(JSON.stringify({ format: 1, ...progress }))
})

export function readProgress(value: Buffer): KeptProgress {
  const { format, next, resume, repetitions, lost } = JSON.parse(value.toString()) as KeptProgress & { format: number }
  if (format !== 1)
    throw new KafkaFailure(`a changelog of format ${String(format)}, this version of Earshot reads 1`, false)
  return { next, resume, repetitions, lost }
}

/** A change of state that a record of a changelog stands for; undefined for progress. */
export function changeOf({ key, value }: KafkaRecord): StateChange | undefined {
  return key?.startsWith('s') ? { key: key.slice(1), value } : undefined
}

/** Reads a changelog up to an offset. `each` is told after every page how many records there were. */
export async function readChangelog(
  cluster: KafkaCluster,
  topic: string,
  partition: number,
  until: number,
  each: (records: number) => void = () => undefined
): Promise<Kept> {
  const states = new Map<string, Buffer>()
  let progress: KeptProgress | undefined
  let count = 0
  for await (const { records } of pagesOf(cluster, topic, partition, 0, until)) {
    for (const record of records) {
      const change = changeOf(record)
      if (change === undefined) progress = readProgress(record.value!)
      else {
        // What was changed last comes last.
        states.delete(change.key)
        if (change.value !== undefined) states.set(change.key, change.value)
      }
    }
    each((count += records.length))
  }
  return { progress, states }
}

/** Empties the states as they are taken, and lets other work of the process go on meanwhile, such as heartbeats. */
export async function* entriesOf(states: Map<string, Buffer>): AsyncGenerator<StateEntry> {
  let taken = 0
  for (const [key, value] of states) {
    states.delete(key)
    if (++taken % 500 === 0) await turn()
    yield { key, value }
  }
}
