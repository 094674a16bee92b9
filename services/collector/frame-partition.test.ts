import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { stamped, type NewRecord } from '@earshot/bus'
import { decodeHep, encodeHep, type HepPacket } from '@earshot/hep'
import { ladder } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { framesOf, packetsRecord, tickRecord } from '../pipeline.ts'
import { partitionOfPacket, repartitioned } from './frame-partition.ts'

const [invite] = ladder('0 a>b INVITE', { start: epochMicros(1.7e15) })
const producer = { collector: 'edge', run: 'r' }

const frameOf = (callId: number): Buffer => {
  const payload = Buffer.from(invite!.payload.toString().replace(/^Call-ID: .*$/im, `Call-ID: ${callId}@x`))
  return encodeHep({ ...invite!, payload, captureId: 1, protocol: 1 })
}
const belongsIn = (frame: Buffer, partitions: number): number =>
  partitionOfPacket(decodeHep(frame) as HepPacket, partitions)

/** One cut of these frames, as a packer makes it of a topic of so many partitions. */
const cutOf = (frames: readonly Buffer[], partitions: number): NewRecord[] =>
  Array.from({ length: partitions }, (_, each) =>
    packetsRecord(producer, 7, each, Buffer.concat(frames.filter(frame => belongsIn(frame, partitions) === each)))
  ).filter(({ value }) => value.length > 0)

describe('a record that was made for another number of partitions', () => {
  it('becomes records of the same frames, each where it belongs now, under a stamp that no other has', () => {
    const counts = fc.integer({ min: 1, max: 6 })
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 })), counts, counts, (callIds, from, to) => {
        const frames = callIds.map(frameOf)
        const records = cutOf(frames, from).flatMap(record => repartitioned(record, from, to))
        for (const { partition, value } of records) {
          for (const frame of framesOf(value)) expect(belongsIn(frame, to)).toBe(partition)
        }
        const all = records.flatMap(({ value }) => [...framesOf(value)].map(frame => frame.toString('latin1')))
        expect(all.toSorted()).toEqual(frames.map(frame => frame.toString('latin1')).toSorted())
        const stamps = records.map(({ partition, headers }) => `${partition} ${headers!.producer} ${headers!.sequence}`)
        expect(new Set(stamps).size).toBe(records.length)
      })
    )
  })

  it('is told to all partitions once when it is a tick, with the stamp that it has', () => {
    const ticks = [0, 1, 2].map(partition => tickRecord(producer, 8, partition, epochMicros(1.7e15)))
    const told = ticks.flatMap(tick => repartitioned(tick, 3, 4))
    expect(told.map(({ partition }) => partition)).toEqual([0, 1, 2, 3])
    for (const { headers } of told) expect(headers).toEqual({ ...ticks[0]!.headers, ...stamped('r', 8) })
  })

  it('is itself when the number is the same', () => {
    const [record] = cutOf([frameOf(1)], 3)
    expect(repartitioned(record!, 3, 3)).toEqual([record])
  })
})
