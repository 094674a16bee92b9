import { KafkaCluster } from './kafka-cluster.ts'
import { KafkaFailure } from './kafka-errors.ts'
import { groupOffset } from './kafka-lag.ts'
import { KafkaMembership } from './kafka-membership.ts'
import { KafkaPartition, type PartitionParts } from './kafka-partition.ts'
import { endProcess, type Component } from './log.ts'

export type RunParts = Omit<PartitionParts, 'confirmed'> & {
  readonly sessionMs: number
  /** How long `start` waits for a Kafka that cannot be reached. */
  readonly startTimeoutMs: number
  /** Resolves when what this process has appended is in the log. */
  readonly appended: () => Promise<void>
  /** Keeps a second run of the group out of this process; throws for it. Gives what lets go. */
  readonly register: (run: KafkaRun) => () => void
}

/** A group that reads a topic of Kafka: works the partitions that the group gives to this process. */
export class KafkaRun implements Component {
  readonly name: string
  readonly #parts: RunParts
  readonly #membership: KafkaMembership
  readonly #cluster: KafkaCluster
  readonly #partitions = new Map<number, { readonly worker: KafkaPartition; readonly ended: Promise<void> }>()
  /** Of partitions that were taken away: when their workers have let go. */
  readonly #ending = new Map<number, Promise<void>>()
  readonly #assigned = Promise.withResolvers<void>()
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #release = (): void => undefined
  #failure: { readonly error: unknown } | undefined
  #isStarted = false

  constructor(parts: RunParts) {
    this.name = parts.options.group
    this.#parts = parts
    this.#cluster = new KafkaCluster(parts.connection)
    this.#assigned.promise.catch(() => undefined) // Told to whoever starts.
    this.#membership = new KafkaMembership(parts.connection, parts.names, parts.sessionMs, {
      assigned: (partitions, renewed) => this.#assign(partitions, renewed),
      disconnected: error => parts.observer.disconnected?.({ ...this.#at, error }),
      failed: error => this.#fail(error)
    })
  }

  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async stop(): Promise<void> {
    if (this.#isStarted) {
      this.#stopping ??= this.#stop()
      await this.#stopping
    } else if (this.#starting !== undefined) {
      this.#fail(new Error(`group ${this.name} was stopped before it had started`))
      this.#cluster.close()
      await this.#starting.catch(() => undefined) // Told to whoever called start.
    }
  }

  /** Resolves when the group, here and elsewhere, has committed what the topic has now. */
  async worked(): Promise<void> {
    await this.#parts.appended()
    const { topic } = this.#parts.names
    const partitions = await this.#cluster.partitions(topic)
    await Promise.all(Array.from({ length: partitions }, (_, partition) => this.#partitionWorked(partition)))
  }

  get #at() {
    const { input, group } = this.#parts.options
    return { input, group }
  }

  async #start(): Promise<void> {
    this.#release = this.#parts.register(this)
    try {
      await this.#checkTopics()
      this.#membership.join()
      await this.#assigned.promise
      await this.#restored()
      if (this.#failure !== undefined) throw this.#failure.error
      this.#isStarted = true
    } catch (error) {
      await this.#end(error as Error)
      throw this.#failure?.error ?? error
    }
  }

  /** Resolves when what is assigned is restored, whatever was assigned and taken away again meanwhile; or when the run has failed. */
  async #restored(): Promise<void> {
    for (;;) {
      const workers = [...this.#partitions.values()]
      for (const { worker, ended } of workers) await worker.restored.catch(() => ended)
      const isCurrent = workers.every(each => this.#partitions.get(each.worker.partition) === each)
      if (this.#failure !== undefined || (isCurrent && workers.length === this.#partitions.size)) return
    }
  }

  async #stop(): Promise<void> {
    await this.#parts.appended()
    const { topic } = this.#parts.names
    const stopping = [...this.#partitions.values()].map(async ({ worker, ended }) => {
      const end = await this.#cluster.offset(topic, worker.partition, 'latest').catch(() => 0)
      worker.stopAt(end)
      await ended
    })
    await Promise.all(stopping)
    await this.#end()
  }

  async #end(reason?: Error): Promise<void> {
    for (const { worker } of this.#partitions.values()) worker.halt(reason)
    await Promise.all([...this.#ending.values(), ...[...this.#partitions.values()].map(({ ended }) => ended)])
    await this.#membership.leave()
    this.#cluster.close()
    this.#release()
  }

  async #checkTopics(): Promise<void> {
    const { topic, stateTopic } = this.#parts.names
    const [partitions, states] = await this.#cluster.insist(this.#parts.startTimeoutMs, () =>
      Promise.all([this.#cluster.partitions(topic), this.#cluster.partitions(stateTopic)])
    )
    if (partitions === states) return
    throw new KafkaFailure(
      `${stateTopic} has ${states} partitions and ${topic} has ${partitions}; they must be as many: see \`earshot topics\``,
      false
    )
  }

  #assign(partitions: readonly number[], renewed: boolean): void {
    if (this.#stopping !== undefined || this.#failure !== undefined) return
    for (const [partition, { worker, ended }] of this.#partitions) {
      if (renewed || !partitions.includes(partition)) {
        worker.halt()
        this.#ending.set(partition, ended)
        this.#partitions.delete(partition)
      }
    }
    for (const partition of partitions) if (!this.#partitions.has(partition)) this.#work(partition)
    this.#parts.observer.rebalanced?.({ ...this.#at, partitions })
    this.#assigned.resolve()
  }

  #work(partition: number): void {
    const worker = new KafkaPartition({ ...this.#parts, confirmed: () => this.#membership.confirmed() }, partition)
    // A stage is made when the one before is dropped.
    const free = this.#ending.get(partition) ?? Promise.resolve()
    const ended = free.then(() => worker.work()).catch((error: unknown) => this.#fail(error))
    this.#partitions.set(partition, { worker, ended })
  }

  /** Once: everything of the run ends, and whoever started it is told, or whoever is told of failures. */
  #fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = { error }
    this.#assigned.reject(error)
    for (const { worker } of this.#partitions.values()) worker.halt(error as Error)
    if (!this.#isStarted) return
    const { input, group, onFailure = endProcess } = this.#parts.options
    this.#stopping ??= this.#end(error as Error)
    void this.#stopping.then(() => onFailure(new Error(`group ${group} gave up on ${input}`, { cause: error })))
  }

  async #partitionWorked(partition: number): Promise<void> {
    const { topic, groupId } = this.#parts.names
    const until = await this.#cluster.offset(topic, partition, 'latest')
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error
      const own = this.#partitions.get(partition)
      if (own !== undefined) {
        await own.worker.worked(until)
        return
      }
      if ((await groupOffset(this.#cluster, groupId, topic, partition)) >= until) return
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}
