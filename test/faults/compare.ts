import { partitionOf } from '@earshot/bus'
import type { CallsRecord } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'

/** What a reader of a failure wants to see first: how many, and what is there twice. */
export function ids(records: readonly CallsRecord[]): { readonly count: number; readonly twice: readonly string[] } {
  const seen = new Map<string, number>()
  for (const id of records.map(idOf)) if (id !== undefined) seen.set(id, (seen.get(id) ?? 0) + 1)
  return { count: seen.size, twice: [...seen].filter(([, times]) => times > 1).map(([id]) => id) }
}

/** The records by id. When an attempt was closed differs: at the end of a file all are. */
export const comparable = (records: readonly CallsRecord[]): object =>
  Object.fromEntries(records.map(record => [idOf(record), { ...record, closedAt: undefined }]))

/** A call's end has the id of its attempt. */
const idOf = (record: CallsRecord): string | undefined => ('id' in record ? `${record.kind} ${record.id}` : undefined)

/** What is missing, by the packets partition that it is in, with the first and last time: how much of which stretch. */
export function missing(
  expected: readonly CallsRecord[],
  found: readonly CallsRecord[],
  partitions: number
): Record<string, { readonly count: number; readonly first: string; readonly last: string }> {
  const there = new Set(found.map(idOf))
  const lost = expected.filter(record => !there.has(idOf(record)))
  const byPartition = Map.groupBy(lost, record => ('callId' in record ? partitionOf(record.callId, partitions) : -1))
  return Object.fromEntries(
    Array.from(byPartition, ([partition, records]) => {
      const times = records.map(record => ('endedAt' in record ? record.endedAt : record.at)).sort((a, b) => a - b)
      return [partition, { count: records.length, first: clock(times[0]!), last: clock(times.at(-1)!) }]
    })
  )
}

const clock = (at: EpochMicros): string => new Date(at / 1e3).toISOString().slice(11, 19)
