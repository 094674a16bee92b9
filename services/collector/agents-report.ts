import { partitionOf, type Log } from '@earshot/bus'
import type { Component } from '@earshot/runtime'
import { inSeconds, type EpochMicros } from '@earshot/units'
import { agentsRecord, type AgentStatus } from '../agents-record.ts'
import { topics } from '../pipeline.ts'
import { clockAhead, type Agent, type Agents } from './agents.ts'

const EVERY_MS = 5000
/** A new agent is told of so soon, for somebody may be waiting for it. */
const SOON_MS = 1000
/** Those heard last; names come from the network, and a flood of them is not to fill the log. */
const MOST_AGENTS = 1000
/** Far below what the log takes in one value, however long the names are. */
const AGENTS_IN_PART = 250

type Parts = {
  readonly log: Pick<Log, 'partitions' | 'append'>
  readonly collector: string
  readonly agents: Agents
  readonly drops: ReadonlyMap<string, number>
  readonly now: () => EpochMicros
}

/** Tells the consoles every few seconds, by way of the log, what this collector knows of its agents. */
export class AgentsReport implements Component {
  readonly name = 'agents report'
  readonly #parts: Parts
  #partitions = 1
  /** How many agents were told of, and how long ago that was. */
  #known = 0
  #passedMs = 0
  #timer: NodeJS.Timeout | undefined
  #telling: Promise<void> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    this.#partitions = await this.#parts.log.partitions(topics.agents)
    this.#timer = setInterval(() => this.#look(), SOON_MS)
  }

  async stop(): Promise<void> {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    await (this.#telling ?? this.tell())
  }

  #look(): void {
    const { size } = this.#parts.agents
    const isNews = size !== this.#known && size <= MOST_AGENTS
    this.#passedMs += SOON_MS
    if (!isNews && this.#passedMs < EVERY_MS) return
    this.#known = size
    this.#passedMs = 0
    // While the log has not answered, nothing is added: what it is told next is newer.
    this.#telling ??= this.tell().finally(() => (this.#telling = undefined))
  }

  /** What the log does not take is told anew the next time. */
  async tell(): Promise<void> {
    const { log, collector, agents, drops, now } = this.#parts
    const partition = partitionOf(collector, this.#partitions)
    const about = { collector, at: now(), drops: Object.fromEntries([...drops].filter(([, count]) => count > 0)) }
    const heard = agents.heardLast(MOST_AGENTS).map(statusOf)
    const parts = Math.max(1, Math.ceil(heard.length / AGENTS_IN_PART))
    const records = Array.from({ length: parts }, (_, part) =>
      agentsRecord(partition, {
        ...about,
        agents: heard.slice(part * AGENTS_IN_PART, (part + 1) * AGENTS_IN_PART)
      })
    )
    await log.append(topics.agents, records).catch(() => undefined)
  }
}

const statusOf = (agent: Agent): AgentStatus => ({
  agent: agent.name,
  ...(agent.listedAs !== undefined && { listedAs: agent.listedAs }),
  packets: agent.packets,
  ...(agent.lastSeen !== undefined && { lastSeen: agent.lastSeen }),
  clockOffsetSeconds: clockAhead(agent),
  ...(agent.shift !== undefined && { shiftedBySeconds: inSeconds(agent.shift) }),
  drops: Object.fromEntries(agent.drops),
  transports: [...agent.transports],
  address: agent.address,
  authenticated: agent.authenticated
})
