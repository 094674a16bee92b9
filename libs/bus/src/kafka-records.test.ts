import { createRequire } from 'node:module'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decodeBatches, encodeBatch, recordBytes, type KafkaRecord } from './kafka-records.ts'

const require = createRequire(import.meta.url)

const record = (value: string | undefined, key?: string): KafkaRecord => ({
  key,
  headers: {},
  value: value === undefined ? undefined : Buffer.from(value)
})

const records = fc.array(
  fc.record({
    key: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
    headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 9 }), fc.string({ maxLength: 9 }), { maxKeys: 3 }),
    value: fc.option(
      fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
      { nil: undefined }
    )
  }),
  { minLength: 1, maxLength: 20 }
)

/** As a partition has it: from an offset on. */
function at(offset: number, batch: Buffer): Buffer {
  const placed = Buffer.from(batch)
  placed.writeBigInt64BE(BigInt(offset), 0)
  return placed
}

/** The marker that ends a producer's transaction. */
function marker(offset: number, producerId: bigint): Buffer {
  const batch = encodeBatch([record('', '')], 'none', 0, { producerId, epoch: 0, sequence: -1 })
  batch.writeInt16BE(0x30, 21)
  return at(offset, resummed(batch))
}

function resummed(batch: Buffer): Buffer {
  const { crc32c } = require('@node-rs/crc32') as { crc32c: (bytes: Buffer) => number }
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

const sent = (producerId: bigint, offset: number, ...values: string[]): Buffer =>
  at(
    offset,
    encodeBatch(
      values.map(value => record(value)),
      'zstd',
      0,
      { producerId, epoch: 0, sequence: 0 }
    )
  )

const valuesOf = (page: ReturnType<typeof decodeBatches>) => page.records.map(({ value }) => value?.toString())

describe('a batch', () => {
  it.each(['none', 'zstd'] as const)('reads as it was written, with compression %s', compression => {
    fc.assert(
      fc.property(records, fc.integer({ min: 0, max: 2 ** 40 }), (written, offset) => {
        const page = decodeBatches(at(offset, encodeBatch(written, compression, 1_700_000_000_000)), offset, [])
        expect(page.next).toBe(offset + written.length)
        expect(
          page.records.map(({ offset: _, appendedMs: __, ...rest }) => ({ ...rest, headers: { ...rest.headers } }))
        ).toEqual(written.map(each => ({ ...each, headers: { ...each.headers } })))
      })
    )
  })

  it('keeps a header of any name', () => {
    const headers = JSON.parse('{"__proto__":"1","constructor":"2"}') as Record<string, string>
    const [read] = decodeBatches(encodeBatch([{ ...record('a'), headers }], 'none', 0), 0, []).records
    expect(Object.entries(read!.headers)).toEqual(Object.entries(headers))
  })

  it('is what kafkajs reads, its checksum what kafkajs sums', async () => {
    const Decoder = require('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => object
    const decode = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: object) => Promise<{
      records: { key: Buffer; value: Buffer; headers: Record<string, Buffer>; offset: string }[]
    }>
    const checksum = require('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number
    const batch = encodeBatch(
      [
        { key: 'a', headers: { kind: 'tick' }, value: Buffer.from('one') },
        { key: 'b'.repeat(200), headers: {}, value: Buffer.alloc(70_000, 'x') }
      ],
      'none',
      1_700_000_000_000,
      { producerId: 12n, epoch: 3, sequence: 40 }
    )
    expect(batch.readUInt32BE(17)).toBe(checksum(batch.subarray(21)))
    const read = await decode(new Decoder(batch))
    expect(read).toMatchObject({ producerId: '12', producerEpoch: 3, firstSequence: 40, inTransaction: true })
    expect(read.records.map(each => [String(each.key), each.value.length, each.offset])).toEqual([
      ['a', 3, '0'],
      ['b'.repeat(200), 70_000, '1']
    ])
    expect(String(read.records[0]!.headers.kind)).toBe('tick')
  })

  it('is no larger than its records say', () => {
    fc.assert(
      fc.property(records, written => {
        const bytes = encodeBatch(written, 'none', 0).length
        expect(bytes - 61).toBeLessThanOrEqual(written.reduce((sum, each) => sum + recordBytes(each), 0))
      })
    )
  })
})

describe('a fetch', () => {
  it('begins at the offset asked for, inside a batch, and leaves out a batch that is cut off', () => {
    const fetched = Buffer.concat([sent(1n, 10, 'a', 'b', 'c'), sent(1n, 13, 'd').subarray(0, -1)])
    const page = decodeBatches(fetched, 11, [])
    expect([valuesOf(page), page.next]).toEqual([['b', 'c'], 13])
  })

  it('leaves out aborted transactions, up to their markers, and those of nobody else', () => {
    const fetched = Buffer.concat([
      sent(1n, 0, 'a'),
      sent(2n, 1, 'b'),
      sent(1n, 2, 'c'),
      marker(3, 1n),
      sent(1n, 4, 'd'),
      marker(5, 2n),
      marker(6, 1n)
    ])
    const page = decodeBatches(fetched, 0, [{ producerId: 1n, first: 0 }])
    expect([valuesOf(page), page.next]).toEqual([['b', 'd'], 7])
  })

  it('goes past a batch that compaction has emptied', () => {
    const empty = encodeBatch([], 'none', 0)
    empty.writeInt32BE(499, 23)
    const page = decodeBatches(Buffer.concat([at(100, resummed(empty)), sent(1n, 600, 'a')]), 100, [])
    expect([valuesOf(page), page.next]).toEqual([['a'], 601])
    expect(decodeBatches(at(100, resummed(empty)), 120, []).next).toBe(600)
  })

  it('rejects what is damaged, and what is compressed by a codec that Node does not have', () => {
    const damaged = sent(1n, 0, 'abc')
    damaged[damaged.length - 1]! ^= 1
    expect(() => decodeBatches(damaged, 0, [])).toThrow('CRC')
    const snappy = encodeBatch([record('a')], 'none', 0)
    snappy.writeInt16BE(2, 21)
    expect(() => decodeBatches(resummed(snappy), 0, [])).toThrow('snappy')
  })

  it('never reads past what it has', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const batch = Buffer.concat([encodeBatch([record('a', 'b')], 'none', 0), Buffer.from(bytes)])
        batch.writeInt32BE(batch.length - 12, 8)
        try {
          decodeBatches(resummed(batch), 0, [])
        } catch (error) {
          expect(String(error)).not.toContain('RangeError')
        }
      })
    )
  })
})
