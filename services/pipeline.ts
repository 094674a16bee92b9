import { partitionOf, stamped, type Emitted, type LogRecord, type NewRecord } from '@earshot/bus'
import type { CallsRecord, Counts, Evidence } from '@earshot/calls'
import type { Alert, Sums } from '@earshot/peers'
import { epochMicros, type EpochMicros } from '@earshot/units'

/*
 * What the services write to the log for each other. Every value has a format version in its headers; a reader
 * refuses a later one rather than guess.
 */

export const topics = {
  packets: 'earshot.packets',
  calls: 'earshot.calls',
  /** Attempts that may be legs of one call, and those calls: see legs-records.ts. */
  legs: 'earshot.legs',
  joined: 'earshot.joined',
  agents: 'earshot.agents',
  deadLetters: 'earshot.dead-letters',
  alerts: 'earshot.alerts',
  /** What people tell about alerts: see command-record.ts. */
  commands: 'earshot.commands'
} as const

export const FORMAT = '1'

/** How a collector names itself in what it appends; `run` differs with each start of the process. */
export type Producer = { readonly collector: string; readonly run: string }

/** A run of whole HEPv3 frames for one partition. */
export const packetsRecord = (producer: Producer, sequence: number, partition: number, value: Buffer): NewRecord => ({
  partition,
  headers: { ...stamped(producer.run, sequence), kind: 'packets', format: FORMAT },
  value
})

/** Tells a partition how far a collector's time has come. */
export const tickRecord = (
  producer: Producer,
  sequence: number,
  partition: number,
  newest: EpochMicros
): NewRecord => ({
  partition,
  headers: {
    ...stamped(producer.run, sequence),
    kind: 'tick',
    format: FORMAT,
    collector: producer.collector,
    newest: String(newest)
  },
  value: Buffer.alloc(0)
})

export type PacketsInput =
  | { readonly kind: 'packets'; readonly frames: Buffer }
  | { readonly kind: 'tick'; readonly collector: string; readonly newest: EpochMicros }

/** @throws for a format that a later version wrote */
export function readPackets({ headers, value }: Pick<LogRecord, 'headers' | 'value'>): PacketsInput {
  checkFormat(headers.format)
  if (headers.kind === 'tick') {
    return { kind: 'tick', collector: headers.collector ?? '', newest: epochMicros(Number(headers.newest)) }
  }
  return { kind: 'packets', frames: value }
}

/** What was counted in one batch of packets. */
export type CountsRecord = {
  readonly kind: 'counts'
  readonly counts: Counts & { notSip: number }
  /** What became of reports of media, where there were any. */
  readonly media?: Readonly<Partial<Record<MediaResult, number>>>
}

/** Each report counts once: with a call, without one, past what is kept of a call; or why it could not be read. */
export const mediaResults = [
  'matched',
  'unmatched',
  'not_kept',
  'not_json',
  'not_rtcp',
  'truncated',
  'no_count',
  'no_address'
] as const
export type MediaResult = (typeof mediaResults)[number]

/** The frames of a packets record, views of it: each tells its length. */
export function* framesOf(run: Buffer): Iterable<Buffer> {
  for (let at = 0; at + 6 <= run.length;) {
    const length = Math.max(run.readUInt16BE(at + 4), 6)
    yield run.subarray(at, at + length)
    at += length
  }
}

/**
 * How the attempts that are not over stand in one partition of packets, in as many parts as it takes; part 0 replaces
 * them all. The last part closes what that partition emitted before it to the same partition of calls: what was pending
 * until then is final in that, once.
 */
export type PendingRecord = {
  readonly kind: 'pending'
  /** The partition of packets that it is about. */
  readonly partition: number
  readonly part: number
  readonly parts: number
  readonly watermark: EpochMicros
  /** Evidence from before this time was told. Version 0.1.0 did not say. */
  readonly settled?: EpochMicros
  readonly sums: readonly Sums[]
}

/** What one batch of packets showed of the methods that peers take, of all peers of a partition of calls. */
export type EvidenceRecord = { readonly kind: 'evidence'; readonly rows: readonly Evidence[] }

