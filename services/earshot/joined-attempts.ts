import { LegJoin, type AttemptRecord, type Leg, type LegsRecord, type Limits } from '@earshot/calls'

/** About 100 MB of records: 700 attempts a second that wait 66 s. Of what is beyond, the oldest are told without legs. */
const MOST_HELD = 50_000

/** Holds attempts back until it is known whether they are legs of a call that has several (LG-3). */
export class JoinedAttempts {
  readonly #join: LegJoin
  readonly #onJoined: ((record: AttemptRecord, legs: LegsRecord | undefined) => void) | undefined
  readonly #held = new Map<string, AttemptRecord>()

  constructor(options: {
    readonly limits: Limits
    readonly onLegs?: (record: LegsRecord) => void
    /** Told of each attempt once. */
    readonly onJoined?: (record: AttemptRecord, legs: LegsRecord | undefined) => void
  }) {
    this.#onJoined = options.onJoined
    this.#join = new LegJoin({
      limits: options.limits,
      emit: legs => {
        options.onLegs?.(legs)
        for (const { attempt } of legs.legs) this.#tell(attempt, legs)
      },
      released: attempt => this.#tell(attempt)
    })
  }

  /** Attempts that were not joined, because too many waited for their legs. */
  get notKept(): number {
    return this.#join.notKept
  }

  take(leg: Leg): void {
    this.#join.take(leg)
  }

  /** An attempt, after its leg was taken if it has one. */
  ended(record: AttemptRecord): void {
    if (!this.#onJoined) return
    if (!this.#join.waits(record.id)) return this.#onJoined(record, undefined)
    this.#held.set(record.id, record)
    if (this.#held.size > MOST_HELD) this.#tell(this.#held.keys().next().value!)
  }

  advance(now: Parameters<LegJoin['advance']>[0]): void {
    this.#join.advance(now)
  }

  /** Nothing more will come. */
  settle(): void {
    this.#join.settle()
  }

  #tell(attempt: string, legs?: LegsRecord): void {
    const record = this.#held.get(attempt)
    if (!record) return
    this.#held.delete(attempt)
    this.#onJoined?.(record, legs)
  }
}
