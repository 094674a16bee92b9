import { faults } from '@earshot/calls'
import type { MinuteCounts } from './minute-counts.ts'

/** Seconds; the delays between two of them count together. */
export const delayBounds: readonly number[] = [0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20]

/** What is watched of a peer: events among trials, minute by minute. */
export type Signal = {
  readonly name: string
  /** Events are some of the trials, never more. */
  readonly isShare: boolean
  readonly per: 'minute' | 'attempt'
  readonly weekly: boolean
  /** Which way is worth an alert. */
  readonly watches: 'rise' | 'fall' | 'both'
  readonly events: (counts: MinuteCounts) => number
  /** `minutes` is how much of a minute the counts are of. */
  readonly trials: (counts: MinuteCounts, minutes: number) => number
  /** The events of each tick squared, summed over a minute, where lumps of them are no news. */
  readonly squares?: (counts: MinuteCounts) => number
  /** For people: what the events are, and among what. */
  readonly noun: string
  /** Of the post-dial delay: what is slow. */
  readonly slowSeconds?: number
}

const attempts = ({ attempts = 0 }: MinuteCounts): number => attempts
const seizures = ({ seizures = 0 }: MinuteCounts): number => seizures
const earlyMedia = ({ earlyMedia = 0 }: MinuteCounts): number => earlyMedia
const time = (_counts: MinuteCounts, minutes: number): number => minutes

const count = { isShare: false, per: 'minute', weekly: true, trials: time } as const
const rising = { isShare: true, per: 'attempt', weekly: false, watches: 'rise' } as const
const falling = { isShare: true, per: 'attempt', weekly: false, watches: 'fall' } as const

export const unusableCodes = [...faults, 'offer_unanswered', 'illegal_offer_unreliable'] as const

/** Attempts whose 18x or 2xx came later than a bound that few are beyond: see `SlowBound`. */
export const POST_DIAL_DELAY = 'post_dial_delay'
export const ATTEMPTS = 'attempts'

/** What is watched of an agent: that it sends. */
export const agentSignals: readonly Signal[] = [
  {
    ...count,
    name: 'packets',
    watches: 'fall',
    events: ({ packets = 0 }) => packets,
    trials: ({ listenedSeconds = 0 }) => listenedSeconds / 60,
    noun: 'packets'
  }
]

export const signals: readonly Signal[] = [
  {
    ...count,
    name: ATTEMPTS,
    watches: 'both',
    events: attempts,
    squares: ({ attemptSquares = 0 }) => attemptSquares,
    noun: 'attempts'
  },
  {
    ...rising,
    name: 'rejections_501',
    // A call can have several.
    isShare: false,
    events: ({ rejections501 = 0 }) => rejections501,
    // And comes in calls that were set up before, too.
    trials: ({ attempts = 0 }, minutes) => attempts + minutes,
    noun: 'requests answered 501'
  },
  {
    ...falling,
    name: 'asr',
    events: ({ answered = 0 }) => answered,
    trials: seizures,
    noun: 'seizures answered'
  },
  { ...falling, name: 'early_media', events: earlyMedia, trials: seizures, noun: 'seizures with early media' },
  {
    ...falling,
    name: 'early_media_asr',
    events: ({ answeredEarlyMedia = 0 }) => answeredEarlyMedia,
    trials: earlyMedia,
    noun: 'attempts with early media answered'
  },
  {
    ...rising,
    name: 'early_media_failures',
    events: ({ failedEarlyMedia = 0 }) => failedEarlyMedia,
    trials: earlyMedia,
    noun: 'attempts with early media that failed'
  },
  ...unusableCodes.map(code => ({
    ...rising,
    name: `unusable_${code}`,
    events: ({ unusable }: MinuteCounts) => unusable?.[code] ?? 0,
    trials: attempts,
    noun: `attempts whose early media cannot play (${code})`
  }))
]

/** Post-dial delay as a share: of the attempts that got an 18x or 2xx, those for which that took longer than a bound. */
export const slowSignal = (bound: number): Signal => ({
  ...rising,
  slowSeconds: delayBounds[bound]!,
  name: POST_DIAL_DELAY,
  events: ({ delays = [] }) => sum(delays, bound + 1),
  trials: ({ delays = [] }) => sum(delays, 0),
  noun: 'attempts slow to be heard of'
})

function sum(counts: readonly number[], from: number): number {
  let total = 0
  for (let at = from; at < counts.length; at++) total += counts[at]!
  return total
}
