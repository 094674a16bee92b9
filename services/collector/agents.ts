import { createHash } from 'node:crypto'
import { between, inSeconds, micros, plus, seconds, type EpochMicros, type Micros } from '@earshot/units'

/** A capture agent as the collector knows it. */
export type Agent = {
  readonly name: string
  /** Taken, whatever became of them then. */
  packets: number
  /** Of a packet that was taken; undefined while all were refused. */
  lastSeen: EpochMicros | undefined
  readonly offsets: LeastOffset
  /** Added to every time of an agent that is more than an hour behind: a replay, or a clock that was never set. */
  shift?: Micros
  /** How its packets come. */
  readonly transports: Set<string>
  /** From where the last one came. */
  address: string
  /** What the agents' file calls it; undefined when it is not listed there. */
  listedAs: string | undefined
  /** Whether the last packet had a key that was asked for. */
  authenticated: boolean
  /** What was received of it and not worked, by reason. */
  readonly drops: Map<string, number>
}

/** `refused`: the packet is not to be worked. */
export type Adjusted =
  | { readonly at: EpochMicros; readonly why?: 'no_time' | 'ahead' | 'shifted'; readonly refused?: undefined }
  | { readonly refused: 'future' }

const MOST_AGENTS = 10_000
const LONGEST_NAME = 128
const MOST_AHEAD = seconds(5)
const MINUTE = seconds(60)
const FAR_BEHIND = seconds(3600)
/** A shifted agent that falls this far behind again has begun another replay. */
const LOST_SHIFT = seconds(60)

const future: Adjusted = { refused: 'future' }

/**
 * The agents heard, and what of their clocks is believed (design.md, Time). With `trusting` every capture time is
 * taken as it is, for traffic of the past, whose packets are the only clock there is; only a packet from the future
 * is refused: it would take the watermark there, and all that follows would be late.
 */
export class Agents {
  readonly #agents = new Map<string, Agent>()
  readonly #trusting: boolean

  constructor({ trusting }: { readonly trusting: boolean }) {
    this.#trusting = trusting
  }

  get size(): number {
    return this.#agents.size
  }

  /** By name. */
  all(): readonly Agent[] {
    return [...this.#agents.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** Those heard last, at most so many. */
  heardLast(count: number): readonly Agent[] {
    return [...this.#agents.values()].slice(-count)
  }

  /** The agent of a packet that is taken; it now is the one heard last. */
  heard(name: string, now: EpochMicros): Agent {
    const bounded = boundedName(name)
    const known = this.#agents.get(bounded)
    if (known) this.#agents.delete(bounded)
    else if (this.#agents.size >= MOST_AGENTS) this.#agents.delete(this.#agents.keys().next().value!)
    const agent = known ?? newAgent(bounded)
    this.#agents.set(bounded, agent)
    agent.packets++
    agent.lastSeen = now
    return agent
  }

  /** The agent of a packet that is refused. It takes nobody's place: undefined when there is none left. */
  refused(name: string): Agent | undefined {
    const bounded = boundedName(name)
    const known = this.#agents.get(bounded)
    if (known || this.#agents.size >= MOST_AGENTS) return known
    const agent = newAgent(bounded)
    this.#agents.set(bounded, agent)
    return agent
  }

  /** At what event time a packet of the agent counts. */
  timeOf(agent: Agent, capturedAt: EpochMicros | undefined, arrivedAt: EpochMicros): Adjusted {
    if (capturedAt === undefined) return { at: arrivedAt, why: 'no_time' }
    if (this.#trusting) return between(arrivedAt, capturedAt) > MOST_AHEAD ? future : { at: capturedAt }

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
}

const newAgent = (name: string): Agent => ({
  name,
  packets: 0,
  lastSeen: undefined,
  offsets: new LeastOffset(),
  transports: new Set(),
  address: '',
  listedAs: undefined,
  authenticated: false,
  drops: new Map()
})

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
