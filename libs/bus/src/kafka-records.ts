import { crc32c } from '@node-rs/crc32'
import { constants, gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { KafkaFailure } from './kafka-errors.ts'
import type { Headers } from './log.ts'

/** A record as it lies in a topic; without a value it deletes its key from a compacted one. */
export type KafkaRecord = {
  readonly key: string | undefined
  readonly headers: Headers
  readonly value: Buffer | undefined
}

/** `appendedMs`: when it was appended, by the node or by the sender, as the topic is set. */
export type KafkaRecordAt = KafkaRecord & { readonly offset: number; readonly appendedMs: number }

/** Who sends a batch in a transaction, and the number of its first record in that producer's count for the partition. */
export type Sender = { readonly producerId: bigint; readonly epoch: number; readonly sequence: number }

export type Compression = 'none' | 'zstd'

const headBytes = 61
const transactional = 0x10
const control = 0x20
const zstd = 4

/**
 * One record batch. kafkajs' own coding copies each byte several times and sums the CRC in JavaScript.
 *
 * Source: Apache Kafka, "Record Batch" in the section Message Format of its documentation (magic 2).
 */
export function encodeBatch(
  records: readonly KafkaRecord[],
  compression: Compression,
  timestampMs: number,
  sender?: Sender
): Buffer {
  const plain = encodeRecords(records)
  const body = compression === 'none' ? plain : zstdCompressSync(plain, fast)
  const batch = Buffer.allocUnsafe(headBytes + body.length)
  batch.writeBigInt64BE(0n, 0)
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt32BE(-1, 12)
  batch.writeInt8(2, 16)
  batch.writeInt16BE((compression === 'none' ? 0 : zstd) | (sender === undefined ? 0 : transactional), 21)
  batch.writeInt32BE(records.length - 1, 23)
  batch.writeBigInt64BE(BigInt(timestampMs), 27)
  batch.writeBigInt64BE(BigInt(timestampMs), 35)
  batch.writeBigInt64BE(sender?.producerId ?? -1n, 43)
  batch.writeInt16BE(sender?.epoch ?? -1, 51)
  batch.writeInt32BE(sender?.sequence ?? -1, 53)
  batch.writeInt32BE(records.length, 57)
  body.copy(batch, headBytes)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** The most bytes that a record takes in a batch before compression. */
export function recordBytes({ key, headers, value }: KafkaRecord): number {
  let bytes = 32 + (value?.length ?? 0) + (key === undefined ? 0 : Buffer.byteLength(key))
  for (const name in headers) bytes += 10 + Buffer.byteLength(name) + Buffer.byteLength(headers[name]!)
  return bytes
}

function encodeRecords(records: readonly KafkaRecord[]): Buffer {
  const sizes = records.map(contentBytes)
  const total = sizes.reduce((sum, size) => sum + varintBytes(size) + size, 0)
  const writer = new Writer(total)
  records.forEach(({ key, headers, value }, index) => {
    writer.varint(sizes[index]!)
    writer.byte(0)
    writer.varint(0)
    writer.varint(index)
    writer.text(key)
    writer.bytes(value)
    const names = Object.keys(headers)
    writer.varint(names.length)
    for (const name of names) {
      writer.text(name)
      writer.text(headers[name])
    }
  })
  return writer.buffer
}

/** Without its own length before it. */
function contentBytes({ key, headers, value }: KafkaRecord, index: number): number {
  const names = Object.keys(headers)
  let bytes = 2 + varintBytes(index) + textBytes(key) + varintBytes(names.length)
  bytes += value === undefined ? 1 : varintBytes(value.length) + value.length
  for (const name of names) bytes += textBytes(name) + textBytes(headers[name])
  return bytes
}

function textBytes(text: string | undefined): number {
  if (text === undefined) return 1
  const length = Buffer.byteLength(text)
  return varintBytes(length) + length
}

/** Of a number that is not negative: zigzag doubles it. */
function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value * 2; rest > 127; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

class Writer {
  readonly buffer: Buffer
  #at = 0

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size)
  }

  byte(value: number): void {
    this.buffer[this.#at++] = value
  }

  varint(value: number): void {
    let rest = value < 0 ? 1 : value * 2 // Of the negative ones only -1 occurs.
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest & 127) | 128)
    this.byte(rest)
  }

  text(text: string | undefined): void {
    if (text === undefined) return this.varint(-1)
    this.varint(Buffer.byteLength(text))
    this.#at += this.buffer.write(text, this.#at)
  }

  bytes(bytes: Buffer | undefined): void {
    if (bytes === undefined) return this.varint(-1)
    this.varint(bytes.length)
    this.#at += bytes.copy(this.buffer, this.#at)
  }
}