export type CallsOutput = CallsRecord | CountsRecord | PendingRecord | EvidenceRecord

/**
 * What a partition of packets, the source, writes to the calls: all of a peer to one partition of these, and its counts
 * to one.
 */
export const callsRecord = (output: CallsRecord | CountsRecord, source: number, partitions: number): Emitted =>
  emitted(output, source, 'peer' in output ? partitionOf(output.peer, partitions) : source % partitions)

/** What a source's batch showed, in as many records as it takes. */
export function evidenceRecords(rows: readonly Evidence[], source: number, partitions: number): Emitted[] {
  const own = Array.from({ length: partitions }, (): Evidence[] => [])
  for (const row of rows) own[partitions === 1 ? 0 : partitionOf(row.peer, partitions)]!.push(row)
  return own.flatMap((all, partition) =>
    Array.from({ length: Math.ceil(all.length / EVIDENCE_ROWS) }, (_, part) =>
      emitted(
        { kind: 'evidence', rows: all.slice(part * EVIDENCE_ROWS, (part + 1) * EVIDENCE_ROWS) },
        source,
        partition
      )
    )
  )
}

/** Rows of evidence in one record: a hostile one has some 4 kB. */
const EVIDENCE_ROWS = 200

/** Rows in one part: far below what the log takes in one value. */
const ROWS = 500

/** Closes what a source emitted before, in every partition of calls: how far it has come, and what is not over there. */
export function closingRecords(
  source: number,
  { watermark, settled }: Pick<PendingRecord, 'watermark' | 'settled'>,
  standing: Iterable<Sums>,
  partitions: number
): Emitted[] {
  const sums = Array.from({ length: partitions }, (): Sums[] => [])
  for (const each of standing) sums[partitions === 1 ? 0 : partitionOf(each.peer, partitions)]!.push(each)
  return sums.flatMap((own, partition) =>
    pendingRecords({ partition: source, watermark, ...(settled !== undefined && { settled }) }, own).map(record =>
      emitted(record, source, partition)
    )
  )
}

function pendingRecords(
  closed: Pick<PendingRecord, 'partition' | 'watermark' | 'settled'>,
  sums: readonly Sums[]
): PendingRecord[] {
  const parts = Math.max(1, Math.ceil(sums.length / ROWS))
  return Array.from({ length: parts }, (_, part) => ({
    kind: 'pending',
    ...closed,
    part,
    parts,
    sums: sums.slice(part * ROWS, (part + 1) * ROWS)
  }))
}

const emitted = (output: CallsOutput, source: number, partition: number): Emitted => ({
  topic: topics.calls,
  key: 'peer' in output ? output.peer : '',
  partition,
  headers: { kind: output.kind, format: FORMAT, source: String(source) },
  value: Buffer.from(JSON.stringify(output))
})

/** An alert, once as it starts and once as it ends. */
export const alertRecord = (alert: Alert): Emitted => ({
  topic: topics.alerts,
  key: alert.peer,
  headers: { kind: 'alert', format: FORMAT },
  value: Buffer.from(JSON.stringify(alert))
})

/** @throws for a format that a later version wrote */
export function readAlert({ headers, value }: Pick<LogRecord, 'headers' | 'value'>): Alert {
  checkFormat(headers.format)
  return JSON.parse(value.toString()) as Alert
}

/** @throws for a format that a later version wrote */
export function readCalls({ headers, value }: Pick<LogRecord, 'headers' | 'value'>): CallsOutput {
  checkFormat(headers.format)
  return JSON.parse(value.toString()) as CallsOutput
}

/** The partition of packets whose correlator wrote a record of calls. Version 0.1.0 had one only and did not say. */
export const sourceOf = ({ headers }: Pick<LogRecord, 'headers'>): number => Number(headers.source ?? 0)

/** @throws for a format that a later version wrote */
export function checkFormat(format: string | undefined): void {
  if (format !== FORMAT)
    throw new Error(`A record of format ${format} in the log; this version of Earshot reads ${FORMAT}`)
}
