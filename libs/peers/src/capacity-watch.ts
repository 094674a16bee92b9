import type { EpochMicros } from '@earshot/units'
import type { Alert } from './alert.ts'
import { CapacityLimits, type Contract } from './capacity-limits.ts'
import type { Detector, DetectorChange, Observation } from './detector.ts'
import { KeyedStates } from './keyed-states.ts'
import {
  addSum,
  busiestOf,
  withSums,
  type Busiest,
  type Load,
  type Loads,
  type Side,
  type Sum,
  type Sums
} from './load.ts'
import type { MaintenanceWindow } from './registry-lookup.ts'

/** `group` is the one that its calls count in. */
type PeerLoad = { readonly peer: string; readonly loads: Loads; readonly group?: string }
type GroupLoad = { readonly group: string; readonly loads: Loads }

export type CapacityWatchOptions = {
  /** The group of a peer; without it groups have no loads. */
  readonly groupOf?: (peer: string) => string | undefined
  /** Without it there are no alerts. */
  readonly contractOf?: (peer: string) => Contract | undefined
  /** The windows of a peer in which nothing starts. */
  readonly maintenanceOf?: (peer: string) => readonly MaintenanceWindow[]
}

/**
 * The busiest second and the most calls at a time of each peer and group, exact in event time, and alerts where they come near to
 * what was contracted (K-4).
 */
export class CapacityWatch implements Detector {
  readonly observes = ['load'] as const
  readonly #loads = new KeyedStates<PeerLoad>('capacity', 1)
  readonly #groups = new KeyedStates<GroupLoad>('capacity-group', 1)
  readonly #limits: CapacityLimits
  readonly #groupOf: (peer: string) => string | undefined
  /** Of the second that is being observed. */
  readonly #sums = new Map<string, Sums>()
  #second = -Infinity

  constructor({ contractOf, groupOf = () => undefined, maintenanceOf = () => [] }: CapacityWatchOptions = {}) {
    this.#groupOf = groupOf
    this.#limits = new CapacityLimits(contractOf, maintenanceOf)
  }

  get keys(): readonly string[] {
    return [this.#loads.word, this.#groups.word, this.#limits.word]
  }

  /** Every peer that something is known of. */
  *peers(): Iterable<string> {
    for (const { peer } of this.#loads.values()) yield peer
  }

  /** Of the day of the last second that was looked at. */
  busiest(peer: string, side: Side): Busiest {
    return busiestOf(this.#loads.get(peer)?.loads[side], this.#second)
  }

  /** The same of a group; undefined where nothing of it was observed. */
  groupBusiest(group: string, side: Side): Busiest | undefined {
    const known = this.#groups.get(group)
    return known && busiestOf(known.loads[side], this.#second)
  }

  observe(observation: Observation): void {
    if (observation.kind !== 'load') return
    const { second, peer, direction, attempts, calls } = observation
    this.#close(second)
    const sums = this.#sums.get(peer) ?? {}
    for (const side of [direction, 'both'] as const) addSum(sums, side, { attempts, calls })
    this.#sums.set(peer, sums)
  }

  advance(until: EpochMicros): void {
    const second = Math.floor(until / 1e6)
    this.#close(second)
    this.#limits.advance(second)
  }

  alerts(): Alert[] {
    return this.#limits.alerts()
  }

  changes(): DetectorChange[] {
    return [...this.#loads.changes(), ...this.#groups.changes(), ...this.#limits.changes()]
  }

  restore(key: string, value: Buffer | undefined): void {
    const owner = [this.#loads, this.#groups].find(({ word }) => key.startsWith(`${word} `))
    if (owner) owner.restore(key, value)
    else this.#limits.restore(key, value)
  }

  /** What was observed of earlier seconds is all of them. */
  #close(second: number): void {
    if (second <= this.#second) return
    const groups = new Map<string, Sums>()
    for (const [peer, sums] of this.#sums) {
      const known = this.#loads.get(peer)
      const group = this.#groupOf(peer)
      this.#countInGroup(groups, group, known, sums)
      const loads = withSums(known?.loads ?? {}, sums, this.#second)
      this.#loads.set({ peer, loads, ...(group !== undefined && { group }) }, peer)
      this.#limits.note(peer, this.#second, { calls: loads.both!.calls, cps: sums.both!.attempts })
    }
    for (const [group, sums] of groups) {
      this.#groups.set({ group, loads: withSums(this.#groups.get(group)?.loads ?? {}, sums, this.#second) }, group)
    }
    this.#sums.clear()
    this.#second = second
  }

  /** The calls that a peer has already go with it from one group to another. */
  #countInGroup(groups: Map<string, Sums>, group: string | undefined, known: PeerLoad | undefined, sums: Sums): void {
    const sumsOf = (name: string): Sums => {
      const own = groups.get(name) ?? {}
      groups.set(name, own)
      return own
    }
    if (known && known.group !== group) {
      for (const [side, { calls }] of Object.entries(known.loads) as [Side, Load][]) {
        if (known.group !== undefined) addSum(sumsOf(known.group), side, { attempts: 0, calls: -calls })
        if (group !== undefined) addSum(sumsOf(group), side, { attempts: 0, calls })
      }
    }
    if (group === undefined) return
    for (const [side, sum] of Object.entries(sums) as [Side, Sum][]) addSum(sumsOf(group), side, sum)
  }
}
