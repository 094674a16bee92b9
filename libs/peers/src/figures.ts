import type {
  AllowRecord,
  AttemptRecord,
  Direction,
  EarlyClass,
  Outcome,
  RejectionRecord,
  Standing,
  StandingChange
} from '@earshot/calls'

/** One object of `peers` in the offline answer and on /api/peers (semantics.md §7). */
export type PeerRow = {
  readonly peer: string
  readonly direction: Direction
  readonly attempts: number
  readonly outcomes: Partial<Record<Outcome, number>>
  readonly classes: Partial<Record<EarlyClass, number>>
  readonly earlyMedia: {
    readonly attempts: number
    readonly outcomes: Partial<Record<Outcome, number>>
    readonly seconds: number
  }
  readonly responses183: { readonly withSdp: number; readonly withoutSdp: number }
  readonly rejections: readonly { readonly method: string; readonly code: number; readonly transactions: number }[]
  readonly allow: readonly string[]
}

/** What is summed per peer and direction. Plain data: its JSON is its snapshot, and two of them add up. */
export type Sums = {
  readonly peer: string
  readonly direction: Direction
  /** Attempts by class, then outcome. */
  readonly attempts: Partial<Record<EarlyClass, Partial<Record<Outcome, number>>>>
  earlyMediaMicros: number
  withSdp: number
  withoutSdp: number
  /** Transactions by method and code: 'UPDATE 501'. */
  readonly rejections: Record<string, number>
}

/** The latest Allow of each source of a peer. */
type Allows = Record<string, { readonly at: number; readonly methods: readonly string[] }>

/**
 * More methods than a real peer rejects, and longer ones; others are summed as OTHER, so that a flood of names stays
 * bounded.
 */
const MOST_REJECTIONS = 100
const LONGEST_METHOD = 64

/** Sums of records per peer and direction. Internal attempts, between our own equipment, are left out (PA-2). */
export class Figures {
  readonly #sums = new Map<string, Sums>()
  readonly #allows = new Map<string, Allows>()
  readonly #touched: Set<string> | undefined

  /** @param options.keepsChanges for whoever calls `changes` */
  constructor({ keepsChanges = false }: { readonly keepsChanges?: boolean } = {}) {
    this.#touched = keepsChanges ? new Set() : undefined
  }

  add(record: AttemptRecord | RejectionRecord | AllowRecord): void {
    switch (record.kind) {
      case 'attempt':
        this.#count(record, 1)
        break
      case 'rejection':
        this.#addRejection(record)
        break
      case 'allow':
        this.#addAllow(record)
        break
    }
  }

  /** Follows an attempt that is not over. A row that has nothing left is gone. */
  follow({ was, is }: StandingChange): void {
    if (is) this.#count(is, 1)
    if (was) this.#count(was, -1)
  }

  /** Adds the sums of another: of attempts still pending, say, or of another partition. */
  merge(other: Iterable<Sums>): void {
    for (const each of other) {
      const sums = this.#of(each.peer, each.direction)
      for (const [earlyClass, outcomes] of Object.entries(each.attempts)) {
        for (const [outcome, count] of Object.entries(outcomes)) {
          increase((sums.attempts[earlyClass as EarlyClass] ??= {}), outcome as Outcome, count)
        }
      }
      sums.earlyMediaMicros += each.earlyMediaMicros
      sums.withSdp += each.withSdp
      sums.withoutSdp += each.withoutSdp
      for (const [rejection, count] of Object.entries(each.rejections)) increase(sums.rejections, rejection, count)
    }
  }

