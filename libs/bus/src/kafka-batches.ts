import type { KafkaCluster } from './kafka-cluster.ts'
import { KafkaFailure } from './kafka-errors.ts'
import { recordBytes, type KafkaRecord } from './kafka-records.ts'
import { produceRequest, type Produce } from './kafka-requests.ts'
import { createErrorFromCode, type Broker } from './kafkajs.ts'

/** What a node takes at most in one batch by default (`max.message.bytes`), less the head. */
const batchBytes = 1_048_000

/** Records for partitions of topics, in their order. */
export class Outgoing {
  readonly #rounds: Map<string, Map<number, { bytes: number; readonly records: KafkaRecord[] }>>[] = []
  /** The round that takes the next record of a partition. */
  readonly #open = new Map<string, number>()

  add(topic: string, partition: number, record: KafkaRecord): void {
    const bytes = recordBytes(record)
    const key = `${topic}/${partition}`
    const round = this.#open.get(key) ?? 0
    const batch = this.#batch(round, topic, partition)
    if (batch.records.length > 0 && batch.bytes + bytes > batchBytes) {
      this.#open.set(key, round + 1)
      return this.#put(this.#batch(round + 1, topic, partition), bytes, record)
    }
    this.#put(batch, bytes, record)
  }

  /** Every partition that has records. */
  get partitions(): { readonly topic: string; readonly partitions: readonly number[] }[] {
    return [...(this.#rounds[0] ?? [])].map(([topic, partitions]) => ({ topic, partitions: [...partitions.keys()] }))
  }

  /** To be sent one after the other; in each a partition has one batch at most. */
  *rounds(): Generator<Batches<readonly KafkaRecord[]>> {
    for (const round of this.#rounds) yield mapBatches(round, ({ records }) => records)
  }

  #put(batch: { bytes: number; readonly records: KafkaRecord[] }, bytes: number, record: KafkaRecord): void {
    batch.bytes += bytes
    batch.records.push(record)
  }

  #batch(round: number, topic: string, partition: number) {
    const topics = (this.#rounds[round] ??= new Map())
    if (!topics.has(topic)) topics.set(topic, new Map())
    const partitions = topics.get(topic)!
    if (!partitions.has(partition)) partitions.set(partition, { bytes: 0, records: [] })
    return partitions.get(partition)!
  }
}

/** By topic and partition. */
export type Batches<Batch> = ReadonlyMap<string, ReadonlyMap<number, Batch>>

export function mapBatches<From, To>(
  batches: Batches<From>,
  map: (batch: From, topic: string, partition: number) => To
): Batches<To> {
  const topics = new Map<string, Map<number, To>>()
  for (const [topic, partitions] of batches) {
    topics.set(topic, new Map([...partitions].map(([partition, batch]) => [partition, map(batch, topic, partition)])))
  }
  return topics
}

export type Unsent = { readonly topic: string; readonly partition: number; readonly error: unknown }

/**
 * Sends batches to the nodes that have their partitions, all at once. Resolves to the partitions that were not
 * acknowledged: a node can fail for some, or leave some out.
 */
export async function produce(
  cluster: KafkaCluster,
  transactionalId: string | null,
  batches: Batches<Buffer>
): Promise<Unsent[]> {
  const unsent: Unsent[] = []
  const requests = new Map<Broker, Map<string, Map<number, Buffer>>>()
  for (const [topic, partitions] of batches) {
    for (const [partition, batch] of partitions) {
      try {
        const node = await cluster.leader(topic, partition)
        if (!requests.has(node)) requests.set(node, new Map())
        const topics = requests.get(node)!
        if (!topics.has(topic)) topics.set(topic, new Map())
        topics.get(topic)!.set(partition, batch)
      } catch (error) {
        unsent.push({ topic, partition, error })
      }
    }
  }
  const results = await Promise.all(
    [...requests].map(([node, request]) => sendTo(cluster, node, transactionalId, request))
  )
  return [...unsent, ...results.flat()]
}

async function sendTo(
  cluster: KafkaCluster,
  node: Broker,
  transactionalId: string | null,
  request: Produce
): Promise<Unsent[]> {
  const given = [...request].flatMap(([topic, partitions]) =>
    [...partitions.keys()].map(partition => ({ topic, partition }))
  )
  try {
    const produced = await cluster.send(node, produceRequest(transactionalId, request))
    return given.flatMap(({ topic, partition }) => {
      const found = produced.find(each => each.topic === topic && each.partition === partition)
      if (found?.error === 0) return []
      const error =
        found === undefined
          ? new KafkaFailure(`partition ${partition} of ${topic} was not acknowledged`, true)
          : createErrorFromCode(found.error)
      return [{ topic, partition, error }]
    })
  } catch (error) {
    return given.map(each => ({ ...each, error }))
  }
}
