import type { LabelledCounts } from '@earshot/traffic'

/** What a rule sees: events of a signal, minute by minute. */
export type Seen = { readonly signal: string; readonly events: (counts: LabelledCounts) => number }

export type NaiveOptions = {
  /** Events in the five minutes below which the rule is silent. */
  readonly leastEvents: number
}

const WEEK = 7 * 24 * 60
const WINDOW = 5

/**
 * The rule most people write: `rate(x[5m]) > 3 * rate(x[5m] offset 1w)`, looked at every minute. It is what the
 * detectors are compared with.
 */
export class NaiveRule {
  readonly signal: string
  readonly #eventsIn: Seen['events']
  readonly #leastEvents: number
  readonly #minutes: number[] = []
  readonly #sums: number[] = []
  #minute: number | undefined
  #events = 0
  #isFiring = false

  constructor({ signal, events }: Seen, { leastEvents }: NaiveOptions) {
    this.signal = signal
    this.#eventsIn = events
    this.#leastEvents = leastEvents
  }

  /** Takes what came at a time, in seconds; the minutes that are over now and with which it began to fire. */
  *take(at: number, counts: LabelledCounts): Iterable<number> {
    const minute = Math.floor(at / 60)
    for (this.#minute ??= minute; this.#minute < minute; this.#minute++) {
      if (this.#step(this.#events)) yield this.#minute
      this.#events = 0
    }
    this.#events += this.#eventsIn(counts)
  }

  #step(events: number): boolean {
    const at = this.#minutes.push(events) - 1
    const sum = (this.#sums[at - 1] ?? 0) + this.#minutes[at]! - (this.#minutes[at - WINDOW] ?? 0)
    this.#sums.push(sum)
    const before = this.#sums[at - WEEK]
    const fires = before !== undefined && sum > 3 * before && sum >= this.#leastEvents
    const begins = fires && !this.#isFiring
    this.#isFiring = fires
    return begins
  }
}

export const seen: readonly Seen[] = [
  { signal: 'attempts', events: ({ attempts }) => attempts },
  { signal: 'rejections_501', events: ({ rejections501 }) => rejections501 },
  { signal: 'early_media_failures', events: ({ failedEarlyMedia }) => failedEarlyMedia },
  { signal: 'unusable_codec_mismatch', events: ({ unusable }) => unusable.codec_mismatch ?? 0 }
]
