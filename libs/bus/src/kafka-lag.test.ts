import { crc32c } from '@node-rs/crc32'
import { describe, expect, it } from '@jest/globals'
import type { KafkaCluster } from './kafka-cluster.ts'
import { kafkaLag } from './kafka-lag.ts'
import { encodeBatch, type KafkaRecord } from './kafka-records.ts'
import type { Broker } from './kafkajs.ts'

type Faked = {
  readonly groups: readonly string[]
  readonly topics: readonly string[]
  /** Groups whose coordinator cannot be asked. */
  readonly away?: readonly string[]
  /** What there is from the committed offset on; default six records. */
  readonly left?: { readonly records: number; readonly markers: number }
}

/** A Kafka of one node; each topic has one partition of ten records, of which each group has committed four. */
function fake({ groups, topics, away = [], left = { records: 6, markers: 0 } }: Faked): KafkaCluster {
  const metadata = ([topic]: readonly string[]) => {
    if (topics.includes(topic!)) return Promise.resolve({ topicMetadata: [] })
    const type = topic!.includes(' ') ? 'INVALID_TOPIC_EXCEPTION' : 'UNKNOWN_TOPIC_OR_PARTITION'
    return Promise.reject(Object.assign(new Error(type), { type }))
  }
  const node: Pick<Broker, 'listGroups' | 'metadata' | 'offsetFetch'> = {
    listGroups: () => Promise.resolve({ groups: groups.map(groupId => ({ groupId })) }),
    metadata,
    offsetFetch: ({ topics: [asked] }) => {
      const partitions = asked!.partitions.map(({ partition }) => ({ partition, offset: '4', metadata: '0' }))
      return Promise.resolve({ responses: [{ topic: asked!.topic, partitions }] })
    }
  }
  const cluster: Pick<
    KafkaCluster,
    'nodes' | 'call' | 'partitions' | 'groupCoordinator' | 'offset' | 'leader' | 'send'
  > = {
    nodes: () => Promise.resolve([node as Broker]),
    call: calling => calling(),
    partitions: () => Promise.resolve(1),
    groupCoordinator: groupId =>
      away.includes(groupId) ? Promise.reject(new Error('away')) : Promise.resolve(node as Broker),
    offset: (_topic, _partition, which) => Promise.resolve(which === 'latest' ? 4 + left.records + left.markers : 0),
    leader: () => Promise.resolve(node as Broker),
    send: async <Answer>() => ({ aborted: [], batches: batchesOf(left) }) as Answer
  }
  return cluster as KafkaCluster
}

/** From offset 4 on; each record is followed by the markers that there are left. */
function batchesOf({ records, markers }: { readonly records: number; readonly markers: number }): Buffer {
  const record: KafkaRecord = { key: 'k', headers: {}, value: Buffer.from('v') }
  const batches = Array.from({ length: records + markers }, (_, index) => {
    const batch = encodeBatch([record], 'none', 0, { producerId: 1n, epoch: 0, sequence: 0 })
    batch.writeBigInt64BE(BigInt(4 + index), 0)
    if (index >= records) batch.writeInt16BE(0x30, 21)
    batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
    return batch
  })
  return Buffer.concat(batches)
}

const behind = (topic: string, group: string) => ({ topic, group, partition: 0, records: 6, lost: 0 })

describe('the lag', () => {
  it('is that of the groups whose topic exists, whatever others are called', async () => {
    const groups = ['packets:sum', 'team:app', 'no topic:app', 'plain', ':']
    expect(await kafkaLag(fake({ groups, topics: ['packets'] }), '')).toEqual([behind('packets', 'sum')])
  })

  it('is of records, not of the markers of transactions', async () => {
    const one = { groups: ['packets:sum'], topics: ['packets'] }
    const lagOf = async (records: number, markers: number) =>
      (await kafkaLag(fake({ ...one, left: { records, markers } }), ''))[0]!.records
    expect([await lagOf(0, 0), await lagOf(0, 3), await lagOf(2, 3), await lagOf(98, 3)]).toEqual([0, 0, 2, 101])
  })

  it('leaves out a group that cannot be asked', async () => {
    const groups = ['packets:other', 'packets:sum']
    const cluster = fake({ groups, topics: ['packets'], away: ['packets:other'] })
    expect(await kafkaLag(cluster, '')).toEqual([behind('packets', 'sum')])
  })

  it('rejects when no group can be asked, and is none without groups', async () => {
    const one = { groups: ['packets:sum'], topics: ['packets'] }
    await expect(kafkaLag(fake({ ...one, away: ['packets:sum'] }), '')).rejects.toThrow('away')
    expect(await kafkaLag(fake({ ...one, groups: [] }), '')).toEqual([])
  })
})
