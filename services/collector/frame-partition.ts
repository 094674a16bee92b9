import { partitionOf, type NewRecord } from '@earshot/bus'
import { decodeHep, type HepPacket } from '@earshot/hep'
import { findCallId } from '@earshot/sip'
import { framesOf } from '../pipeline.ts'

/** By Call-ID, so that all of a call meets in one partition; reports of media by HEP's correlation id, which is one. */
export function partitionOfPacket(packet: HepPacket, partitions: number): number {
  if (partitions === 1) return 0
  const key = findCallId(packet.payload) ?? packet.correlationId
  return key === undefined ? 0 : partitionOf(key, partitions)
}

/**
 * What to append in place of a record of packets, or a tick, that was made when their topic had `from` partitions and not
 * `to`, as now: its frames where they belong now. The same for the same record, with stamps of its own.
 *
 * The ticks of a cut follow all of its frames, so the first of them is told to every partition, and the others to none.
 */
export function repartitioned(record: NewRecord, from: number, to: number): readonly NewRecord[] {
  const { partition, headers = {}, value } = record
  if (from === to) return [record]
  const everywhere = Array.from({ length: to }, (_, each) => each)
  if (headers.kind === 'tick') return partition === 0 ? everywhere.map(each => ({ ...record, partition: each })) : []
  // Of one cut, several records can go to a partition now: each former partition becomes a producer.
  const stamped = { ...headers, producer: `${headers.producer}/${partition}` }
  const runs = everywhere.map((): Buffer[] => [])
  for (const frame of framesOf(value)) {
    const packet = decodeHep(frame)
    runs[packet.kind === 'error' ? 0 : partitionOfPacket(packet, to)]!.push(frame)
  }
  return runs.flatMap((frames, each) =>
    frames.length === 0 ? [] : [{ partition: each, headers: stamped, value: Buffer.concat(frames) }]
  )
}
