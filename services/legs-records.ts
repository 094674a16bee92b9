import type { Emitted, LogRecord } from '@earshot/bus'
import type { Leg, LegsRecord } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'
import { checkFormat, FORMAT, topics } from './pipeline.ts'

/**
 * What the correlator of a partition of packets, the source, tells whoever joins legs: attempts that ended, and in the
 * last part how far its time has come. All that ended before that time is in it, or was told before.
 */
export type EndedRecord = {
  readonly kind: 'ended'
  readonly source: number
  readonly legs: readonly Leg[]
  readonly watermark?: EpochMicros
  /** The clocks of all collectors stand: nothing more will come. */
  readonly stands?: true
}

/** Legs in one part: below what the log takes in one value, however long their texts are. */
const MOST_IN_PART = 100

/** All to one partition: a chain of legs can meet by several keys, and only who sees all of them sees one call. */
export function endedRecords({ source, legs, ...clock }: Omit<EndedRecord, 'kind'>): Emitted[] {
  const parts = Math.max(1, Math.ceil(legs.length / MOST_IN_PART))
  return Array.from({ length: parts }, (_, part) => {
    const own = legs.slice(part * MOST_IN_PART, (part + 1) * MOST_IN_PART)
    const record: EndedRecord = { kind: 'ended', source, legs: own, ...(part === parts - 1 && clock) }
    return emitted(topics.legs, record, '', 0)
  })
}

/** @throws for a format that a later version wrote */
export function readEnded({ headers, value }: Pick<LogRecord, 'headers' | 'value'>): EndedRecord {
  checkFormat(headers.format)
  return JSON.parse(value.toString()) as EndedRecord
}

/** A joined call, for the topic of those. */
export const joinedRecord = (record: LegsRecord): Emitted => emitted(topics.joined, record, record.id)

/** @throws for a format that a later version wrote */
export function readJoined({ headers, value }: Pick<LogRecord, 'headers' | 'value'>): LegsRecord {
  checkFormat(headers.format)
  return JSON.parse(value.toString()) as LegsRecord
}

const emitted = (topic: string, record: EndedRecord | LegsRecord, key: string, partition?: number): Emitted => ({
  topic,
  key,
  ...(partition !== undefined && { partition }),
  headers: { kind: record.kind, format: FORMAT },
  value: Buffer.from(JSON.stringify(record))
})
