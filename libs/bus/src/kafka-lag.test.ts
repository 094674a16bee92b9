import { describe, expect, it } from '@jest/globals'
import type { KafkaCluster } from './kafka-cluster.ts'
import { kafkaLag } from './kafka-lag.ts'
import type { Broker } from './kafkajs.ts'

type Faked = {
  readonly groups: readonly string[]
  readonly topics: readonly string[]
  /** Groups whose coordinator cannot be asked. */
  readonly away?: readonly string[]
}

/** A Kafka of one node; each topic has one partition of ten records, of which each group has committed four. */
function fake({ groups, topics, away = [] }: Faked): KafkaCluster {
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
  const cluster: Pick<KafkaCluster, 'nodes' | 'call' | 'partitions' | 'groupCoordinator' | 'offset'> = {
    nodes: () => Promise.resolve([node as Broker]),
    call: calling => calling(),
    partitions: () => Promise.resolve(1),
    groupCoordinator: groupId =>
      away.includes(groupId) ? Promise.reject(new Error('away')) : Promise.resolve(node as Broker),
    offset: (_topic, _partition, which) => Promise.resolve(which === 'latest' ? 10 : 0)
  }
  return cluster as KafkaCluster
}

const behind = (topic: string, group: string) => ({ topic, group, partition: 0, records: 6, lost: 0 })

describe('the lag', () => {
  it('is that of the groups whose topic exists, whatever others are called', async () => {
    const groups = ['packets:sum', 'team:app', 'no topic:app', 'plain', ':']
    expect(await kafkaLag(fake({ groups, topics: ['packets'] }), '')).toEqual([behind('packets', 'sum')])
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
