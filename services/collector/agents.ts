import { createHash } from 'node:crypto'
import { between, inSeconds, micros, plus, seconds, type EpochMicros, type Micros } from '@earshot/units'

/** A capture agent as the collector knows it. */
export type Agent = {
  readonly name: string
  packets: number
  lastSeen: EpochMicros
  readonly offsets: LeastOffset
  /** Added to every time of an agent that is more than an hour behind: a replay, or a clock that was never set. */
  shift?: Micros
}

export type Adjusted = { readonly at: EpochMicros; readonly why?: 'no_time' | 'ahead' | 'shifted' }

const MOST_AGENTS = 10_000
const LONGEST_NAME = 128
const MOST_AHEAD = seconds(5)
const MINUTE = seconds(60)
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

  /** By name. */
  all(): readonly Agent[] {
    return [...this.#agents.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** Notes a packet of an agent and says at what event time it counts. */
  heard(name: string, capturedAt: EpochMicros | undefined, arrivedAt: EpochMicros): Adjusted {
    const agent = this.#agent(boundedName(name), arrivedAt)
    agent.packets++
    agent.lastSeen = arrivedAt
    if (capturedAt === undefined) return { at: arrivedAt, why: 'no_time' }
    if (this.#trusting) return { at: capturedAt }

    const behind = between(capturedAt, arrivedAt)
    agent.offsets.note(behind, arrivedAt)
    if (behind > FAR_BEHIND) {
      if (agent.shift === undefined || between(plus(capturedAt, agent.shift), arrivedAt) > LOST_SHIFT)
        agent.shift = behind
      const at = plus(capturedAt, agent.shift)
      return between(arrivedAt, at) > MOST_AHEAD ? { at: arrivedAt, why: 'ahead' } : { at, why: 'shifted' }
    }
    delete agent.shift
    return between(arrivedAt, capturedAt) > MOST_AHEAD ? { at: arrivedAt, why: 'ahead' } : { at: capturedAt }
  }

  /** The agent heard last stands last. */
  #agent(name: string, now: EpochMicros): Agent {
    const known = this.#agents.get(name)
    if (known) this.#agents.delete(name)
    else if (this.#agents.size >= MOST_AGENTS) this.#agents.delete(this.#agents.keys().next().value!)
    const agent = known ?? { name, packets: 0, lastSeen: now, offsets: new LeastOffset() }
    this.#agents.set(name, agent)
    return agent
  }
}

/** Names come from the network. A longer one keeps its beginning; a hash tells it from others that begin so. */
function boundedName(name: string): string {
  if (name.length <= LONGEST_NAME) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  // By way of a buffer, for a part of a string keeps all of it in memory.
  return Buffer.from(`${name.slice(0, LONGEST_NAME - 1 - hash.length)}~${hash}`).toString()
}

/**
 * The smallest difference of arrival and capture time in the last one to two minutes: the agent's clock against ours,
 * plus the shortest way here. What came late says nothing about a clock.
 */
class LeastOffset {
  #minute = -Infinity
  #before = Infinity
  #now = Infinity

  note(offset: Micros, at: EpochMicros): void {
    const minute = Math.floor(at / MINUTE)
    if (minute !== this.#minute) {
      this.#before = minute === this.#minute + 1 ? this.#now : Infinity
      this.#now = Infinity
      this.#minute = minute
    }
    this.#now = Math.min(this.#now, offset)
  }

  /** 0 while nothing is known. */
  get micros(): Micros {
    const least = Math.min(this.#before, this.#now)
    return micros(Number.isFinite(least) ? least : 0)
  }
}

/** Positive where the agent's clock is ahead of ours. */
export const clockAhead = ({ offsets }: Agent): number => -inSeconds(offsets.micros)
