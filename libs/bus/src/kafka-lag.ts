import type { KafkaCluster } from './kafka-cluster.ts'
import { groupOfId } from './kafka-names.ts'
import type { Lag } from './log.ts'

type Committed = { readonly partition: number; readonly offset: number; readonly lost: number }

/** How far a group has come by its own account, which is behind its changelog by a second at most; 0 when it has none. */
export async function groupOffset(
  cluster: KafkaCluster,
  groupId: string,
  topic: string,
  partition: number
): Promise<number> {
  const [committed] = await groupOffsets(cluster, groupId, topic, [partition])
  return committed?.offset ?? 0
}

/** The lag of every group under this prefix. */
export async function kafkaLag(cluster: KafkaCluster, prefix: string): Promise<Lag[]> {
  const nodes = await cluster.nodes()
  const answers = await Promise.all(nodes.map(node => cluster.call(() => node.listGroups())))
  const groups = answers.flatMap(({ groups }) => groups.map(({ groupId }) => groupId)).toSorted()
  const lags = await Promise.all(groups.map(groupId => lagOfGroup(cluster, prefix, groupId)))
  return lags.flat()
}

async function lagOfGroup(cluster: KafkaCluster, prefix: string, groupId: string): Promise<Lag[]> {
  const found = groupOfId(prefix, groupId)
  if (found === undefined) return []
  const { input, group } = found
  const topic = `${prefix}${input}`
  const partitions = Array.from({ length: await cluster.partitions(topic) }, (_, index) => index)
  const committed = await groupOffsets(cluster, groupId, topic, partitions)
  return Promise.all(
    committed.map(async ({ partition, offset, lost }) => {
      const [first, end] = await Promise.all([
        cluster.offset(topic, partition, 'earliest'),
        cluster.offset(topic, partition, 'latest')
      ])
      const deleted = Math.max(0, first - offset)
      return { group, topic: input, partition, records: Math.max(0, end - offset - deleted), lost: lost + deleted }
    })
  )
}

async function groupOffsets(
  cluster: KafkaCluster,
  groupId: string,
  topic: string,
  partitions: readonly number[]
): Promise<Committed[]> {
  const coordinator = await cluster.groupCoordinator(groupId)
  const topics = [{ topic, partitions: partitions.map(partition => ({ partition })) }]
  const { responses } = await cluster.call(() => coordinator.offsetFetch({ groupId, topics }))
  const found = responses.flatMap(({ partitions }) => partitions)
  return found
    .filter(({ offset }) => Number(offset) >= 0)
    .map(({ partition, offset, metadata }) => ({ partition, offset: Number(offset), lost: Number(metadata) || 0 }))
}
