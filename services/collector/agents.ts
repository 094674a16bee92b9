import { between, inSeconds, plus, seconds, type EpochMicros, type Micros } from '@earshot/units'

/** A capture agent as the collector knows it. */
export type Agent = {
  readonly name: string
  packets: number
  lastSeen: EpochMicros
  /** Smallest difference of arrival and capture time lately: the agent's clock against ours, plus the shortest way here. */
  clockOffset: Micros
  /** Added to every time of an agent that is more than an hour behind: a replay, or a clock that was never set. */
  shift?: Micros
}

export type Adjusted = { readonly at: EpochMicros; readonly why?: 'no_time' | 'ahead' | 'shifted' }

const MOST_AGENTS = 10_000
const MOST_AHEAD = seconds(5)
const FAR_BEHIND = seconds(3600)
/** A shifted agent that falls this far behind again has begun another replay. */
const LOST_SHIFT = seconds(60)

/**
 * The agents heard, and what of their clocks is believed (design.md, Time). With `trusting` every capture time is
 * taken as it is: for traffic of the past, whose packets are the only clock there is.
 */
export class Agents {
  readonly #agents = new Map<string, Agent>()
  readonly #trusting: boolean

  constructor({ trusting }: { readonly trusting: boolean }) {
    this.#trusting = trusting
  }

  all(): Iterable<Agent> {
    return this.#agents.values()
  }

  /** Notes a packet of an agent and says at what event time it counts. */
  heard(name: string, capturedAt: EpochMicros | undefined, arrivedAt: EpochMicros): Adjusted {
    const agent = this.#agent(name, arrivedAt)
    agent.packets++
    agent.lastSeen = arrivedAt
    if (capturedAt === undefined) return { at: arrivedAt, why: 'no_time' }
    if (this.#trusting) return { at: capturedAt }

    const behind = between(capturedAt, arrivedAt)
    agent.clockOffset =
      agent.packets === 1 ? behind : ((agent.clockOffset + (behind - agent.clockOffset) / 16) as Micros)
    if (behind > FAR_BEHIND) {
      if (agent.shift === undefined || between(plus(capturedAt, agent.shift), arrivedAt) > LOST_SHIFT)
        agent.shift = behind
      const at = plus(capturedAt, agent.shift)
      return between(arrivedAt, at) > MOST_AHEAD ? { at: arrivedAt, why: 'ahead' } : { at, why: 'shifted' }
    }
    delete agent.shift
    return between(arrivedAt, capturedAt) > MOST_AHEAD ? { at: arrivedAt, why: 'ahead' } : { at: capturedAt }
  }

  #agent(name: string, now: EpochMicros): Agent {
    const known = this.#agents.get(name)
    if (known) return known
    const agent: Agent = { name, packets: 0, lastSeen: now, clockOffset: seconds(0) }
    if (this.#agents.size >= MOST_AGENTS) this.#agents.delete(this.#agents.keys().next().value!)
    this.#agents.set(name, agent)
    return agent
  }
}

/** Positive where the agent's clock is ahead of ours. */
export const clockAhead = ({ clockOffset }: Agent): number => -inSeconds(clockOffset)
