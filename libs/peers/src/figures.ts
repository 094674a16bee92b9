import type { CallsRecord, Direction, Standing, StandingChange } from '@earshot/calls'
import { byPeer, rowOf, type GroupRow, type PeerRow } from './rows.ts'
import { addAttempt, addEnd, addRejection, addSums, areEmpty, noSums, type Sums } from './sums.ts'

/** The latest Allow of each source of a peer. */
type Allows = Readonly<Record<string, { readonly at: number; readonly methods: readonly string[] }>>

/** Sums of records per peer and direction. Internal attempts, between our own equipment, are left out (PA-2). */
export class Figures {
  readonly #sums = new Map<string, Sums>()
  readonly #allows = new Map<string, Allows>()
  readonly #touched: Set<string> | undefined

  /** @param options.keepsChanges for whoever calls `changes` */
  constructor({ keepsChanges = false }: { readonly keepsChanges?: boolean } = {}) {
    this.#touched = keepsChanges ? new Set() : undefined
  }

  add(record: CallsRecord): void {
    switch (record.kind) {
      case 'attempt':
        this.#count(record, 1)
        break
      case 'call_end':
        if (record.direction !== 'internal') addEnd(this.#of(record.peer, record.direction), record)
        break
      case 'rejection':
        addRejection(this.#of(record.peer, record.direction), record)
        break
      case 'allow':
        this.#addAllows(record.peer, { [record.source]: { at: record.at, methods: record.methods } })
        this.#touched?.add(`${ALLOW}${record.peer}`)
        break
    }
  }

  /** Follows an attempt that is not over. A row that has nothing left is gone. */
  follow({ was, is }: StandingChange): void {
    if (is) this.#count(is, 1)
    if (was) this.#count(was, -1)
  }

  /** Adds the sums of attempts still pending, say. */
  merge(other: Iterable<Sums>): void {
    for (const each of other) addSums(this.#of(each.peer, each.direction), each)
  }

  /** Figures of several places together, as figures of their own; of each Allow the latest. */
  static together(all: Iterable<Figures>): Figures {
    const together = new Figures()
    for (const each of all) {
      together.merge(each.sums())
      for (const [peer, allows] of each.#allows) together.#addAllows(peer, allows)
    }
    return together
  }

  sums(): Iterable<Sums> {
    return this.#sums.values()
  }

  /** Every peer that these know something of. */
  peers(): ReadonlySet<string> {
    return new Set([...this.#allows.keys(), ...Array.from(this.#sums.values(), ({ peer }) => peer)])
  }

  /**
   * Sorted by peer, then direction.
   *
   * @param spanSeconds event time that was observed, which erlangs are over
   */
  rows(spanSeconds = 0): PeerRow[] {
    return Array.from(this.#sums.values(), sums =>
      rowOf(sums, { allow: this.#allowed(sums.peer), scope: 'peer', spanSeconds })
    ).sort(byPeer)
  }

  /** The peers of each group together. A call that hunts over several of them counts once. */
  groups(groupOf: (peer: string) => string | undefined, spanSeconds = 0): GroupRow[] {
    const groups = new Figures()
    const allowed = new Map<string, string[]>()
    for (const sums of this.#sums.values()) {
      const group = groupOf(sums.peer)
      if (group === undefined) continue
      groups.merge([{ ...sums, peer: group }])
      allowed.set(group, [...(allowed.get(group) ?? []), ...this.#allowed(sums.peer)])
    }
    return Array.from(groups.#sums.values(), sums =>
      rowOf(sums, { allow: allowed.get(sums.peer) ?? [], scope: 'group', spanSeconds })
    )
      .sort(byPeer)
      .map(({ peer: group, ...row }) => ({ group, ...row }))
  }

  /** State changed since the last call of this, by key; undefined is gone. */
  changes(): { key: string; value: Buffer | undefined }[] {
    const changes = Array.from(this.#touched ?? [], key => ({ key, value: this.#stateOf(key) }))
    this.#touched?.clear()
    return changes
  }

  /**
   * Takes what `changes` gave.
   *
   * @throws when a later version wrote it.
   */
  restore(key: string, value: Buffer | undefined): void {
    if (value === undefined) {
      this.#sums.delete(key)
      if (key.startsWith(ALLOW)) this.#allows.delete(key.slice(ALLOW.length))
      return
    }
    const { v, ...state } = JSON.parse(value.toString()) as { v: number } & (Sums | { allows: Allows })
    if (v > VERSION) {
      throw new Error(`The figures of a peer have format ${v}; this version of Earshot reads up to ${VERSION}`)
    }
    if ('allows' in state) this.#allows.set(key.slice(ALLOW.length), state.allows)
    else this.#sums.set(key, state)
  }

  #stateOf(key: string): Buffer | undefined {
    const allows = key.startsWith(ALLOW) ? this.#allows.get(key.slice(ALLOW.length)) : undefined
    const state = allows ? { allows } : this.#sums.get(key)
    return state && Buffer.from(JSON.stringify({ v: VERSION, ...state }))
  }

  #of(peer: string, direction: Direction): Sums {
    const key = keyOf(peer, direction)
    this.#touched?.add(key)
    const known = this.#sums.get(key)
    if (known) return known
    const sums = noSums(peer, direction)
    this.#sums.set(key, sums)
    return sums
  }

  /** Adds an attempt, or takes one away. */
  #count(attempt: Standing, by: 1 | -1): void {
    const { peer, direction } = attempt
    if (direction === 'internal') return
    const sums = this.#of(peer, direction)
    addAttempt(sums, attempt, by)
    if (by < 0 && areEmpty(sums)) this.#sums.delete(keyOf(peer, direction))
  }

  #addAllows(peer: string, others: Allows): void {
    const allows = { ...this.#allows.get(peer) }
    for (const [source, other] of Object.entries(others)) {
      if (other.at >= (allows[source]?.at ?? -Infinity)) allows[source] = other
    }
    this.#allows.set(peer, allows)
  }

  #allowed(peer: string): string[] {
    return Object.values(this.#allows.get(peer) ?? {}).flatMap(({ methods }) => methods)
  }
}

/** 2 has tallies: what an older version counted has none, and its ratios begin with the first of the new one. */
const VERSION = 2
const ALLOW = 'allow '

const keyOf = (peer: string, direction: Direction): string => `sums ${direction} ${peer}`
