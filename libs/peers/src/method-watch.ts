import { epochMicros, type EpochMicros } from '@earshot/units'
import type { Alert } from './alert.ts'
import { AllowSets, type AllowTrack } from './allow-sets.ts'
import { CapabilityMatrix } from './capability-matrix.ts'
import { capabilitiesOf, methodStates, type Capability, type CapabilityState } from './capabilities.ts'
import type { Detector, DetectorChange, Observation } from './detector.ts'
import { KeyedStates } from './keyed-states.ts'
import { allowDropAlert, differenceOf, regressionAlert } from './method-alerts.ts'
import { Regressions } from './regressions.ts'
import type { MaintenanceWindow } from './registry-lookup.ts'
import { OVERFLOW } from './registry-names.ts'

/** Server and User-Agent texts told apart at one peer; more are one. */
const MOST_AGENTS = 8
const OTHER_AGENTS = 'others'

/** An alert that lasts, and for an Allow drop where it is dropped. */
type Active = { readonly alert: Alert; readonly places: string[] }

/**
 * The methods of all peers: what works, what is said to, and alerts when that changes (MC-6 to MC-11). Nothing of the
 * peer `other` starts an alert: it is many.
 */
export class MethodWatch implements Detector {
  readonly observes = ['method', 'allowed'] as const
  readonly #matrix = new CapabilityMatrix()
  readonly #allows: AllowSets
  readonly #regressions: Regressions
  readonly #active = new KeyedStates<Active>('method-alert', 1)
  readonly #agents = new Map<string, Set<string>>()
  #alerts: Alert[] = []
  #until = -Infinity

  /** @param maintenanceOf the windows of a peer in which nothing starts */
  constructor(maintenanceOf: (peer: string) => readonly MaintenanceWindow[] = () => []) {
    const silent = (peer: string, second: number): boolean =>
      peer === OVERFLOW || maintenanceOf(peer).some(({ from, to }) => second * 1e6 >= from && second * 1e6 < to)
    this.#allows = new AllowSets(
      {
        dropped: (track, method, since, raised) => this.#dropped(track, method, since, raised),
        listedAgain: (track, method, ended) => this.#listedAgain(track, method, ended)
      },
      silent
    )
    this.#regressions = new Regressions(
      {
        regressed: regression => {
          const { peer, method } = regression
          const difference = differenceOf(this.#allows.tracks(peer), method)
          this.#start(regressionAlert(regression, this.#matrix.cell(peer, method), difference), '')
        },
        recovered: ({ peer, method, ended }) => this.#end('method_regression', peer, method, ended)
      },
      silent
    )
  }

  get keys(): readonly string[] {
    return [...this.#matrix.keys, ...this.#allows.keys, ...this.#regressions.keys, this.#active.word]
  }

  /** Every peer that something is known of. */
  peers(): ReadonlySet<string> {
    return new Set([...this.#matrix.peers(), ...this.#allows.peers()])
  }

  /** The row of a peer in the matrix: each method of which something is known. */
  capabilities(peer: string): Capability[] {
    return capabilitiesOf(peer, this.#parts, this.#until)
  }

  /** What each peer does with each method of which something is known. */
  *states(): Iterable<{ readonly peer: string; readonly method: string; readonly state: CapabilityState }> {
    for (const peer of this.peers()) {
      for (const { method, state } of methodStates(peer, this.#parts, this.#until)) yield { peer, method, state }
    }
  }

  /** Methods of peers that are regressed now. */
  *regressed(): Iterable<{ readonly peer: string; readonly method: string }> {
    for (const { alert } of this.#active.values()) {
      if (alert.kind === 'method_regression') yield { peer: alert.peer, method: alert.method! }
    }
  }

  observe(observation: Observation): void {
    switch (observation.kind) {
      case 'method': {
        const agent = this.#agentOf(observation.peer, observation.agent)
        const row = { ...observation, agent, method: this.#matrix.nameOf(observation.peer, observation.method) }
        // What the peer says in that second is known when it is judged.
        this.#allows.advance(row.second + 1)
        // Before the matrix, which then knows when it last worked.
        this.#regressions.observe(row)
        this.#matrix.add(row)
        break
      }
      case 'allowed':
        this.#allows.observe({ ...observation, agent: this.#agentOf(observation.peer, observation.agent) })
        break
      case 'load':
      case 'attempt':
      case 'rejection':
        break
    }
  }

  advance(until: EpochMicros): void {
    this.#until = Math.max(this.#until, Math.floor(until / 1e6))
    this.#allows.advance(this.#until)
    this.#regressions.advance(this.#until)
  }

  alerts(): Alert[] {
    const alerts = this.#alerts.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)))
    this.#alerts = []
    return alerts
  }

  changes(): DetectorChange[] {
    const states = [this.#matrix, this.#allows, this.#regressions, this.#active]
    return states.flatMap(each => each.changes())
  }

  restore(key: string, value: Buffer | undefined): void {
    const word = key.slice(0, key.indexOf(' '))
    const owner = [this.#matrix, this.#allows, this.#regressions].find(({ keys }) => keys.includes(word))
    if (owner) owner.restore(key, value)
    else this.#active.restore(key, value)
  }

  get #parts() {
    return { matrix: this.#matrix, allows: this.#allows, regressions: this.#regressions }
  }

  /** The name under which an agent of a peer is told from the others. */
  #agentOf(peer: string, agent: string): string {
    const known = this.#agents.get(peer) ?? this.#agentsKnown(peer)
    if (known.has(agent)) return agent
    if (known.size >= MOST_AGENTS) return OTHER_AGENTS
    known.add(agent)
    return agent
  }

  #agentsKnown(peer: string): Set<string> {
    const inCells = Array.from(this.#matrix.cells(peer)).flatMap(({ agents }) => agents.map(({ agent }) => agent))
    const known = new Set([...inCells, ...this.#allows.tracks(peer).map(({ agent }) => agent)])
    this.#agents.set(peer, known)
    return known
  }

  #dropped(track: AllowTrack, method: string, since: number, raised: number): void {
    const active = this.#active.get('allow_drop', track.peer, method)
    if (active)
      this.#active.set({ ...active, places: [...active.places, placeOf(track)] }, 'allow_drop', track.peer, method)
    else this.#start(allowDropAlert(track, method, since, raised), placeOf(track))
  }

  #listedAgain(track: AllowTrack, method: string, ended: number): void {
    const active = this.#active.get('allow_drop', track.peer, method)
    const places = active?.places.filter(place => place !== placeOf(track)) ?? []
    if (places.length === 0) this.#end('allow_drop', track.peer, method, ended)
    else this.#active.set({ ...active!, places }, 'allow_drop', track.peer, method)
  }

  #start(alert: Alert, place: string): void {
    this.#active.set({ alert, places: [place] }, alert.kind, alert.peer, alert.method!)
    this.#alerts.push(alert)
  }

  #end(kind: Alert['kind'], peer: string, method: string, ended: number): void {
    const active = this.#active.get(kind, peer, method)
    if (!active) return
    this.#active.delete(kind, peer, method)
    this.#alerts.push({ ...active.alert, endedAt: epochMicros(ended * 1e6) })
  }
}

const placeOf = ({ source, agent }: AllowTrack): string => `${source} ${agent}`
