import type { Direction } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'
import type { Alert } from './alert.ts'
import { CapacityLimits, type Contract } from './capacity-limits.ts'
import type { Detector, DetectorChange, Observation } from './detector.ts'
import { KeyedStates } from './keyed-states.ts'
import type { MaintenanceWindow } from './registry-lookup.ts'
import { secondText } from './second-text.ts'

/** How many, and in which second since 1970. */
type Moment = { readonly count: number; readonly second: number }

type Load = {
  /** That occupy the peer now. */
  readonly calls: number
  /** Of the UTC day in which they are. */
  readonly busiest: Moment | null
  readonly peak: Moment | null
}

/** A peer in each direction, and in both together: their busiest seconds are not the same. */
type PeerLoad = { readonly peer: string; readonly loads: Readonly<Partial<Record<Side, Load>>> }
/** Of internal attempts, between our own equipment, nothing is observed. */
type Side = Direction | 'both'
type Sum = { attempts: number; calls: number }
type SecondSums = Partial<Record<Side, Sum>>

/** The most of one UTC day, the day of what was observed last; null before the first of it. */
export type Busiest = {
  readonly busySecond: { readonly attempts: number; readonly at: string } | null
  readonly peak: { readonly calls: number; readonly at: string } | null
}

export type CapacityWatchOptions = {
  /** Without it there are no alerts. */
  readonly contractOf?: (peer: string) => Contract | undefined
  /** The windows of a peer in which nothing starts. */
  readonly maintenanceOf?: (peer: string) => readonly MaintenanceWindow[]
}

/**
 * The busiest second and the most calls at a time of each peer, exact in event time, and alerts where they come near to
 * what was contracted (K-4).
 */
export class CapacityWatch implements Detector {
  readonly observes = ['load'] as const
  readonly #loads = new KeyedStates<PeerLoad>('capacity', 1)
  readonly #limits: CapacityLimits
  /** Of the second that is being observed. */
  readonly #sums = new Map<string, SecondSums>()
  #second = -Infinity

  constructor({ contractOf, maintenanceOf = () => [] }: CapacityWatchOptions = {}) {
    this.#limits = new CapacityLimits(contractOf, maintenanceOf)
  }

  get keys(): readonly string[] {
    return [this.#loads.word, this.#limits.word]
  }

  /** Every peer that something is known of. */
  *peers(): Iterable<string> {
    for (const { peer } of this.#loads.values()) yield peer
  }

  /** Of the day of the last second that was looked at. */
  busiest(peer: string, side: Side): Busiest {
    const load = this.#loads.get(peer)?.loads[side]
    const today = (moment: Moment | null | undefined): Moment | undefined =>
      moment && dayOf(moment.second) === dayOf(this.#second) ? moment : undefined
    const [busiest, peak] = [today(load?.busiest), today(load?.peak)]
    return {
      busySecond: busiest ? { attempts: busiest.count, at: secondText(busiest.second) } : null,
      peak: peak ? { calls: peak.count, at: secondText(peak.second) } : null
    }
  }

  observe(observation: Observation): void {
    if (observation.kind !== 'load') return
    const { second, peer, direction, attempts, calls } = observation
    this.#close(second)
    const sums = this.#sums.get(peer) ?? {}
    for (const side of [direction, 'both'] as const) {
      const sum = (sums[side] ??= { attempts: 0, calls: 0 })
      sum.attempts += attempts
      sum.calls += calls
    }
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
    return [...this.#loads.changes(), ...this.#limits.changes()]
  }

  restore(key: string, value: Buffer | undefined): void {
    if (key.startsWith(`${this.#loads.word} `)) this.#loads.restore(key, value)
    else this.#limits.restore(key, value)
  }

  /** What was observed of earlier seconds is all of them. */
  #close(second: number): void {
    if (second <= this.#second) return
    for (const [peer, sums] of this.#sums) {
      const loads = { ...this.#loads.get(peer)?.loads }
      for (const [side, sum] of Object.entries(sums) as [Side, Sum][]) {
        loads[side] = added(loads[side] ?? none, sum, this.#second)
      }
      this.#loads.set({ peer, loads }, peer)
      this.#limits.note(peer, this.#second, { calls: loads.both!.calls, cps: sums.both!.attempts })
    }
    this.#sums.clear()
    this.#second = second
  }
}

const none: Load = { calls: 0, busiest: null, peak: null }

const dayOf = (second: number): number => Math.floor(second / 86_400)

function added({ calls, busiest, peak }: Load, sum: Sum, second: number): Load {
  const now = calls + sum.calls
  return { calls: now, busiest: most(busiest, sum.attempts, second), peak: most(peak, now, second) }
}

/** The first of the most in one day. */
function most(moment: Moment | null, count: number, second: number): Moment | null {
  if (moment && dayOf(moment.second) === dayOf(second) && count <= moment.count) return moment
  return count > 0 ? { count, second } : moment
}
