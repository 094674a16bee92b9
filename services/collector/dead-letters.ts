import { partitionOf, type Headers, type Log, type LogRecord, type NewRecord } from '@earshot/bus'
import type { HepError } from '@earshot/hep'
import type { Component } from '@earshot/runtime'
import { catalogue, type Metrics } from '@earshot/telemetry'
import { between, epochMicros, seconds, type EpochMicros } from '@earshot/units'
import { topics } from '../pipeline.ts'

/** A frame that could not be decoded: why, and as much as is known of whom it came from. */
export type DeadLetter = {
  readonly collector: string
  readonly reason: string
  readonly transport: string
  /** The address that sent it. */
  readonly address: string
  /** Who was heard before from there, which need not be who sent this. */
  readonly agent: string | undefined
  readonly at: EpochMicros
  /** Of the whole frame. */
  readonly length: number
  /** Its beginning, passwords overwritten with zeros. */
  readonly bytes: Buffer
}

const FORMAT = '1'
const MOST_BYTES = 2048
/** Of each reason in a second: these are to look at, and a flood looks like its beginning. */
const MOST_PER_SECOND = 10
/** Appends that the log has not answered. */
const MOST_APPENDING = 8

const second = seconds(1)

type Parts = {
  readonly log: Pick<Log, 'partitions' | 'append'>
  readonly collector: string
  readonly metrics: Metrics
}

/** Keeps a few of the frames that cannot be decoded in a topic of their own, for people to look at. */
export class DeadLetters implements Component {
  readonly name = 'dead letters'
  readonly #parts: Parts
  readonly #inSecond = new Map<string, { begun: EpochMicros; count: number }>()
  readonly #appending = new Set<Promise<void>>()
  #partitions = 1
  #gathered: { readonly address: string; readonly reason: string; readonly record: Omit<NewRecord, 'partition'> }[] = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    this.#partitions = await this.#parts.log.partitions(topics.deadLetters)
  }

  async stop(): Promise<void> {
    await this.flush()
  }

  /** The frame is copied. */
  take(frame: Buffer, letter: Omit<DeadLetter, 'collector' | 'length' | 'bytes'> & { reason: HepError['code'] }): void {
    const { reason, address } = letter
    if (!this.#mayTake(reason, letter.at)) return this.#suppressed(reason, 1)
    const bytes = Buffer.from(frame.subarray(0, MOST_BYTES))
    eraseKeys(bytes)
    const { collector } = this.#parts
    const record = { headers: headersOf({ ...letter, collector, length: frame.length }), value: bytes }
    if (this.#gathered.push({ address, reason, record }) === 1) setImmediate(() => this.#append())
  }

  /** Resolves when the log has answered to all that was taken. */
  async flush(): Promise<void> {
    this.#append()
    await Promise.all(this.#appending)
  }

  #mayTake(reason: string, at: EpochMicros): boolean {
    const known = this.#inSecond.get(reason)
    if (known && between(known.begun, at) < second && at >= known.begun) return ++known.count <= MOST_PER_SECOND
    this.#inSecond.set(reason, { begun: at, count: 1 })
    return true
  }

  #append(): void {
    const gathered = this.#gathered
    this.#gathered = []
    if (gathered.length === 0) return
    const suppress = (): void => {
      for (const { reason } of gathered) this.#suppressed(reason, 1)
    }
    if (this.#appending.size >= MOST_APPENDING) return suppress()
    const records = gathered.map(({ address, record }) => ({
      ...record,
      partition: partitionOf(address, this.#partitions)
    }))
    const { log, metrics } = this.#parts
    const appending = log
      .append(topics.deadLetters, records)
      .then(() => {
        for (const { reason } of gathered) metrics.add(catalogue.deadLetters, 1, { reason })
      }, suppress)
      .finally(() => this.#appending.delete(appending))
    this.#appending.add(appending)
  }

  #suppressed(reason: string, count: number): void {
    this.#parts.metrics.add(catalogue.deadLettersSuppressed, count, { reason })
  }
}

const headersOf = ({
  collector,
  reason,
  transport,
  address,
  agent,
  at,
  length
}: Omit<DeadLetter, 'bytes'>): Headers => ({
  kind: 'dead-letter',
  format: FORMAT,
  collector,
  reason,
  transport,
  address,
  ...(agent !== undefined && { agent }),
  at: String(at),
  length: String(length)
})

/** @throws for a format that a later version wrote */
export function readDeadLetter({ headers, value }: Pick<LogRecord, 'headers' | 'value'>): DeadLetter {
  const { format, collector = '', reason = '', transport = '', address = '', agent, at, length } = headers
  if (format !== FORMAT) throw new Error(`A dead letter of format ${format}; this version of Earshot reads ${FORMAT}`)
  return {
    collector,
    reason,
    transport,
    address,
    agent,
    at: epochMicros(Number(at)),
    length: Number(length),
    bytes: value
  }
}

/** Vendor 0, type 14: what a chunk with a password begins with. */
const keyChunk = Buffer.from([0, 0, 0, 14])
const CHUNK_HEADER = 6

/** Nobody knows where the chunks of a broken frame are: overwrites whatever could be a password, in place. */
function eraseKeys(bytes: Buffer): void {
  for (let at = bytes.indexOf(keyChunk); at >= 0; at = bytes.indexOf(keyChunk, at + 1)) {
    if (at + CHUNK_HEADER > bytes.length) return
    const end = at + bytes.readUInt16BE(at + 4)
    // With a length that cannot be, it may go on to the end.
    const isLength = end > at + CHUNK_HEADER && end <= bytes.length
    bytes.fill(0, at + CHUNK_HEADER, isLength ? end : bytes.length)
  }
}
