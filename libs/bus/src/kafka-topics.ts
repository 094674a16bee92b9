import { KafkaCluster } from './kafka-cluster.ts'
import { kafkaConfig, type KafkaConnection } from './kafka-connection.ts'
import { failureOf, KafkaFailure } from './kafka-errors.ts'
import { alterTopicRequest } from './kafka-requests.ts'
import { Kafka } from './kafkajs.ts'

/** A topic as it should be. */
export type WantedTopic = {
  /** Without the prefix. */
  readonly topic: string
  readonly partitions: number
  /** How many nodes have each record, and how many of them must have it before it counts as appended. */
  readonly replicas: number
  readonly inSync: number
} & ({ readonly keeps: 'latest' } | Aged)

type Aged = {
  readonly keeps: { readonly ageMs: number; readonly bytesPerPartition?: number }
  /** `append`: the node stamps each batch with the time at which it appends it. Absent: as the topic, or Kafka, has it. */
  readonly stamps?: 'append'
}

/** What of a topic is not as it should be. */
export type TopicDifference = {
  /** As Kafka calls it. */
  readonly topic: string
  /** `topic` for one that does not exist, `partitions`, `replicas`, or a setting as Kafka calls it. */
  readonly setting: string
  readonly is: string | undefined
  readonly wanted: string
  /** Why it is left as it is. Absent: it is put right, or would be without `dryRun`. */
  readonly refused?: string
}

export type CheckTopics = {
  /** Only tells. */
  readonly dryRun?: boolean
  /**
   * Adds partitions to topics that have too few. Keys move to other partitions then, and what their old ones know of
   * them is lost to them: only while nothing is open, and for every topic of the same keys at once.
   */
  readonly addPartitions?: boolean
}

type Existing = {
  readonly partitions: number
  readonly replicas: number
  readonly settings: ReadonlyMap<string, string>
}

/**
 * Compares topics with what they should be, makes those that are missing, and sets what can be set. Resolves to the
 * differences that there were, when the new topics can be used on every node and changed settings are in force. Nothing is ever deleted, and the number
 * of partitions never falls.
 */
export async function checkTopics(
  connection: KafkaConnection & { readonly prefix?: string },
  wanted: readonly WantedTopic[],
  { dryRun = false, addPartitions = false }: CheckTopics = {}
): Promise<TopicDifference[]> {
  const { prefix = 'earshot.' } = connection
  const named = wanted.map(each => ({ ...each, topic: `${prefix}${each.topic}` }))
  const cluster = new KafkaCluster(connection)
  const admin = new Kafka(kafkaConfig(connection)).admin()
  try {
    await cluster.insist(10_000, () => cluster.nodes())
    await admin.connect()
    const existing = await existingTopics(admin, cluster, named)
    const differences = named.flatMap(each => differencesOf(each, existing.get(each.topic), addPartitions))
    if (!dryRun) {
      await apply(admin, cluster, named, differences)
      await shown(admin, cluster, named, differences)
    }
    return differences
  } catch (error) {
    throw failureOf(error, connection)
  } finally {
    await admin.disconnect().catch(() => undefined)
    cluster.close()
  }
}

/** In bytes, as compressed; Kafka's default is 1 MiB. What a spool drains makes larger batches than that. */
const largestBatch = 4 << 20

type Admin = ReturnType<InstanceType<typeof Kafka>['admin']>

async function existingTopics(
  admin: Admin,
  cluster: KafkaCluster,
  wanted: readonly WantedTopic[]
): Promise<Map<string, Existing>> {
  const all = new Set(await admin.listTopics())
  const topics = wanted.filter(({ topic }) => all.has(topic))
  if (topics.length === 0) return new Map()
  const names = topics.map(({ topic }) => topic)
  const [node] = await cluster.nodes()
  const { topicMetadata } = await cluster.call(() => node!.metadata(names))
  const { resources } = await admin.describeConfigs({
    resources: topics.map(each => ({ type: 2, name: each.topic, configNames: Object.keys(settingsOf(each)) })),
    includeSynonyms: false
  })
  return new Map(
    topicMetadata.map(({ topic, partitionMetadata }) => {
      const { configEntries = [] } = resources.find(({ resourceName }) => resourceName === topic) ?? {}
      const settings = new Map(configEntries.map(({ configName, configValue }) => [configName, configValue]))
      const replicas = Math.min(...partitionMetadata.map(each => each.replicas.length))
      return [topic, { partitions: partitionMetadata.length, replicas, settings }]
    })
  )
}

function differencesOf(wanted: WantedTopic, is: Existing | undefined, addPartitions: boolean): TopicDifference[] {
  const { topic, partitions, replicas } = wanted
  if (is === undefined) {
    return [{ topic, setting: 'topic', is: undefined, wanted: `${partitions} partitions, ${replicas} replicas` }]
  }
  const found: TopicDifference[] = []
  if (is.partitions !== partitions) {
    const refused = refusalOf(is.partitions, partitions, addPartitions)
    const numbers = { is: String(is.partitions), wanted: String(partitions) }
    found.push({ topic, setting: 'partitions', ...numbers, ...(refused !== undefined && { refused }) })
  }
  if (is.replicas < replicas) {
    const refused = 'replicas are added by kafka-reassign-partitions.sh only'
    found.push({ topic, setting: 'replicas', is: String(is.replicas), wanted: String(replicas), refused })
  }
  for (const [setting, value] of Object.entries(settingsOf(wanted))) {
    const now = is.settings.get(setting)
    if (now !== value) found.push({ topic, setting, is: now, wanted: value })
  }
  return found
}

