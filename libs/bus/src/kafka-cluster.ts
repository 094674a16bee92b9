import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { codeOf, failureOf, KafkaFailure } from './kafka-errors.ts'
import { clusterConfig, type KafkaConnection } from './kafka-connection.ts'
import { KafkaJsCluster, type Broker, type Cluster, type Request } from './kafkajs.ts'

/**
 * Connections to the nodes of a Kafka for one purpose: a node works the requests of a connection one after the other,
 * so whoever waits long (a fetch, a join) has a cluster of its own.
 *
 * Every method rejects with a KafkaFailure, and does not retry long unless it says so.
 */
export class KafkaCluster {
  readonly #connection: KafkaConnection
  readonly #sockets = new Set<Socket>()
  readonly #cluster: Cluster
  #connecting: Promise<void> | undefined
  #closed = false

  constructor(connection: KafkaConnection) {
    this.#connection = connection
    const config = clusterConfig(connection, socket => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      if (this.#closed) socket.destroy(closed())
    })
    this.#cluster = new KafkaJsCluster(config)
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Ends all connections at once; what is under way rejects. */
  close(): void {
    this.#closed = true
    this.#closeSockets()
  }

  /** The number of partitions of a topic; rejects for one that does not exist. */
  async partitions(topic: string): Promise<number> {
    return (await this.#metadata(topic)).length
  }

  /** The node that has a partition. */
  leader(topic: string, partition: number): Promise<Broker> {
    return this.#do(async cluster => {
      const metadata = await this.#metadata(topic)
      const found = metadata.find(({ partitionId }) => partitionId === partition)
      if (found === undefined) throw noPartition(topic, partition, metadata.length)
      if (found.leader < 0) {
        await cluster.refreshMetadata()
        throw new KafkaFailure(`partition ${partition} of ${topic} has no leader now`, true)
      }
      return cluster.findBroker({ nodeId: found.leader })
    })
  }

  groupCoordinator(groupId: string): Promise<Broker> {
    return this.#do(cluster => cluster.findGroupCoordinator({ groupId, coordinatorType: 0 }))
  }

  transactionCoordinator(transactionalId: string): Promise<Broker> {
    return this.#do(cluster => cluster.findGroupCoordinator({ groupId: transactionalId, coordinatorType: 1 }))
  }

  /** Every node that is known. */
  nodes(): Promise<Broker[]> {
    return this.#do(async cluster => {
      await cluster.refreshMetadata()
      return Promise.all(cluster.getNodeIds().map(nodeId => cluster.findBroker({ nodeId })))
    })
  }

  /** The offset of the oldest record kept, or the one after the last that is committed. Insists while the leader moves. */
  offset(topic: string, partition: number, which: 'earliest' | 'latest'): Promise<number> {
    const request = [{ topic, partitions: [{ partition, timestamp: which === 'earliest' ? -2 : -1 }] }]
    return this.insist(10_000, async () => {
      const node = await this.leader(topic, partition)
      try {
        const { responses } = await this.#do(() => node.listOffsets({ isolationLevel: 1, topics: request }))
        return Number(responses[0]!.partitions[0]!.offset)
      } catch (error) {
        await this.refresh()
        throw error
      }
    })
  }

  /** Sends a request of our own coding. */
  send<Answer>(node: Broker, request: Request<Answer>): Promise<Answer> {
    return this.#do(() => node.connectionPool.send(request))
  }

  /** Calls a node; what it rejects with becomes a KafkaFailure. */
  call<Answer>(calling: () => Promise<Answer>): Promise<Answer> {
    return this.#do(calling)
  }

  /** Asks for the leaders anew; to be called when a node was not the one. */
  async refresh(): Promise<void> {
    await this.#do(cluster => cluster.refreshMetadata()).catch(() => undefined)
  }

  /** Tries again while the failure is a passing one, for so long. */
  async insist<Result>(forMs: number, trying: () => Promise<Result>): Promise<Result> {
    const deadline = performance.now() + forMs
    for (let delayMs = 100; ; delayMs = Math.min(delayMs * 2, 1000)) {
      try {
        return await trying()
      } catch (error) {
        const passing = error instanceof KafkaFailure && error.passing && !this.#closed
        if (!passing || performance.now() + delayMs > deadline) throw error
        await pause(delayMs)
      }
    }
  }

  async #metadata(topic: string) {
    return this.#do(async cluster => {
      const known = knownMetadata(cluster, topic)
      if (known.length > 0) return known
      try {
        await cluster.addTargetTopic(topic)
        if (knownMetadata(cluster, topic).length === 0) await cluster.refreshMetadata()
      } catch (error) {
        if (codeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') throw noTopic(topic, error)
        throw error
      }
      const metadata = knownMetadata(cluster, topic)
      if (metadata.length === 0) throw noTopic(topic, undefined)
      return metadata
    })
  }

  async #do<Answer>(doing: (cluster: Cluster) => Promise<Answer>): Promise<Answer> {
    if (this.#closed) throw new KafkaFailure('the connection to Kafka is closed', true)
    try {
      this.#connecting ??= this.#connect()
      await this.#connecting
      return await doing(this.#cluster)
    } catch (error) {
      throw this.#closed
        ? new KafkaFailure('the connection to Kafka is closed', true, error)
        : failureOf(error, this.#connection)
    }
  }

  #closeSockets(): void {
    for (const socket of this.#sockets) socket.destroy(closed())
  }

  /** What fails is tried again by the next call, on new connections: a node takes no second login on one that it took late. */
  async #connect(): Promise<void> {
    try {
      await this.#cluster.connect()
    } catch (error) {
      this.#connecting = undefined
      this.#closeSockets()
      throw error
    }
  }
}

/** Without an error kafkajs would not notice, and wait for the connection. */
const closed = (): Error => new Error('closed')

/** Empty when it was not asked for yet, or not with success. */
function knownMetadata(cluster: Cluster, topic: string) {
  return cluster.brokerPool.metadata === null ? [] : cluster.findTopicPartitionMetadata(topic)
}

const noTopic = (topic: string, cause: unknown): KafkaFailure =>
  new KafkaFailure(`Kafka has no topic ${topic}; create it with \`earshot topics\``, false, cause)

const noPartition = (topic: string, partition: number, partitions: number): KafkaFailure =>
  new KafkaFailure(`topic ${topic} has ${partitions} partitions, none is ${partition}`, false)
