import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { partitionOf, type LogRecord } from '@earshot/bus'
import { noCounts, type AllowRecord, type MethodEvidence } from '@earshot/calls'
import type { Sums } from '@earshot/peers'
import { epochMicros } from '@earshot/units'
import { readEnded, readJoined } from './legs-records.ts'
import {
  callsRecord,
  closingRecords,
  evidenceRecords,
  readCalls,
  readPackets,
  sourceOf,
  type EvidenceRecord,
  type PendingRecord
} from './pipeline.ts'

/** A record as it was written; values are JSON text, those of packets base64. */
type Golden = {
  readonly headers: LogRecord['headers']
  readonly value: string
  readonly reads: { readonly kind: string; readonly frames?: string }
  readonly source?: number
}

const versions = new URL('testdata/records/', import.meta.url)
const goldens = readdirSync(versions).flatMap(version =>
  readdirSync(new URL(`${version}/`, versions)).map(file => `${version}/${file}`)
)

const recordOf = ({ headers, value }: Golden): LogRecord => {
  const bytes = Buffer.from(value, headers.kind === 'packets' ? 'base64' : 'utf8')
  return { partition: 0, offset: 0, key: undefined, headers, value: bytes, appendedMs: 0, replayed: false }
}

describe('a record that a former version wrote', () => {
  it.each(goldens)('%s is read as then', file => {
    const golden = JSON.parse(readFileSync(new URL(file, versions), 'utf8')) as Golden
    const record = recordOf(golden)
    if (record.headers.kind === 'packets') {
      expect(readPackets(record)).toEqual({ kind: 'packets', frames: Buffer.from(golden.reads.frames!, 'base64') })
    } else if (record.headers.kind === 'tick') expect(readPackets(record)).toEqual(golden.reads)
    else if (record.headers.kind === 'ended') expect(readEnded(record)).toEqual(golden.reads)
    else if (record.headers.kind === 'legs') expect(readJoined(record)).toEqual(golden.reads)
    else {
      expect(readCalls(record)).toEqual(golden.reads)
      expect(sourceOf(record)).toBe(golden.source ?? 0)
    }
  })

  it('of a later version is refused', () => {
    const record = { ...recordOf({ headers: { kind: 'tick', format: '2' }, value: '', reads: { kind: 'tick' } }) }
    expect(() => readPackets(record)).toThrow('format 2')
    for (const read of [readCalls, readEnded, readJoined]) expect(() => read(record)).toThrow('format 2')
  })
})

describe('records of calls', () => {
  const allow: AllowRecord = { kind: 'allow', at: epochMicros(1), peer: 'far', source: 'options', methods: ['INVITE'] }
  const counts = { kind: 'counts', counts: { ...noCounts(), notSip: 0 } } as const
  const sumsOf = (peer: string): Sums => ({
    peer,
    direction: 'outbound',
    attempts: { none: { open: 1 } },
    earlyMediaMicros: 0,
    withSdp: 0,
    withoutSdp: 0,
    rejections: {}
  })

  it('of a peer meet in one partition, whatever their source', () => {
    expect(callsRecord(allow, 0, 7).partition).toBe(partitionOf('far', 7))
    expect(callsRecord(allow, 5, 7).partition).toBe(partitionOf('far', 7))
  })

  it('with counts go to one partition of each source', () => {
    expect([0, 1, 8].map(source => callsRecord(counts, source, 7).partition)).toEqual([0, 1, 1])
  })

  it('with evidence hold that of all peers of a partition, in parts', () => {
    const rows = Array.from({ length: 1200 }, (_, index): MethodEvidence => ({
      kind: 'method',
      second: 1,
      agent: '',
      method: 'BYE',
      code: 200,
      count: 1,
      callId: '',
      peer: `peer ${index % 20}`
    }))
    const records = evidenceRecords(rows, 5, 2)
    for (const { partition, headers = {}, value } of records) {
      const record = readCalls({ headers, value }) as EvidenceRecord
      expect(sourceOf({ headers })).toBe(5)
      expect(record.rows.length).toBeLessThanOrEqual(200)
      expect(record.rows.every(({ peer }) => partitionOf(peer, 2) === partition)).toBe(true)
    }
    expect(records.flatMap(({ value }) => (JSON.parse(value.toString()) as EvidenceRecord).rows).length).toBe(1200)
  })

  it('say who wrote them', () => {
    const { headers = {} } = callsRecord(allow, 5, 7)
    expect(sourceOf({ headers })).toBe(5)
  })

  it('close every partition, each with its own peers that have attempts pending', () => {
    const peers = Array.from({ length: 20 }, (_, index) => `peer ${index}`)
    const closing = closingRecords(3, { watermark: epochMicros(9), settled: epochMicros(7) }, peers.map(sumsOf), 4)
    expect(closing.map(({ partition }) => partition)).toEqual([0, 1, 2, 3])
    for (const { partition, value } of closing) {
      const record = JSON.parse(value.toString()) as PendingRecord
      expect(record).toMatchObject({ kind: 'pending', partition: 3, part: 0, parts: 1, watermark: 9, settled: 7 })
      expect(record.sums.map(({ peer }) => peer)).toEqual(peers.filter(peer => partitionOf(peer, 4) === partition))
    }
  })

  it('close a partition of many peers in parts', () => {
    const closing = closingRecords(
      0,
      { watermark: epochMicros(9) },
      Array.from({ length: 1001 }, (_, index) => sumsOf(String(index))),
      1
    )
    expect(closing.map(({ value }) => (JSON.parse(value.toString()) as PendingRecord).sums.length)).toEqual([
      500, 500, 1
    ])
  })
})