function refusalOf(is: number, wanted: number, addPartitions: boolean): string | undefined {
  if (is > wanted) return 'partitions cannot be taken away; make a new topic, or want as many'
  if (addPartitions) return undefined
  return 'keys would move away from their state; stop what writes to it, let it be worked, then add partitions by force'
}

/**
 * Of a compacted topic: small segments, for only closed ones are compacted, and a restore reads all there is;
 * deletions stay for an hour, for a restore that reads meanwhile must not miss them.
 */
function settingsOf(wanted: WantedTopic): Record<string, string> {
  const common = {
    'min.insync.replicas': String(wanted.inSync),
    'compression.type': 'producer',
    'max.message.bytes': String(largestBatch)
  }
  if (wanted.keeps === 'latest') {
    return {
      ...common,
      'cleanup.policy': 'compact',
      'segment.bytes': String(64 << 20),
      'min.cleanable.dirty.ratio': '0.3',
      'delete.retention.ms': String(3600e3)
    }
  }
  const { ageMs, bytesPerPartition = -1 } = wanted.keeps
  return {
    ...common,
    'cleanup.policy': 'delete',
    'retention.ms': String(ageMs),
    'retention.bytes': String(bytesPerPartition),
    ...(wanted.stamps === 'append' && { 'message.timestamp.type': 'LogAppendTime' })
  }
}

async function apply(
  admin: Admin,
  cluster: KafkaCluster,
  wanted: readonly WantedTopic[],
  differences: readonly TopicDifference[]
): Promise<void> {
  const toDo = differences.filter(({ refused }) => refused === undefined)
  const missing = new Set(toDo.filter(({ setting }) => setting === 'topic').map(({ topic }) => topic))
  await create(
    admin,
    wanted.filter(({ topic }) => missing.has(topic))
  )
  const grown = toDo.filter(({ setting }) => setting === 'partitions')
  if (grown.length > 0) {
    await admin.createPartitions({
      topicPartitions: grown.map(each => ({ topic: each.topic, count: Number(each.wanted) }))
    })
  }
  const set = Map.groupBy(
    toDo.filter(({ setting }) => setting !== 'topic' && setting !== 'partitions'),
    ({ topic }) => topic
  )
  const [node] = await cluster.nodes()
  for (const [topic, settings] of set) {
    const values = Object.fromEntries(settings.map(each => [each.setting, each.wanted]))
    await cluster.send(node!, alterTopicRequest(topic, values))
  }
  await usable(
    cluster,
    wanted.filter(({ topic }) => missing.has(topic) || grown.some(each => each.topic === topic))
  )
}

async function create(admin: Admin, wanted: readonly WantedTopic[]): Promise<void> {
  if (wanted.length === 0) return
  await admin.createTopics({
    // With true it throws on KRaft.
    waitForLeaders: false,
    topics: wanted.map(each => ({
      topic: each.topic,
      numPartitions: each.partitions,
      replicationFactor: each.replicas,
      configEntries: Object.entries(settingsOf(each)).map(([name, value]) => ({ name, value }))
    }))
  })
}

/** Resolves when settings that were changed are told as they were set: a node learns of it a moment after it said yes. */
async function shown(
  admin: Admin,
  cluster: KafkaCluster,
  wanted: readonly WantedTopic[],
  differences: readonly TopicDifference[]
): Promise<void> {
  const topics = new Set(differences.filter(({ refused }) => refused === undefined).map(({ topic }) => topic))
  const changed = wanted.filter(({ topic }) => topics.has(topic))
  if (changed.length === 0) return
  await cluster.insist(10_000, async () => {
    const existing = await existingTopics(admin, cluster, changed)
    const left = changed
      .flatMap(each => differencesOf(each, existing.get(each.topic), false))
      .find(({ refused }) => refused === undefined)
    if (left) throw new KafkaFailure(`${left.topic} has ${left.setting} ${left.is ?? 'missing'} yet`, true)
  })
}

/** Resolves when every node knows who leads every partition. */
async function usable(cluster: KafkaCluster, wanted: readonly WantedTopic[]): Promise<void> {
  if (wanted.length === 0) return
  const names = wanted.map(({ topic }) => topic)
  await cluster.insist(10_000, async () => {
    for (const node of await cluster.nodes()) {
      const { topicMetadata } = await cluster.call(() => node.metadata(names))
      for (const { topic, partitions } of wanted) {
        const found = topicMetadata.find(each => each.topic === topic)?.partitionMetadata ?? []
        const led = found.filter(({ leader }) => leader >= 0).length
        if (led < partitions) throw new KafkaFailure(`${topic} has ${led} of ${partitions} partitions yet`, true)
      }
    }
  })
}