  /** These and the others' sums together, as figures of their own. */
  with(other: Figures): Figures {
    const both = new Figures()
    both.merge(this.sums())
    both.merge(other.sums())
    for (const [peer, allows] of this.#allows) both.#allows.set(peer, allows)
    return both
  }

  sums(): Iterable<Sums> {
    return this.#sums.values()
  }

  /** Every peer that these know something of. */
  peers(): ReadonlySet<string> {
    return new Set([...this.#allows.keys(), ...Array.from(this.#sums.values(), ({ peer }) => peer)])
  }

  /** Sorted by peer, then direction. */
  rows(): PeerRow[] {
    return [...this.#sums.values()]
      .map(sums => rowOf(sums, this.#allows.get(sums.peer)))
      .sort((a, b) => compare(a.peer, b.peer) || compare(a.direction, b.direction))
  }

  /** State changed since the last call of this, by key; undefined is gone. */
  changes(): { key: string; value: Buffer | undefined }[] {
    const changes = Array.from(this.#touched ?? [], key => ({ key, value: this.#stateOf(key) }))
    this.#touched?.clear()
    return changes
  }

  /** @throws when a later version wrote it. */
  restore(key: string, value: Buffer): void {
    const { v, ...state } = JSON.parse(value.toString()) as { v: number } & (Sums | { allows: Allows })
    if (v !== 1) throw new Error(`The figures of a peer have format ${v}; this version of Earshot reads up to 1`)
    if ('allows' in state) this.#allows.set(key.slice(6), state.allows)
    else this.#sums.set(key, state)
  }

  #stateOf(key: string): Buffer | undefined {
    const allows = key.startsWith('allow ') ? this.#allows.get(key.slice(6)) : undefined
    const state = allows ? { allows } : this.#sums.get(key)
    return state && Buffer.from(JSON.stringify({ v: 1, ...state }))
  }

  #of(peer: string, direction: Direction): Sums {
    const key = keyOf(peer, direction)
    this.#touched?.add(key)
    const known = this.#sums.get(key)
    if (known) return known
    const sums: Sums = { peer, direction, attempts: {}, earlyMediaMicros: 0, withSdp: 0, withoutSdp: 0, rejections: {} }
    this.#sums.set(key, sums)
    return sums
  }

  /** Adds an attempt, or takes one away. */
  #count({ peer, direction, class: early, outcome, earlyMediaSeconds, responses183 }: Standing, by: 1 | -1): void {
    if (direction === 'internal') return
    const sums = this.#of(peer, direction)
    increase((sums.attempts[early] ??= {}), outcome, by)
    sums.earlyMediaMicros += by * Math.round(earlyMediaSeconds * 1e6)
    sums.withSdp += by * responses183.withSdp
    sums.withoutSdp += by * responses183.withoutSdp
    if (by < 0) this.#dropEmpty(sums, early)
  }

  #dropEmpty({ peer, direction, attempts, rejections }: Sums, early: EarlyClass): void {
    if (isEmpty(attempts[early]!)) delete attempts[early]
    if (isEmpty(attempts) && isEmpty(rejections)) this.#sums.delete(keyOf(peer, direction))
  }

  #addRejection({ peer, direction, method, code }: RejectionRecord): void {
    const { rejections } = this.#of(peer, direction)
    const name = `${method} ${code}`
    const full = !Object.hasOwn(rejections, name) && Object.keys(rejections).length >= MOST_REJECTIONS
    increase(rejections, full || method.length > LONGEST_METHOD ? `OTHER ${code}` : name, 1)
  }

  #addAllow({ peer, source, at, methods }: AllowRecord): void {
    const allows = this.#allows.get(peer) ?? {}
    this.#allows.set(peer, allows)
    if ((allows[source]?.at ?? -Infinity) > at) return
    allows[source] = { at, methods }
    this.#touched?.add(`allow ${peer}`)
  }
}

const keyOf = (peer: string, direction: Direction): string => `sums ${direction} ${peer}`

const isEmpty = (counts: object): boolean => Object.keys(counts).length === 0

function increase<Key extends string | number>(counts: Partial<Record<Key, number>>, key: Key, by: number): void {
  const sum = (counts[key] ?? 0) + by
  if (sum === 0) delete counts[key]
  else counts[key] = sum
}

function rowOf(sums: Sums, allows: Allows = {}): PeerRow {
  const outcomes: Partial<Record<Outcome, number>> = {}
  const classes: Partial<Record<EarlyClass, number>> = {}
  let attempts = 0
  for (const [earlyClass, counts] of Object.entries(sums.attempts)) {
    for (const [outcome, count] of Object.entries(counts)) {
      increase(outcomes, outcome as Outcome, count)
      increase(classes, earlyClass as EarlyClass, count)
      attempts += count
    }
  }
  return {
    peer: sums.peer,
    direction: sums.direction,
    attempts,
    outcomes,
    classes,
    earlyMedia: {
      attempts: classes.early_media ?? 0,
      outcomes: { ...sums.attempts.early_media },
      seconds: sums.earlyMediaMicros / 1e6
    },
    responses183: { withSdp: sums.withSdp, withoutSdp: sums.withoutSdp },
    rejections: Object.entries(sums.rejections)
      .map(([rejection, transactions]) => {
        const [method = '', code] = rejection.split(' ')
        return { method, code: Number(code), transactions }
      })
      .sort((a, b) => compare(a.method, b.method) || a.code - b.code),
    allow: [...new Set(Object.values(allows).flatMap(({ methods }) => methods))].sort()
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
