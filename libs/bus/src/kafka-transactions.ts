import { setTimeout as pause } from 'node:timers/promises'
import { mapBatches, produce, type Outgoing } from './kafka-batches.ts'
import type { KafkaCluster } from './kafka-cluster.ts'
import { codeOf, Fenced, isFencing } from './kafka-errors.ts'
import { encodeBatch, type Compression } from './kafka-records.ts'
import type { Broker } from './kafkajs.ts'

/** How far the group has come, beside the records of a transaction: for displays of its lag only. */
export type GroupOffset = {
  readonly groupId: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly metadata: string
}

type Producer = { readonly producerId: string; readonly producerEpoch: number }

/** A transaction that is not ended within this is aborted by its coordinator. */
const transactionTimeout = 15_000

/**
 * The transactions of one transactional id, one after the other.
 *
 * Nothing is tried again inside of one: after any failure whoever has it must `begin` with a new one, which ends what
 * was begun, and then ask the log what came of it. Rejects with Fenced when another process has begun since, or a
 * transaction took longer than Kafka allows.
 */
export class KafkaTransactions {
  readonly #cluster: KafkaCluster
  readonly #id: string
  readonly #compression: Compression
  #begun: { readonly coordinator: Broker; readonly producer: Producer } | undefined
  #groupCoordinator: Broker | undefined
  #sequences = new Map<string, number>()
  /** The markers of the last transaction may not be written everywhere yet. */
  #isSettled = true

  constructor(cluster: KafkaCluster, transactionalId: string, compression: Compression) {
    this.#cluster = cluster
    this.#id = transactionalId
    this.#compression = compression
  }

  /** Ends what a predecessor had begun, and keeps it from ending anything itself. */
  async begin(): Promise<void> {
    const coordinator = await this.#cluster.transactionCoordinator(this.#id)
    const producer = await this.#call(() =>
      coordinator.initProducerId({ transactionalId: this.#id, transactionTimeout })
    )
    this.#begun = { coordinator, producer }
    this.#sequences.clear()
    this.#isSettled = true
  }

  /** All of it, or none and a rejection. `midway` is called before the end; what it throws leaves the transaction open. */
  async commit(outgoing: Outgoing, offset: GroupOffset | undefined, midway: () => void): Promise<void> {
    const { coordinator } = this.#running
    this.#isSettled = false
    await this.#call(() => coordinator.addPartitionsToTxn({ ...this.#txn, topics: outgoing.partitions }))
    await Promise.all([this.#send(outgoing), offset === undefined ? undefined : this.#sendOffset(offset)])
    midway()
    await this.#call(() => coordinator.endTxn({ ...this.#txn, transactionResult: true }))
  }

  /**
   * Resolves when readers see what was committed: a commit is decided a moment before its markers are written. Asks as
   * who has begun, and begins nothing: so whoever was replaced is fenced here too, and fences nobody. A partition that it
   * may write to is all it needs, for a transaction of nothing, which can start only after the markers of the one before.
   */
  async settle(topic: string, partition: number): Promise<void> {
    if (this.#isSettled) return
    const { coordinator } = this.#running
    const topics = [{ topic, partitions: [partition] }]
    await this.#call(() => coordinator.addPartitionsToTxn({ ...this.#txn, topics }))
    await this.#call(() => coordinator.endTxn({ ...this.#txn, transactionResult: true }))
    this.#isSettled = true
  }

  get #txn() {
    const { producerId, producerEpoch } = this.#running.producer
    return { transactionalId: this.#id, producerId, producerEpoch }
  }

  get #running() {
    if (this.#begun === undefined) throw new Error('the transactions have not begun')
    return this.#begun
  }

  async #send(outgoing: Outgoing): Promise<void> {
    const { producerId, producerEpoch: epoch } = this.#txn
    const sender = { producerId: BigInt(producerId), epoch }
    for (const round of outgoing.rounds()) {
      const batches = mapBatches(round, (records, topic, partition) => {
        const key = `${topic}/${partition}`
        const sequence = this.#sequences.get(key) ?? 0
        this.#sequences.set(key, (sequence + records.length) % 2 ** 31)
        return encodeBatch(records, this.#compression, Date.now(), { ...sender, sequence })
      })
      const [unsent] = await produce(this.#cluster, this.#id, batches)
      if (unsent !== undefined) await this.#call(() => Promise.reject(unsent.error as Error))
    }
  }

  async #sendOffset({ groupId, topic, partition, offset, metadata }: GroupOffset): Promise<void> {
    const { coordinator } = this.#running
    const group = (this.#groupCoordinator ??= await this.#cluster.groupCoordinator(groupId))
    await this.#call(() => coordinator.addOffsetsToTxn({ ...this.#txn, groupId }))
    const topics = [{ topic, partitions: [{ partition, offset: String(offset), metadata }] }]
    await this.#call(() => group.txnOffsetCommit({ ...this.#txn, groupId, topics }))
  }

  /** Waits while the transaction before is being ended. */
  async #call<Answer>(calling: () => Promise<Answer>): Promise<Answer> {
    for (const deadline = performance.now() + transactionTimeout; ; await pause(4)) {
      try {
        return await this.#cluster.call(calling)
      } catch (error) {
        if (isFencing(error)) throw new Fenced(this.#id, error)
        if (codeOf(error) !== 'CONCURRENT_TRANSACTIONS' || performance.now() > deadline) throw error
      }
    }
  }
}
