import { Baseline, windows, type BaselineState } from './baseline.ts'
import { MINUTES_OF_DAY, QUARTER, type Calendar, type Minute } from './calendar.ts'
import type { Signal } from './signals.ts'
import { chanceOf, factorOf, gainOf, isCalm, isEnoughCalm, matters, type Stretch, type Way } from './stretch.ts'

/** What was found to be unusual, and by what. */
export type Finding = {
  readonly kind: 'spike' | 'drop' | 'absence'
  readonly from: Minute
  /** The minute that showed it. */
  readonly at: Minute
  /** Minutes that were tested together. */
  readonly window: number
  readonly events: number
  readonly trials: number
  readonly expected: number
  readonly factor: number
  readonly chance: number
}

export type WatchState = {
  readonly baseline: BaselineState
  readonly silence: Silence
  readonly heardFrom: Minute
  readonly passedOver: Minute
  readonly active?: Active
  /** Of the first hours of what lasts. */
  readonly unlearnt?: readonly Block[]
}

/** A quarter of an hour, minute by minute. */
type Block = { readonly start: Minute; readonly events: readonly number[]; readonly trials: readonly number[] }
type Silence = { from: Minute; trials: number; expected: number }
type Active = { readonly finding: Finding; calm: Stretch & { minutes: number } }

/** Minutes that are looked back on. */
const KEPT = 3 * QUARTER
/** What a month's tests of a peer may raise by chance if none overlapped; falls fewer, for they are not in such a hurry. */
const FALSE_ALERTS_A_MONTH = { rise: 2, fall: 0.5 }
const WATCHED_AT_ONCE = 10
const TESTS_A_MONTH = 30 * MINUTES_OF_DAY * windows.length * WATCHED_AT_ONCE
const isRare = (chance: number, way: Way): boolean => chance <= FALSE_ALERTS_A_MONTH[way] / TESTS_A_MONTH
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
  /** For each trial of this quarter of an hour, of the one before, and of the one before that. */
  readonly #rates = new Float64Array(3)
  #silence: Silence
  /** From here on somebody listened. */
  #heardFrom: Minute
  /** Up to here minutes are not tested together with others: they were of what is over. */
  #passedOver: Minute
  #active: Active | undefined
  #unlearnt: Block[] = []

  constructor(signal: Signal, calendar: Calendar, first: Minute) {
    this.signal = signal
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
  recall(minute: Minute, events: number, trials: number): void {
    this.#events[minute % KEPT] = events
    this.#trials[minute % KEPT] = trials
  }

  /** Nobody listened before this minute. */
  passOver(minute: Minute): void {
    this.#events.fill(0)
    this.#trials.fill(0)
    this.#heardFrom = minute
    this.#passedOver = minute - 1
    this.#silence = { from: minute, trials: 0, expected: 0 }
  }

  /** A quarter of an hour begins: learns the last but one, so that what is tested has not been learnt yet. */
  learn(quarter: Minute): void {
    const start = quarter - 2 * QUARTER
    if (start >= this.#heardFrom) {
      const places = Array.from({ length: QUARTER }, (_, minute) => (start + minute) % KEPT)
      const events = places.map(place => this.#events[place]!)
      const trials = places.map(place => this.#trials[place]!)
      this.#learn({ start, events, trials })
    }
    this.#know(quarter)
  }

  /** Takes the next minute; what it found then, or what is over. */
  step(minute: Minute, events: number, trials: number): { raised?: Finding; ended?: Finding } | undefined {
    this.recall(minute, events, trials)
    if (events > 0) this.#silence = { from: minute + 1, trials: 0, expected: 0 }
    else {
      this.#silence.trials += trials
      this.#silence.expected += trials * this.#rates[0]! * this.#baseline.level
    }
    if (this.#active) return this.#follow(this.#active, minute, events, trials)
    if (!this.#baseline.isReady) return undefined
    const raised = this.#test(minute, events)
    if (!raised) return undefined
    this.#active = { finding: raised, calm: noCalm() }
    return { raised }
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
    for (const { start, events, trials } of isUsual ? this.#unlearnt : [...this.#unlearnt, block]) {
      this.#baseline.learnCautiously(start, this.#calendar, events, trials)
    }
    this.#unlearnt = []
    if (isUsual) this.#baseline.learn(block.start, this.#calendar, block.events, block.trials)
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

  #testWindows(minute: Minute, way: Way): Finding | undefined {
    const longest = Math.min(minute - this.#passedOver, windows.at(-1)!)
    const { isShare } = this.signal
    const stretch = noStretch()
    let at = 0
    for (let length = 1; length <= longest; length++) {
      this.#extend(stretch, minute - length + 1, minute)
      if (length !== windows[at]) continue
      at++
      if (!matters(stretch, way, isShare)) continue
      const chance = chanceOf(stretch, way, isShare, this.#spread(at - 1, stretch))
      if (!isRare(chance, way)) continue
      const kind = way === 'rise' ? 'spike' : stretch.events === 0 ? 'absence' : 'drop'
      return this.#found(kind, this.#startOf(minute, length), minute, length, stretch, chance)
    }
    return undefined
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

  /** Adds one minute, of this quarter of an hour or the two before that of `now`. */
  #extend(stretch: Stretch, minute: Minute, now: Minute): void {
    const place = minute % KEPT
    const quarters = Math.floor(now / QUARTER) - Math.floor(minute / QUARTER)
    const trials = this.#trials[place]!
    const expected = trials * this.#rates[quarters]! * this.#baseline.level
    stretch.events += this.#events[place]!
    stretch.trials += trials
    stretch.expected += this.signal.isShare ? Math.min(expected, trials) : expected
  }

  #spread(window: number, { trials, expected }: Stretch): number {
    return this.#baseline.spread(window, expected / trials)
  }
}

const noStretch = (): Stretch => ({ events: 0, trials: 0, expected: 0 })
const noCalm = (): Active['calm'] => ({ ...noStretch(), minutes: 0 })
