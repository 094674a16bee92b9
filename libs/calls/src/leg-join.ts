import TinyQueue from 'tinyqueue'
import { epochMicros, seconds, type EpochMicros } from '@earshot/units'
import type { Leg } from './leg.ts'
import { LegGroup } from './leg-group.ts'
import { crowdRecord, legsRecord, type LegsRecord } from './legs-record.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { Timers } from './timers.ts'

/** About 300 MB of legs that wait: 4,500 attempts a second that nobody names. What comes beyond is not joined. */
const MOST_KEPT = 300_000

export type LegJoinOptions = {
  readonly emit: (record: LegsRecord) => void
  /** Told of each attempt that waits no longer, after the record that names it, if there is one. */
  readonly released?: (attempt: string) => void
  readonly limits?: Limits
  /** Whether `changes` will be asked for. */
  readonly keepsChanges?: boolean
}

/**
 * Joins the legs of B2BUA calls (LG-1 to LG-4): attempts that share a key, directly or by others between them, become
 * one record when their wait is over, if they have more than one Call-ID.
 *
 * Legs may come in any order before the clock has passed their `closedAt`; they are folded in the order of that time,
 * so that nothing depends on which source was faster. One that comes later is late and joins what is still there.
 */
export class LegJoin {
  /** Legs not looked at, because too many wait. */
  notKept = 0
  readonly #emit: (record: LegsRecord) => void
  readonly #released: ((attempt: string) => void) | undefined
  readonly #limits: Limits
  readonly #keepsChanges: boolean
  /** Until the clock passes their time. */
  readonly #coming = new TinyQueue<Leg>([], (a, b) => a.closedAt - b.closedAt || (a.id < b.id ? -1 : 1))
  readonly #byKey = new Map<string, LegGroup>()
  readonly #groups = new Map<string, LegGroup>()
  readonly #timers = new Timers()
  /** Ids of the legs kept, those coming too. */
  readonly #known = new Set<string>()
  /** State by key since the last `changes`. */
  readonly #changed = new Map<string, Leg | Crowd | undefined>()
  #now = epochMicros(-Infinity)

  constructor({ emit, released, limits = defaultLimits, keepsChanges = false }: LegJoinOptions) {
    this.#emit = emit
    this.#released = released
    this.#limits = limits
    this.#keepsChanges = keepsChanges
  }

  /** Legs that wait. */
  get size(): number {
    return this.#known.size
  }

  /** Whether more may be told of the attempt. */
  waits(attempt: string): boolean {
    return this.#known.has(attempt)
  }

