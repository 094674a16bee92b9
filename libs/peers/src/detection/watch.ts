import { Baseline, PART_OF_MINUTE, windows, type BaselineState, type Block } from './baseline.ts'
import {
  minuteOf,
  MINUTES_OF_DAY,
  MOST_TICKS,
  QUARTER,
  TICKS,
  type Calendar,
  type Minute,
  type Tick
} from './calendar.ts'
import type { MinuteCounts } from './minute-counts.ts'
import type { Signal } from './signals.ts'
import {
  aboveDrift,
  chanceOf,
  factorOf,
  gainOf,
  isCalm,
  isEnoughCalm,
  matters,
  type Stretch,
  type Way
} from './stretch.ts'

/** What was found to be unusual, and by what. */
export type Finding = {
  readonly kind: 'spike' | 'drop' | 'absence'
  readonly from: Minute
  /** The minute that showed it, and after how many ticks of it; without them when it was over. */
  readonly at: Minute
  readonly ticks?: number
  /** Where that were not whole minutes and the ticks of the last one. */
  readonly seconds?: number
  /** Minutes that were tested together. */
  readonly window: number
  readonly events: number
  readonly trials: number
  readonly expected: number
  readonly factor: number
  readonly chance: number
}

/** What there is of a minute that runs, and the last ticks, the newest first. */
export type Glance = { readonly soFar: MinuteCounts; readonly back: readonly (MinuteCounts | undefined)[] }

export type WatchState = {
  readonly baseline: BaselineState
  readonly silence: Silence
  readonly heardFrom: Minute
  readonly passedOver: Minute
  readonly active?: Active
  /** Of the first hours of what lasts. */
  readonly unlearnt?: readonly Block[]
}

type Silence = { from: Minute; trials: number; expected: number }
type Active = { readonly finding: Finding; calm: Stretch & { minutes: number } }

/** Minutes that are looked back on. */
const KEPT = 3 * QUARTER
/** What a month's tests of a peer may raise by chance if none overlapped; falls fewer, for they are not in such a hurry. */
const FALSE_ALERTS_A_MONTH = { rise: 4, fall: 0.5 }
const WATCHED_AT_ONCE = 10
const TESTS_A_MONTH = 30 * MINUTES_OF_DAY * windows.length * WATCHED_AT_ONCE
const isRare = (chance: number, way: Way): boolean => chance <= FALSE_ALERTS_A_MONTH[way] / TESTS_A_MONTH
/** In ticks: lengths of the stretches that rises are looked for in besides. */
const tickWindows: ReadonlySet<number> = new Set([2, 3, 4, 5, 7, 9, 12, 15, 18])
/** A minute that calms is within five of them; so many in a row end an alert. */
const CALM_WINDOW = windows.indexOf(5)
const CALM_MINUTES = 5
/** What lasts longer is the new usual; a peer that is silent for longer is gone. */
const LASTS_AT_MOST = { spike: MINUTES_OF_DAY, drop: MINUTES_OF_DAY, absence: 7 * MINUTES_OF_DAY }
/** Four hours of it. */
const MOST_UNLEARNT = 16
/** An absence is one of something that had been steady. */
const STEADY_EVENTS = 50

/**
 * Watches one signal of one peer, minute by minute, and says when it began to be unusual and when that was over.
 *
 * Whatever it says follows from the minutes alone. `learn` comes at each quarter of an hour before its first minute, and
 * the state is asked for then only: the minutes after it can be gone through again.
 */
export class Watch {
  readonly signal: Signal
  readonly #baseline: Baseline
  readonly #calendar: Calendar
  readonly #events = new Float64Array(KEPT)
  readonly #trials = new Float64Array(KEPT)
  readonly #squares: Float64Array | undefined
  /** For each trial of this quarter of an hour, of the one before, and so on. */
  readonly #rates = new Float64Array(4)
  #silence: Silence
  /** From here on somebody listened. */
  #heardFrom: Minute
  /** Up to here minutes are not tested together with others: they were of what is over. */
  #passedOver: Minute
  #active: Active | undefined
  #unlearnt: Block[] = []

