import { setTimeout as pause } from 'node:timers/promises'
import type { KafkaCluster } from './kafka-cluster.ts'
import { codeOf, KafkaFailure } from './kafka-errors.ts'
import { decodeBatches, type KafkaRecordAt, type Page } from './kafka-records.ts'
import { fetchRequest } from './kafka-requests.ts'
import type { LogRecord } from './log.ts'

export type FetchLimits = { readonly minBytes: number; readonly maxBytes: number; readonly maxWaitMs: number }

/** Bytes as they lie in Kafka, that is compressed. */
const atOnce: FetchLimits = { minBytes: 1, maxBytes: 2 << 20, maxWaitMs: 500 }

/** The next committed records of a partition, if there are any before the wait is over. Rejects out of its range. */
export async function fetchPage(
  cluster: KafkaCluster,
  topic: string,
  partition: number,
  offset: number,
  limits: FetchLimits = atOnce
): Promise<Page> {
  const node = await cluster.leader(topic, partition)
  try {
    const { batches, aborted } = await cluster.send(node, fetchRequest({ topic, partition, offset, ...limits }))
    return decodeBatches(batches, offset, aborted)
  } catch (error) {
    if (codeOf(error) !== 'OFFSET_OUT_OF_RANGE') await cluster.refresh()
    throw error
  }
}

/**
 * The committed records of a partition from an offset, or from the oldest one kept, page after page up to another
 * offset. Without that it waits for more, through any outage, until the cluster is closed.
 */
export async function* pagesOf(
  cluster: KafkaCluster,
  topic: string,
  partition: number,
  from: number,
  until = Infinity
): AsyncGenerator<Page> {
  for (let next = from; next < until;) {
    const page = await nextPage(cluster, topic, partition, next, until)
    next = page.next
    const records = until === Infinity ? page.records : page.records.filter(({ offset }) => offset < until)
    if (records.length > 0) yield { records, next }
  }
}

/** Goes on through failures: of a read to an end for some time, of one without an end until the cluster is closed. */
async function nextPage(
  cluster: KafkaCluster,
  topic: string,
  partition: number,
  from: number,
  until: number
): Promise<Page> {
  const insistsMs = until < Infinity ? 30_000 : Infinity
  return cluster.insist(insistsMs, async () => {
    try {
      return await fetchPage(cluster, topic, partition, from)
    } catch (error) {
      if (codeOf(error) !== 'OFFSET_OUT_OF_RANGE') throw error
      const earliest = await cluster.offset(topic, partition, 'earliest')
      if (earliest <= from && until < Infinity) {
        throw new KafkaFailure(
          `partition ${partition} of ${topic} ends before ${from}; was it made anew?`,
          false,
          error
        )
      }
      if (earliest <= from) await pause(100) // Past the end.
      return { records: [], next: Math.max(earliest, from) }
    }
  })
}

export const logRecordOf = (
  { offset, appendedMs, key, headers, value }: KafkaRecordAt,
  partition: number
): LogRecord => ({
  partition,
  offset,
  key,
  headers,
  value: value ?? Buffer.alloc(0),
  appendedMs,
  replayed: false
})
