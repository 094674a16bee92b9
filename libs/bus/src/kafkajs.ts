import { createRequire } from 'node:module'
import type { Kafka as KafkaClass, KafkaConfig, Mechanism } from 'kafkajs'

/**
 * What is used of kafkajs 2.2.4, with types for what its own do not cover. Loaded here and nowhere else.
 *
 * Of its layers: connections, TLS and SASL, metadata, coordinators, the requests of groups and transactions, the admin
 * client. Not its consumer and producer, and not its coding of records: docs/adr says why.
 */
const require = createRequire(import.meta.url)

/** A request as a connection takes it. `encode` gives what an Encoder has. */
export type Request<Answer> = {
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    readonly apiName: string
    readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>
  }
  readonly response: {
    decode(payload: Buffer): Promise<Answer>
    parse(answer: Answer): Promise<Answer>
  }
  readonly requestTimeout?: number
}

type Txn = { readonly transactionalId: string; readonly producerId: string; readonly producerEpoch: number }

/** One node, connected. Its requests reject with a KafkaError. */
export type Broker = {
  readonly nodeId: number
  readonly connectionPool: { send<Answer>(request: Request<Answer>): Promise<Answer> }
  metadata(topics: readonly string[]): Promise<{
    readonly topicMetadata: readonly {
      readonly topic: string
      readonly partitionMetadata: readonly { readonly leader: number; readonly replicas: readonly number[] }[]
    }[]
  }>
  listOffsets(request: {
    readonly isolationLevel: number
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[]
    }[]
  }): Promise<{
    readonly responses: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
    }[]
  }>
  joinGroup(request: {
    readonly groupId: string
    readonly sessionTimeout: number
    readonly rebalanceTimeout: number
    readonly memberId: string
    readonly groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[]
  }): Promise<{
    readonly generationId: number
    readonly leaderId: string
    readonly memberId: string
    readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]
  }>
  syncGroup(request: {
    readonly groupId: string
    readonly generationId: number
    readonly memberId: string
    readonly groupAssignment: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[]
  }): Promise<{ readonly memberAssignment: Buffer }>
  heartbeat(request: {
    readonly groupId: string
    readonly groupGenerationId: number
    readonly memberId: string
  }): Promise<unknown>
  leaveGroup(request: { readonly groupId: string; readonly memberId: string }): Promise<unknown>
  initProducerId(request: {
    readonly transactionalId: string
    readonly transactionTimeout: number
  }): Promise<{ readonly producerId: string; readonly producerEpoch: number }>
  addPartitionsToTxn(
    request: Txn & { readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[] }
  ): Promise<unknown>
  addOffsetsToTxn(request: Txn & { readonly groupId: string }): Promise<unknown>
  txnOffsetCommit(
    request: Txn & {
      readonly groupId: string
      readonly topics: readonly {
        readonly topic: string
        readonly partitions: readonly {
          readonly partition: number
          readonly offset: string
          readonly metadata: string | null
        }[]
      }[]
    }
  ): Promise<unknown>
  endTxn(request: Txn & { readonly transactionResult: boolean }): Promise<unknown>
  offsetFetch(request: {
    readonly groupId: string
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number }[]
    }[]
  }): Promise<{
    readonly responses: readonly {
      readonly topic: string
      readonly partitions: readonly {
        readonly partition: number
        readonly offset: string
        readonly metadata: string | null
      }[]
    }[]
  }>
  listGroups(): Promise<{ readonly groups: readonly { readonly groupId: string }[] }>
}

/** The nodes and their metadata. */
export type Cluster = {
  readonly brokerPool: { readonly metadata: object | null }
  connect(): Promise<void>
  refreshMetadata(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  getNodeIds(): readonly string[]
  findBroker(wanted: { readonly nodeId: number | string }): Promise<Broker>
  findControllerBroker(): Promise<Broker>
  findGroupCoordinator(wanted: { readonly groupId: string; readonly coordinatorType: number }): Promise<Broker>
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[]
}

type Logger = { readonly namespace: (name: string) => Logger }
type LogEntry = { readonly label: string; readonly log: { readonly message: string } }

export const { Kafka, logLevel } = require('kafkajs') as {
  Kafka: typeof KafkaClass
  logLevel: { readonly NOTHING: number; readonly WARN: number }
}

export const KafkaJsCluster = require('kafkajs/src/cluster') as new (options: object) => Cluster

export const { createLogger } = require('kafkajs/src/loggers') as {
  readonly createLogger: (options: {
    readonly level: number
    readonly logCreator: () => (entry: LogEntry) => void
  }) => Logger
}

type Login = (sasl: { readonly username: string; readonly password: string }) => Mechanism['authenticationProvider']

/** How it logs in, by mechanism. */
export const logins = {
  plain: require('kafkajs/src/broker/saslAuthenticator/plain') as Login,
  'scram-sha-256': require('kafkajs/src/broker/saslAuthenticator/scram256') as Login,
  'scram-sha-512': require('kafkajs/src/broker/saslAuthenticator/scram512') as Login
}

export const { MemberAssignment, MemberMetadata } = require('kafkajs/src/consumer/assignerProtocol') as {
  readonly MemberMetadata: {
    encode(metadata: {
      readonly version: number
      readonly topics: readonly string[]
      readonly userData: Buffer
    }): Buffer
    decode(buffer: Buffer): { readonly topics: readonly string[]; readonly userData: Buffer }
  }
  readonly MemberAssignment: {
    encode(assignment: { readonly version: number; readonly assignment: Readonly<Record<string, number[]>> }): Buffer
    decode(buffer: Buffer): { readonly assignment: Readonly<Record<string, readonly number[]>> } | null
  }
}

/** The error of a code that a node answered with. */
export const { createErrorFromCode } = require('kafkajs/src/protocol/error') as {
  readonly createErrorFromCode: (code: number) => KafkaError
}

/** What kafkajs throws; `type` is the protocol's name of a code that a node answered with. */
export type KafkaError = Error & {
  readonly type?: string
  readonly code?: string | number
  readonly retriable?: boolean
}

export type { KafkaConfig, Mechanism }

type RequestQueue = { readonly pending: readonly unknown[] }

/**
 * Its request queue sets a timer after every response, of a negative time while nothing is throttled, of which Node
 * warns. There is nothing to wait for unless a request is pending.
 */
const { prototype: queue } = require('kafkajs/src/network/requestQueue') as {
  readonly prototype: { scheduleCheckPendingRequests: (this: RequestQueue) => void }
}
const schedule = queue.scheduleCheckPendingRequests
queue.scheduleCheckPendingRequests = function () {
  if (this.pending.length > 0) schedule.call(this)
}