  constructor(signal: Signal, calendar: Calendar, first: Minute) {
    this.signal = signal
    if (signal.squares) this.#squares = new Float64Array(KEPT)
    this.#calendar = calendar
    this.#baseline = new Baseline(signal)
    this.#heardFrom = first
    this.#passedOver = first - 1
    this.#silence = { from: first, trials: 0, expected: 0 }
  }

  get finding(): Finding | undefined {
    return this.#active?.finding
  }

  /** Fills in a minute that was gone through before: of what is before the state that was restored. */
  recall(minute: Minute, counts: MinuteCounts, minutes = 1): void {
    const { events, trials, squares } = this.signal
    this.#events[minute % KEPT] = events(counts)
    this.#trials[minute % KEPT] = trials(counts, minutes)
    if (this.#squares && squares) this.#squares[minute % KEPT] = squares(counts)
  }

  /** Nobody listened before this minute. */
  passOver(minute: Minute): void {
    this.#events.fill(0)
    this.#trials.fill(0)
    this.#squares?.fill(0)
    this.#heardFrom = minute
    this.#passedOver = minute - 1
    this.#silence = { from: minute, trials: 0, expected: 0 }
  }

  /** A quarter of an hour begins: learns the last but one, so that what is tested has not been learnt yet. */
  learn(quarter: Minute): void {
    const start = quarter - 2 * QUARTER
    if (start >= this.#heardFrom) {
      const places = Array.from({ length: QUARTER }, (_, minute) => (start + minute) % KEPT)
      const of = (values: Float64Array): number[] => places.map(place => values[place]!)
      const squares = this.#squares && of(this.#squares)
      this.#learn({ start, events: of(this.#events), trials: of(this.#trials), ...(squares && { squares }) })
    }
    this.#know(quarter)
  }

  /**
   * Takes what there is of the next minute after some of its ticks, and looks for a rise only: that is in a hurry. What
   * it found then.
   */
  glance(minute: Minute, ticks: number, { soFar, back }: Glance): Finding | undefined {
    this.recall(minute, soFar, ticks / TICKS)
    if (this.#active || !this.#baseline.isReady) return undefined
    const raised =
      this.#testWindows(minute, 'rise', { isPart: ticks < TICKS }) ?? this.#testTicks(minute * TICKS + ticks - 1, back)
    return raised && this.raise({ ...raised, ticks })
  }

  /** Goes on with what was found. */
  raise(finding: Finding): Finding {
    this.#active = { finding, calm: noCalm() }
    return finding
  }

  /** Takes the next minute, now that it is over; what it found then, or what is over. */
  step(minute: Minute, counts: MinuteCounts): { raised?: Finding; ended?: Finding } | undefined {
    this.recall(minute, counts)
    const [events, trials] = [this.#events[minute % KEPT]!, this.#trials[minute % KEPT]!]
    if (events > 0) this.#silence = { from: minute + 1, trials: 0, expected: 0 }
    else {
      this.#silence.trials += trials
      this.#silence.expected += trials * this.#rates[0]! * this.#baseline.level
    }
    if (this.#active) return this.#follow(this.#active, minute, events, trials)
    if (!this.#baseline.isReady) return undefined
    const raised = this.#test(minute, events)
    return raised && { raised: this.raise(raised) }
  }

  state(): WatchState {
    return {
      baseline: this.#baseline.state(),
      silence: this.#silence,
      heardFrom: this.#heardFrom,
      passedOver: this.#passedOver,
      ...(this.#active && { active: this.#active }),
      ...(this.#unlearnt.length > 0 && { unlearnt: this.#unlearnt })
    }
  }

  restore({ baseline, silence, heardFrom, passedOver, active, unlearnt = [] }: WatchState, quarter: Minute): void {
    this.#baseline.restore(baseline)
    this.#silence = silence
    this.#heardFrom = heardFrom
    this.#passedOver = passedOver
    this.#active = active
    this.#unlearnt = [...unlearnt]
    this.#know(quarter)
  }

  /** While it is unusual nothing is learnt; when that is over, what may come again at its hour. */
  #learn(block: Block): void {
    if (this.#active) {
      if (this.#unlearnt.length < MOST_UNLEARNT) this.#unlearnt.push(block)
      return
    }
    const isUsual = block.start > this.#passedOver
    for (const each of isUsual ? this.#unlearnt : [...this.#unlearnt, block]) {
      this.#baseline.learnCautiously(each, this.#calendar)
    }
    this.#unlearnt = []
    if (isUsual) this.#baseline.learn(block, this.#calendar)
  }

  #know(quarter: Minute): void {
    for (const back of this.#rates.keys())
      this.#rates[back] = this.#baseline.rate(quarter - back * QUARTER, this.#calendar)
  }

  #test(minute: Minute, events: number): Finding | undefined {
    const { watches } = this.signal
    // A rise does not begin with nothing.
    const rise = watches !== 'fall' && events > 0 ? this.#testWindows(minute, 'rise') : undefined
    if (rise || watches === 'rise') return rise
    return this.#testSilence(minute) ?? this.#testWindows(minute, 'fall')
  }

  #testWindows(minute: Minute, way: Way, { isPart = false } = {}): Finding | undefined {
    const longest = Math.min(minute - this.#passedOver, windows.at(-1)!)
    const { isShare } = this.signal
    const stretch = noStretch()
    let at = 0
    for (let length = 1; length <= longest; length++) {
      this.#extend(stretch, minute - length + 1, minute)
      if (length !== windows[at]) continue
      at++
      if (!matters(stretch, way, isShare)) continue
      const usual = way === 'rise' ? this.#aboveDrift(stretch, minute - length + 1, minute) : stretch
      const spread = this.#spread(isPart && this.#squares && length === 1 ? PART_OF_MINUTE : at - 1, usual)
      const chance = chanceOf(usual, way, isShare, spread)
      if (!isRare(chance, way)) continue
      const kind = way === 'rise' ? 'spike' : stretch.events === 0 ? 'absence' : 'drop'
      return this.#found(kind, this.#startOf(minute, length), minute, length, stretch, chance)
    }
    return undefined
  }

  /** Rises that began within a minute: whole minutes would mix them with what was before. */
  #testTicks(now: Tick, back: Glance['back']): Finding | undefined {
    const { signal } = this
    const { isShare } = signal
    const minute = minuteOf(now)
    const stretch = noStretch()
    for (let length = 1; length <= MOST_TICKS; length++) {
      const first = minuteOf(now - length + 1)
      if (first <= this.#passedOver) return undefined
      const counts = back[length - 1] ?? nothing
      this.#add(stretch, signal.events(counts), signal.trials(counts, 1 / TICKS), first, minute)
      if (!tickWindows.has(length) || !matters(stretch, 'rise', isShare)) continue
      const usual = this.#aboveDrift(stretch, first, minute)
      const window = Math.ceil(length / TICKS)
      const place = this.#squares && length < TICKS ? PART_OF_MINUTE : windows.indexOf(window as 1)
      const chance = chanceOf(usual, 'rise', isShare, this.#spread(place, usual))
      if (!isRare(chance, 'rise')) continue
      const found = this.#found('spike', this.#startOf(minute, window), minute, window, stretch, chance)
      return { ...found, seconds: (60 / TICKS) * length }
    }
    return undefined
  }

  /** Of a count: held against the half hour before it, if that was more than usual: the level is slower to learn. */
  #aboveDrift(stretch: Stretch, from: Minute, now: Minute): Stretch {
    if (this.signal.per !== 'minute') return stretch
    const before = noStretch()
    for (let minute = Math.max(from - 2 * QUARTER, this.#passedOver + 1); minute < from; minute++) {
      this.#extend(before, minute, now)
    }
    return aboveDrift(before, stretch)
  }

  /** Nothing at all for too long, however rare the events are. */
  #testSilence(minute: Minute): Finding | undefined {
    const { isShare } = this.signal
    const { from, trials, expected } = this.#silence
    if (expected === 0 || this.#baseline.events < STEADY_EVENTS) return undefined
    const stretch = { events: 0, trials, expected: isShare ? Math.min(expected, trials) : expected }
    if (!matters(stretch, 'fall', isShare)) return undefined
    const chance = chanceOf(stretch, 'fall', isShare, this.#spread(windows.length - 1, stretch))
    return !isRare(chance, 'fall')
      ? undefined
      : this.#found('absence', from, minute, minute - from + 1, stretch, chance)
  }

  #found(kind: Finding['kind'], from: Minute, at: Minute, window: number, stretch: Stretch, chance: number): Finding {
    return { kind, from, at, window, ...stretch, factor: factorOf(stretch, this.signal.isShare), chance }
  }

  /** Where, from the newest minute back, the minutes speak loudest. */
  #startOf(minute: Minute, length: number): Minute {
    const stretch = noStretch()
    let [best, start] = [-Infinity, minute - length + 1]
    const longest = Math.min(minute - this.#passedOver, 2 * QUARTER)
    for (let back = 1; back <= longest; back++) {
      this.#extend(stretch, minute - back + 1, minute)
      const gain = gainOf(stretch)
      if (gain <= best) continue
      best = gain
      start = minute - back + 1
    }
    return start
  }

  #follow(active: Active, minute: Minute, events: number, trials: number): { ended: Finding } | undefined {
    const { finding, calm } = active
    const way = finding.kind === 'spike' ? 'rise' : 'fall'
    const { isShare } = this.signal
    const stretch = noStretch()
    for (let length = 1; length <= windows[CALM_WINDOW]!; length++) this.#extend(stretch, minute - length + 1, minute)
    if (isCalm(stretch, way, isShare, this.#spread(CALM_WINDOW, stretch))) {
      calm.minutes++
      calm.events += events
      calm.trials += trials
    } else active.calm = noCalm()
    const isOver = active.calm.minutes >= CALM_MINUTES && isEnoughCalm(active.calm, way, isShare)
    const isUsual = minute - finding.at >= LASTS_AT_MOST[finding.kind]
    if (!isOver && !isUsual) return undefined
    if (!isOver) {
      this.#baseline.settle(stretch.events, stretch.expected / this.#baseline.level)
      this.#unlearnt = []
    }
    this.#active = undefined
    this.#passedOver = minute
    this.#silence = { from: minute + 1, trials: 0, expected: 0 }
    return { ended: finding }
  }

  /** Adds one minute, of this quarter of an hour or those before that of `now`. */
  #extend(stretch: Stretch, minute: Minute, now: Minute): void {
    const place = minute % KEPT
    this.#add(stretch, this.#events[place]!, this.#trials[place]!, minute, now)
  }

  #add(stretch: Stretch, events: number, trials: number, minute: Minute, now: Minute): void {
    const quarters = Math.floor(now / QUARTER) - Math.floor(minute / QUARTER)
    const expected = trials * this.#rates[quarters]! * this.#baseline.level
    stretch.events += events
    stretch.trials += trials
    stretch.expected += this.signal.isShare ? Math.min(expected, trials) : expected
  }

  #spread(window: number, { trials, expected }: Stretch): number {
    return this.#baseline.spread(window, expected / trials)
  }
}

const nothing: MinuteCounts = {}
const noStretch = (): Stretch => ({ events: 0, trials: 0, expected: 0 })
const noCalm = (): Active['calm'] => ({ ...noStretch(), minutes: 0 })
