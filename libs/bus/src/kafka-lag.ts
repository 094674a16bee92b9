import type { KafkaCluster } from './kafka-cluster.ts'
import { codeOf } from './kafka-errors.ts'
import { groupOfId } from './kafka-names.ts'
import { fetchPage } from './kafka-reader.ts'
import type { Broker } from './kafkajs.ts'
import type { Lag } from './log.ts'

/** A lag of fewer offsets than this is looked at: it can be all markers. */
const mostLooked = 100
const look = { minBytes: 1, maxBytes: 64 << 10, maxWaitMs: 0 }

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

/**
 * The lag of every group under this prefix. Those whose topic does not exist are not ours, or work no more. A group that
 * cannot be asked is left out; rejects when none can.
 */
export async function kafkaLag(cluster: KafkaCluster, prefix: string): Promise<Lag[]> {
  const nodes = await cluster.nodes()
  const answers = await Promise.all(nodes.map(node => cluster.call(() => node.listGroups())))
  const ids = answers.flatMap(({ groups }) => groups.map(({ groupId }) => groupId)).toSorted()
  const ours = ids.filter(groupId => groupOfId(prefix, groupId) !== undefined)
  const lags = await Promise.allSettled(ours.map(groupId => lagOfGroup(cluster, nodes[0]!, prefix, groupId)))
  const refused = lags.filter(lag => lag.status === 'rejected')
  if (refused[0] !== undefined && refused.length === lags.length) throw refused[0].reason
  return lags.flatMap(lag => (lag.status === 'fulfilled' ? lag.value : []))
}

async function lagOfGroup(cluster: KafkaCluster, node: Broker, prefix: string, groupId: string): Promise<Lag[]> {
  const { input, group } = groupOfId(prefix, groupId)!
  const topic = `${prefix}${input}`
  if (!(await exists(cluster, node, topic))) return []
  const partitions = Array.from({ length: await cluster.partitions(topic) }, (_, index) => index)
  const committed = await groupOffsets(cluster, groupId, topic, partitions)
  return Promise.all(
    committed.map(async ({ partition, offset, lost }) => {
      const [first, end] = await Promise.all([
        cluster.offset(topic, partition, 'earliest'),
        cluster.offset(topic, partition, 'latest')
      ])
      const deleted = Math.max(0, first - offset)
      const records = await recordsBetween(cluster, topic, partition, offset + deleted, end)
      return { group, topic: input, partition, records, lost: lost + deleted }
    })
  )
}

/** Offsets, and so with the markers of transactions; where there are few of them, only those that readers are given. */
async function recordsBetween(
  cluster: KafkaCluster,
  topic: string,
  partition: number,
  from: number,
  end: number
): Promise<number> {
  if (end <= from || end - from > mostLooked) return Math.max(0, end - from)
  const { records, next } = await fetchPage(cluster, topic, partition, from, look)
  return records.filter(({ offset }) => offset < end).length + Math.max(0, end - next)
}

/** Asked of a node, and not of the cluster, which would go on asking for a topic that does not exist, beside its own. */
async function exists(cluster: KafkaCluster, node: Broker, topic: string): Promise<boolean> {
  try {
    await cluster.call(() => node.metadata([topic]))
    return true
  } catch (error) {
    if (nowhere.has(codeOf(error))) return false
    throw error
  }
}

/** There is no such topic, or there can be none. */
const nowhere = new Set<string | undefined>(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION'])

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