  take(leg: Leg): void {
    if (this.#known.has(leg.id)) return
    if (this.#known.size >= MOST_KEPT) {
      this.notKept++
      return
    }
    this.#note(`${LEG}${leg.id}`, leg)
    this.#add(leg)
  }

  /** Moves the clock: legs that closed before `now` are folded, and groups whose wait is over are told. */
  advance(now: EpochMicros): void {
    for (let leg = this.#coming.peek(); leg && leg.closedAt < now; leg = this.#coming.peek()) {
      this.#coming.pop()
      this.#tellDue(leg.closedAt)
      this.#fold(leg)
    }
    this.#tellDue(now)
    if (now > this.#now) this.#now = now
  }

  /** Tells all groups, because nothing more will come: the clock has stopped. */
  settle(): void {
    for (let leg = this.#coming.pop(); leg; leg = this.#coming.pop()) this.#fold(leg)
    const groups = [...this.#groups.values()].sort((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1))
    for (const group of groups) this.#tell(group)
  }

  /** State changed since the last call of this, by key; a value is absent where the key ended. */
  changes(): { key: string; value: Buffer | undefined }[] {
    const changes = Array.from(this.#changed, ([key, value]) => ({
      key,
      value: value && Buffer.from(JSON.stringify({ format: FORMAT, ...value }))
    }))
    this.#changed.clear()
    return changes
  }

  /**
   * Takes back what `changes` gave, one key at a time, after `advance` to where the clock stood.
   *
   * @throws for what a later version wrote
   */
  restore(key: string, value: Buffer): void {
    const { format, ...kept } = JSON.parse(value.toString()) as (Leg | Crowd) & { readonly format: number }
    if (format !== FORMAT) throw new Error(`A leg has format ${format}; this version of Earshot reads ${FORMAT}`)
    if (key.startsWith(LEG)) this.#add(kept as Leg)
    else this.#restoreCrowd(kept as Crowd)
  }

  #add(leg: Leg): void {
    this.#known.add(leg.id)
    if (leg.closedAt < this.#now) this.#fold(leg)
    else this.#coming.push(leg)
  }

  #restoreCrowd(crowd: Crowd): void {
    const group = new LegGroup(crowd)
    group.crowd = crowd.crowd
    group.dueAt = crowd.dueAt
    this.#groups.set(group.id, group)
    this.#index(group)
    this.#timers.push({ at: group.dueAt, key: group.id })
  }

  #fold(leg: Leg): void {
    const own = new LegGroup(leg, leg)
    const met = [...new Set(leg.keys.flatMap(key => this.#byKey.get(key) ?? []))]
    const crowd = met.find(each => each.crowd > 0)
    const group = crowd ?? met[0] ?? own
    const others = met.filter(each => each !== group && each.crowd === 0)
    if (group === own) this.#groups.set(group.id, group)
    else this.#merge(group, [...others, own], leg)
    if (group.crowd > 0) return
    this.#index(group)
    group.schedule(this.#limits)
    this.#timers.push({ at: group.dueAt, key: group.id })
  }

  #merge(group: LegGroup, others: readonly LegGroup[], { closedAt }: Leg): void {
    const was = [group, ...others].map(({ legs }) => [...legs]).flat()
    const wasCrowd = group.crowd > 0
    for (const other of others) {
      this.#forget(other)
      group.absorb(other)
    }
    if (group.crowd === 0) return
    for (const leg of was) this.#drop(leg)
    if (!wasCrowd) {
      // Fixed from now on: a key that never ends is told again and again instead of never.
      group.dueAt = closedAt + CROWD_LASTS
      this.#timers.push({ at: group.dueAt, key: group.id })
    }
    const { id, crowd, keys, startedAt, endedAt, dueAt } = group
    this.#note(`${CROWD}${id}`, { id, crowd, keys: [...keys], startedAt, endedAt, dueAt })
  }

  #tellDue(now: number): void {
    for (let timer = this.#timers.next(now); timer; timer = this.#timers.next(now)) {
      const group = this.#groups.get(timer.key)
      // Otherwise it has been put off, or is part of another one.
      if (group?.dueAt === timer.at) this.#tell(group)
    }
  }

  #tell(group: LegGroup): void {
    this.#forget(group)
    const { crowd, legs, keys, startedAt, endedAt } = group
    if (crowd > 0) this.#emit(crowdRecord([...keys], crowd, startedAt, endedAt))
    else if (group.callIds > 1) this.#emit(legsRecord(legs))
    for (const leg of legs) this.#drop(leg)
  }

  #index(group: LegGroup): void {
    for (const key of group.keys) this.#byKey.set(key, group)
  }

  #forget(group: LegGroup): void {
    this.#groups.delete(group.id)
    for (const key of group.keys) if (this.#byKey.get(key) === group) this.#byKey.delete(key)
    if (group.crowd > 0) this.#note(`${CROWD}${group.id}`, undefined)
  }

  #drop({ id }: Leg): void {
    this.#known.delete(id)
    this.#note(`${LEG}${id}`, undefined)
    this.#released?.(id)
  }

  #note(key: string, value: Leg | Crowd | undefined): void {
    if (this.#keepsChanges) this.#changed.set(key, value)
  }
}

type Crowd = Pick<LegGroup, 'id' | 'crowd' | 'startedAt' | 'endedAt' | 'dueAt'> & { readonly keys: readonly string[] }

const FORMAT = 1
const LEG = 'leg '
const CROWD = 'crowd '
const CROWD_LASTS = seconds(66)
