import { countIn } from './spread.ts'
import type { Sums } from './sums.ts'

/** Calls under way (K-4). Attempts that have a final are none, even while their record waits for a retry. */
export type Concurrent = {
  /** Not answered, without early media so far. */
  readonly setup: number
  /** Not answered, and there has been early media. */
  readonly earlyMedia: number
  /** Answered, and neither ended nor given up. */
  readonly established: number
}

export type CapacityRow = {
  readonly concurrent: Concurrent
  /** Talk time of the calls that ended over the time that was observed; null where none was. */
  readonly carriedErlangs: number | null
}

/** Of final and pending attempts together. */
export function concurrentIn({ attempts, tallies }: Sums): Concurrent {
  let open = 0
  for (const outcomes of Object.values(attempts)) open += outcomes.open ?? 0
  const earlyMedia = attempts.early_media?.open ?? 0
  const { answered = 0, given_up: givenUp = 0 } = tallies?.parts ?? {}
  const talk = tallies?.spreads.talk
  const ended = givenUp + (talk ? countIn(talk) : 0)
  return { setup: open - earlyMedia, earlyMedia, established: Math.max(0, answered - ended) }
}

export const capacityOf = (sums: Sums, spanSeconds: number): CapacityRow => ({
  concurrent: concurrentIn(sums),
  carriedErlangs: spanSeconds > 0 ? (sums.tallies?.spreads.talk?.micros ?? 0) / 1e6 / spanSeconds : null
})
