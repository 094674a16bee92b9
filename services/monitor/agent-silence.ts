import type { StateChange } from '@earshot/bus'
import { TrafficWatch, type Alert } from '@earshot/peers'
import { between, inSeconds, seconds, type EpochMicros } from '@earshot/units'
import type { AgentsRecord, AgentStatus } from '../agents-record.ts'

const WORD = 'agent-told '
const COLLECTORS = 'agent-collectors'

/** A collector that is so far behind the others is waited for no longer. */
const LEFT_OUT = seconds(60)
/** Collectors tell every five seconds; between reports that are further apart nobody is known to have listened. */
const APART = seconds(30)
/** An agent that no collector names for so long is not known any more. */
const FORGOTTEN = seconds(3600)
/** Names come from the network. */
const MOST_AGENTS = 1000

/** What was told of an agent last, over all collectors that hear it. */
type Told = { at: EpochMicros; readonly packets: Record<string, number> }

/**
 * Watches that agents which were steady go on sending, by what collectors tell of them. Time is that of the reports: the
 * same ones give the same alerts. Only time in which a collector told of the agent counts as silence: while it was away,
 * nobody listened.
 */
export class AgentSilence {
  readonly #watch: TrafficWatch
  readonly #told = new Map<string, Told>()
  #collectors: Record<string, EpochMicros> = {}
  readonly #touched = new Set<string>()

  /** @throws RangeError for a time zone that there is not */
  constructor(timeZone: string) {
    this.#watch = new TrafficWatch({ timeZone, keepsChanges: true })
  }

  /** Takes the next report of a collector. */
  take({ collector, at, agents }: AgentsRecord): void {
    const newest = Math.max(at, ...Object.values(this.#collectors)) as EpochMicros
    const current = Object.entries({ ...this.#collectors, [collector]: at })
    this.#collectors = Object.fromEntries(current.filter(([, each]) => between(each, newest) <= LEFT_OUT))
    for (const agent of agents) this.#takeAgent(collector, at, agent)
    for (const [name, { at: last }] of this.#told) if (between(last, newest) > FORGOTTEN) this.#forget(name)
    this.#watch.advance(Math.min(...Object.values(this.#collectors)) as EpochMicros)
  }

  /** Alerts that were raised or are over since the last call of this. */
  alerts(): Alert[] {
    return this.#watch.alerts()
  }

  changes(): StateChange[] {
    const told = Array.from(this.#touched, name => {
      const known = this.#told.get(name)
      return { key: `${WORD}${name}`, value: known && written({ told: known }) }
    })
    this.#touched.clear()
    return [...this.#watch.changes(), ...told, { key: COLLECTORS, value: written({ collectors: this.#collectors }) }]
  }

  /**
   * Takes what `changes` gave.
   *
   * @throws when a later version wrote it
   */
  restore({ key, value }: StateChange): void {
    if (!key.startsWith(WORD) && key !== COLLECTORS) return this.#watch.restore(key, value)
    if (value === undefined) return
    const { format, told, collectors } = JSON.parse(value.toString()) as {
      readonly format: number
      readonly told?: Told
      readonly collectors?: Record<string, EpochMicros>
    }
    if (format !== 1) throw new Error(`What was told of agents has format ${format}; this version reads 1`)
    if (told) this.#told.set(key.slice(WORD.length), told)
    if (collectors) this.#collectors = collectors
  }

  #takeAgent(collector: string, at: EpochMicros, { agent, packets }: AgentStatus): void {
    const known = this.#told.get(agent)
    if (!known && this.#told.size >= MOST_AGENTS) return
    const told = known ?? { at, packets: {} }
    this.#told.set(agent, told)
    this.#touched.add(agent)
    const before = told.packets[collector]
    const passed = between(told.at, at)
    told.packets[collector] = packets
    if (passed > 0) told.at = at
    // A collector that counts from 0 again was started anew, and what a new one has heard by now nobody saw come.
    const since = before === undefined || packets < before || passed > APART ? 0 : packets - before
    const listened = passed > 0 && passed <= APART ? inSeconds(passed) : 0
    if (since > 0 || listened > 0) this.#watch.heard(agent, at, since, listened)
  }

  #forget(name: string): void {
    this.#told.delete(name)
    this.#touched.add(name)
  }
}

const written = (state: object): Buffer => Buffer.from(JSON.stringify({ format: 1, ...state }))