/** A transaction that came to nothing: whose, and its first offset in the partition. */
export type Aborted = { readonly producerId: bigint; readonly first: number }

export type Page = {
  readonly records: readonly KafkaRecordAt[]
  /** The offset to go on from: past markers, aborted records and what compaction took away, too. */
  readonly next: number
}

/**
 * The committed records of what a fetch returned, from an offset on. Values are views of what was fetched, or of the
 * batch once it is decompressed.
 *
 * kafkajs' own coding gives no offset for a batch that compaction has emptied, so that nobody could go on past it.
 */
export function decodeBatches(fetched: Buffer, from: number, aborted: readonly Aborted[]): Page {
  const records: KafkaRecordAt[] = []
  const aborting = new Set<bigint>()
  const toCome = aborted.toSorted((one, other) => one.first - other.first)
  let next = from
  for (let at = 0; at + headBytes <= fetched.length;) {
    const end = at + 12 + fetched.readInt32BE(at + 8)
    if (end > fetched.length) break // The tail of a fetch can be cut off.
    const batch = fetched.subarray(at, end)
    at = end
    const base = Number(batch.readBigInt64BE(0))
    const last = base + batch.readInt32BE(23)
    const attributes = batch.readInt16BE(21)
    const producerId = batch.readBigInt64BE(43)
    next = Math.max(next, last + 1)
    check(batch, base)
    while (toCome.length > 0 && toCome[0]!.first <= last) aborting.add(toCome.shift()!.producerId)
    if ((attributes & control) !== 0) aborting.delete(producerId)
    else if ((attributes & transactional) === 0 || !aborting.has(producerId)) decodeBatch(batch, base, from, records)
  }
  return { records, next }
}

function check(batch: Buffer, base: number): void {
  if (batch.readInt8(16) !== 2) {
    throw new KafkaFailure(`the batch at offset ${base} is of magic ${batch.readInt8(16)}, this client reads 2`, false)
  }
  if (crc32c(batch.subarray(21)) !== batch.readUInt32BE(17)) {
    throw new KafkaFailure(`the batch at offset ${base} is damaged: its CRC is wrong`, true)
  }
}

function decodeBatch(batch: Buffer, base: number, from: number, into: KafkaRecordAt[]): void {
  const reader = new Reader(decompressed(batch.subarray(headBytes), batch.readInt16BE(21) & 7))
  const appendedMs = Number(batch.readBigInt64BE(35)) // The newest of the batch, or of the node that appended it.
  for (let left = batch.readInt32BE(57); left > 0; left--) {
    const end = reader.varint() + reader.at
    reader.at++ // Attributes: none are defined.
    reader.varint() // The time, after that of the batch.
    const offset = base + reader.varint()
    if (offset >= from) {
      const key = reader.bytes()?.toString()
      const value = reader.bytes()
      into.push({ offset, appendedMs, key, headers: reader.headers(), value })
    }
    reader.at = end
  }
}

function decompressed(body: Buffer, codec: number): Buffer {
  if (codec === 0) return body
  if (codec === zstd) return zstdDecompressSync(body)
  if (codec === 1) return gunzipSync(body)
  throw new KafkaFailure('a batch is compressed by snappy or lz4; set compression.type of its topic to producer', false)
}

class Reader {
  at = 0
  readonly #buffer: Buffer

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  varint(): number {
    let value = 0
    let scale = 1
    let byte
    do {
      byte = this.#buffer[this.at++]
      if (byte === undefined) throw new KafkaFailure('a record is cut off inside its batch', false)
      value += (byte & 127) * scale
      scale *= 128
    } while (byte > 127)
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  bytes(): Buffer | undefined {
    const length = this.varint()
    if (length < 0) return undefined
    this.at += length
    return this.#buffer.subarray(this.at - length, this.at)
  }

  headers(): Headers {
    const count = this.varint()
    if (count === 0) return noHeaders
    // By fromEntries, for a header may be called __proto__.
    return Object.fromEntries(
      Array.from({ length: count }, () => [this.bytes()?.toString() ?? '', this.bytes()?.toString() ?? ''])
    ) as Headers
  }
}

const noHeaders: Headers = {}
