import type { Component, Log, LogRecord } from '@earshot/bus'
import { between, minus, seconds, type EpochMicros } from '@earshot/units'
import { agentsToldAt, readAgents, type AgentsRecord, type AgentStatus } from '../agents-record.ts'
import { Follower } from '../follower.ts'
import { topics } from '../pipeline.ts'

/** A collector that has told nothing for so long is gone. */
const SILENT = seconds(300)
/** An agent that its collector does not name any more is gone; its reports come every 5 s, in parts. */
const NOT_NAMED = seconds(15)

export type CollectorStatus = Pick<AgentsRecord, 'collector' | 'at' | 'drops'>
export type SeenAgent = AgentStatus & { readonly collector: string }

type Collector = CollectorStatus & {
  readonly agents: Map<string, { readonly toldAt: EpochMicros; readonly status: AgentStatus }>
}

export type AgentsViewOptions = {
  readonly log: Pick<Log, 'partitions' | 'read'>
  /** The console's clock, which tells which collectors are silent. */
  readonly now: () => EpochMicros
  /** Told when the log cannot be read; it is tried again after a second. */
  readonly onTrouble?: (error: Error) => void
}

/** What all collectors tell of their agents, wherever they run. Shows what it had while the log is away. */
export class AgentsView implements Component {
  readonly name = 'agents'
  readonly #options: AgentsViewOptions
  readonly #collectors = new Map<string, Collector>()
  readonly #follower: Follower
  /** The offset from which each partition is read on. */
  readonly #next = new Map<number, number>()

  constructor(options: AgentsViewOptions) {
    this.#options = options
    this.#follower = new Follower({
      name: this.name,
      log: options.log,
      topic: topics.agents,
      read: (partition, signal) => this.#read(partition, signal),
      trouble: partition => `What the collectors tell in partition ${partition} cannot be read`,
      onTrouble: options.onTrouble
    })
  }

  start(): Promise<void> {
    return this.#follower.start()
  }

  stop(): Promise<void> {
    return this.#follower.stop()
  }

  /** Those that are there, by name. */
  collectors(): readonly CollectorStatus[] {
    return this.#present().map(({ collector, at, drops }) => ({ collector, at, drops }))
  }

  /** By name, and where several collectors hear the same agent by theirs. */
  agents(): readonly SeenAgent[] {
    return this.#present()
      .flatMap(({ collector, agents }) => Array.from(agents.values(), ({ status }) => ({ collector, ...status })))
      .sort((one, other) => (one.agent < other.agent ? -1 : one.agent > other.agent ? 1 : 0))
  }

  /** Over all collectors that are there, since the start of each. */
  drops(): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {}
    for (const { drops } of this.#present()) {
      for (const [reason, count] of Object.entries(drops)) sums[reason] = (sums[reason] ?? 0) + count
    }
    return sums
  }

  #present(): Collector[] {
    const silentBefore = this.#silentBefore()
    for (const [name, { at }] of this.#collectors) if (at < silentBefore) this.#collectors.delete(name)
    return [...this.#collectors.values()].sort((one, other) => (one.collector < other.collector ? -1 : 1))
  }

  #silentBefore(): EpochMicros {
    return minus(this.#options.now(), SILENT)
  }

  async #read(partition: number, signal: AbortSignal): Promise<void> {
    const from = this.#next.get(partition) ?? 0
    for await (const record of this.#options.log.read(topics.agents, partition, from, signal)) {
      this.#next.set(partition, record.offset + 1)
      this.#take(record)
    }
  }

  #take(record: LogRecord): void {
    // After a start most of what the log keeps is old.
    if (agentsToldAt(record) < this.#silentBefore()) return
    const { collector, at, drops, agents } = readAgents(record)
    const known = this.#collectors.get(collector)
    const all: Collector['agents'] = known?.agents ?? new Map()
    for (const status of agents) all.set(status.agent, { toldAt: at, status })
    for (const [name, { toldAt }] of all) if (between(toldAt, at) > NOT_NAMED) all.delete(name)
    this.#collectors.set(collector, { collector, at, drops, agents: all })
  }
}
