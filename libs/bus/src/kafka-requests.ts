import { createErrorFromCode, type Request } from './kafkajs.ts'
import type { Aborted } from './kafka-records.ts'

/**
 * The two requests that carry records, and one that kafkajs does not have.
 *
 * Source: Apache Kafka protocol guide: Produce v7, Fetch v11, IncrementalAlterConfigs v0. All of Kafka 2.3 to 4.x take
 * these versions.
 */

/** The batches for one node; each partition stands once. */
export type Produce = ReadonlyMap<string, ReadonlyMap<number, Buffer>>

/** The error code of each partition, 0 for success. */
export type Produced = readonly { readonly topic: string; readonly partition: number; readonly error: number }[]

export function produceRequest(transactionalId: string | null, batches: Produce): Request<Produced> {
  const writer = new FieldWriter()
  writer.string(transactionalId)
  writer.int16(-1) // Every replica in sync has it.
  writer.int32(6000)
  writer.array([...batches], ([topic, partitions]) => {
    writer.string(topic)
    writer.array([...partitions], ([partition, batch]) => {
      writer.int32(partition)
      writer.bytes(batch)
    })
  })
  return requestOf({ apiKey: 0, apiVersion: 7, apiName: 'Produce' }, writer, reader => {
    return reader
      .array(() => {
        const topic = reader.string()
        return reader.array(() => {
          const partition = reader.int32()
          const error = reader.int16()
          reader.skip(24)
          return { topic, partition, error }
        })
      })
      .flat()
  })
}

export type Fetch = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly maxWaitMs: number
}

export type Fetched = {
  readonly aborted: readonly Aborted[]
  readonly batches: Buffer
}

/** Rejects with the error of the partition. */
export function fetchRequest({ topic, partition, offset, minBytes, maxBytes, maxWaitMs }: Fetch): Request<Fetched> {
  const writer = new FieldWriter()
  for (const field of [-1, maxWaitMs, minBytes, maxBytes]) writer.int32(field)
  writer.int8(1) // Read committed.
  for (const field of [0, -1]) writer.int32(field) // No session.
  writer.array([topic], () => {
    writer.string(topic)
    writer.array([partition], () => {
      for (const field of [partition, -1]) writer.int32(field)
      for (const field of [offset, -1]) writer.int64(field)
      writer.int32(maxBytes)
    })
  })
  writer.array([], () => undefined)
  writer.string('')
  const request = requestOf({ apiKey: 1, apiVersion: 11, apiName: 'Fetch' }, writer, reader => {
    reader.skip(4)
    failOn(reader.int16())
    reader.skip(4)
    return reader.array(() => {
      reader.string()
      return reader.array(() => fetchedPartition(reader))
    })[0]![0]!
  })
  return { ...request, requestTimeout: maxWaitMs + 8000 }
}

function fetchedPartition(reader: FieldReader): Fetched {
  reader.skip(4)
  failOn(reader.int16())
  reader.skip(24)
  const aborted = reader.array(() => ({ producerId: reader.bigint64(), first: reader.int64() }))
  reader.skip(4)
  return { aborted, batches: reader.bytes() }
}

/** Sets these settings of a topic and leaves the others. Rejects with the first error. */
export function alterTopicRequest(topic: string, settings: Readonly<Record<string, string>>): Request<object> {
  const writer = new FieldWriter()
  writer.array([topic], () => {
    writer.int8(2)
    writer.string(topic)
    writer.array(Object.entries(settings), ([name, value]) => {
      writer.string(name)
      writer.int8(0)
      writer.string(value)
    })
  })
  writer.int8(0)
  return requestOf({ apiKey: 44, apiVersion: 0, apiName: 'IncrementalAlterConfigs' }, writer, reader => {
    reader.skip(4)
    return reader.array(() => {
      const code = reader.int16()
      const said = reader.string()
      if (code !== 0) throw new Error(`${topic}: ${said}`, { cause: createErrorFromCode(code) })
      reader.skip(1)
      reader.string()
    })
  })
}

function failOn(code: number): void {
  if (code !== 0) throw createErrorFromCode(code)
}

type Api = { readonly apiKey: number; readonly apiVersion: number; readonly apiName: string }

function requestOf<Answer>(api: Api, writer: FieldWriter, read: (reader: FieldReader) => Answer): Request<Answer> {
  const buffer = writer.buffer()
  return {
    request: { ...api, encode: () => Promise.resolve({ buf: buffer, buffer }) },
    response: {
      decode: payload => new Promise(resolve => resolve(read(new FieldReader(payload)))),
      parse: answer => Promise.resolve(answer)
    }
  }
}

class FieldWriter {
  readonly #parts: Buffer[] = []

  buffer(): Buffer {
    return Buffer.concat(this.#parts)
  }

  int8(value: number): void {
    this.#number(1, part => part.writeInt8(value))
  }

  int16(value: number): void {
    this.#number(2, part => part.writeInt16BE(value))
  }

  int32(value: number): void {
    this.#number(4, part => part.writeInt32BE(value))
  }

  int64(value: number): void {
    this.#number(8, part => part.writeBigInt64BE(BigInt(value)))
  }

  string(text: string | null): void {
    this.int16(text === null ? -1 : Buffer.byteLength(text))
    if (text !== null) this.#parts.push(Buffer.from(text))
  }

  bytes(bytes: Buffer): void {
    this.int32(bytes.length)
    this.#parts.push(bytes)
  }

  array<Item>(items: readonly Item[], write: (item: Item) => void): void {
    this.int32(items.length)
    for (const item of items) write(item)
  }

  #number(bytes: number, write: (part: Buffer) => void): void {
    const part = Buffer.allocUnsafe(bytes)
    write(part)
    this.#parts.push(part)
  }
}

class FieldReader {
  readonly #buffer: Buffer
  #at = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  skip(bytes: number): void {
    this.#at += bytes
  }

  int16(): number {
    this.#at += 2
    return this.#buffer.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#buffer.readInt32BE(this.#at - 4)
  }

  bigint64(): bigint {
    this.#at += 8
    return this.#buffer.readBigInt64BE(this.#at - 8)
  }

  int64(): number {
    return Number(this.bigint64())
  }

  string(): string {
    return this.#take(this.int16()).toString()
  }

  bytes(): Buffer {
    return this.#take(this.int32())
  }

  array<Item>(read: () => Item): Item[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read)
  }

  #take(length: number): Buffer {
    this.#at += Math.max(0, length)
    return this.#buffer.subarray(this.#at - Math.max(0, length), this.#at)
  }
}
