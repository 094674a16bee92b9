import type { Random } from '../random.ts'
import type { Habits } from './habits.ts'

export type IncidentKind = 'spike' | 'drop' | 'absence'

/** From one minute to the next, over its first twenty minutes, or over a few minutes and gone again. */
export type IncidentShape = 'step' | 'ramp' | 'burst'

/** What was made wrong on purpose. */
export type Label = {
  readonly kind: IncidentKind
  readonly signal: string
  readonly shape: IncidentShape
  /** Seconds since 1970. */
  readonly start: number
  readonly end: number
  /** The rate, or share, or delay, becomes this many times what it was. */
  readonly factor: number
  /** What is to be expected in five minutes of it: events of a spike, of a drop those that now fail to come. */
  readonly eventsIn5Minutes: number
}

type Form = {
  readonly kind: IncidentKind
  readonly signal: string
  readonly factor: number
  readonly shapes: readonly IncidentShape[]
  /** Events for each attempt when all is well; 0 where the peer has none. */
  readonly usual: (habits: Habits) => number
}

const all: readonly IncidentShape[] = ['step', 'step', 'ramp', 'burst']
const steps: readonly IncidentShape[] = ['step']

const forms: readonly Form[] = [
  { kind: 'spike', signal: 'attempts', factor: 3, shapes: all, usual: () => 1 },
  { kind: 'spike', signal: 'rejections_501', factor: 3, shapes: all, usual: ({ rejections501 }) => rejections501 },
  {
    kind: 'spike',
    signal: 'early_media_failures',
    factor: 3,
    shapes: all,
    usual: ({ earlyMedia, answeredEarlyMedia, failedEarlyMedia }) => {
      const share = (1 - answeredEarlyMedia) * failedEarlyMedia
      // There is no room for three times as many.
      return share > 0.3 ? 0 : earlyMedia * share
    }
  },
  {
    kind: 'spike',
    signal: 'post_dial_delay',
    factor: 2.5,
    shapes: ['step', 'ramp'],
    usual: ({ seized }) => 0.4 * seized
  },
  { kind: 'spike', signal: 'unusable_codec_mismatch', factor: 50, shapes: steps, usual: () => 0.002 },
  { kind: 'drop', signal: 'attempts', factor: 0.3, shapes: ['step', 'ramp'], usual: () => 1 },
  { kind: 'drop', signal: 'asr', factor: 0.5, shapes: ['step', 'ramp'], usual: ({ answered }) => answered },
  { kind: 'drop', signal: 'early_media', factor: 0.4, shapes: steps, usual: ({ earlyMedia }) => earlyMedia },
  {
    kind: 'drop',
    signal: 'early_media_asr',
    factor: 0.4,
    shapes: steps,
    usual: ({ earlyMedia, answeredEarlyMedia }) => earlyMedia * answeredEarlyMedia
  },
  { kind: 'absence', signal: 'attempts', factor: 0, shapes: steps, usual: () => 1 },
  { kind: 'absence', signal: 'early_media', factor: 0, shapes: steps, usual: ({ earlyMedia }) => earlyMedia }
]

const HOUR = 3600
const WEEK = 168 * HOUR
/** Between the end of one and the next. */
const APART = 8 * HOUR
/** Fewer than this nobody would call an incident. */
const LEAST_IN_5_MINUTES = 20

type Plan = {
  readonly habits: Habits
  /** Seconds since 1970. */
  readonly from: number
  readonly until: number
  readonly perWeek: number
  /** Attempts a minute when all is well. */
  readonly rateAt: (second: number) => number
}

/** Incidents of one peer, in the order of time, at hours at which it has the calls for them. */
export function incidents(random: Random, { habits, from, until, perWeek, rateAt }: Plan): Label[] {
  const labels: Label[] = []
  const possible = forms.filter(({ usual }) => usual(habits) > 0)
  for (let at = from; ;) {
    at += random.exponential(Math.max(WEEK / perWeek - APART, HOUR))
    const form = random.pick(possible)
    const shape = random.pick(form.shapes)
    const end = at + (shape === 'burst' ? random.between(5, 10) * 60 : random.between(0.5, 3) * HOUR)
    if (!(end < until)) return labels
    const usual = 5 * rateAt(at) * form.usual(habits)
    const eventsIn5Minutes = form.kind === 'spike' ? usual * form.factor : usual * (1 - form.factor)
    if (eventsIn5Minutes < LEAST_IN_5_MINUTES) continue
    const { kind, signal, factor } = form
    labels.push({ kind, signal, shape, start: at, end, factor, eventsIn5Minutes })
    at = end + APART
  }
}

const RAMP = 20 * 60

/** What the signal of an incident is multiplied with, on average over the `seconds` that begin at `second`. */
export function factorAt({ start, end, factor, shape }: Label, second: number, seconds: number): number {
  const within = Math.max(0, Math.min(end, second + seconds) - Math.max(start, second)) / seconds
  const risen = shape === 'ramp' ? Math.min(1, Math.max(0, (second + seconds / 2 - start) / RAMP)) : 1
  return 1 + (factor - 1) * within * risen
}
