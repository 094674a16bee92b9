import { QUARTER, type Calendar, type Minute } from './calendar.ts'
import { addCounts, type MinuteCounts } from './minute-counts.ts'
import { POST_DIAL_DELAY, slowSignal, type Signal } from './signals.ts'
import { SlowBound, type SlowBoundState } from './slow-bound.ts'
import { Watch, type Finding, type Glance, type WatchState } from './watch.ts'

/** A peer in one direction, or an agent. */
export type SubjectName = { readonly name: string; readonly direction: 'outbound' | 'inbound' | 'agent' }

export type SubjectState = {
  readonly heardAt: Minute
  readonly watches: Readonly<Record<string, WatchState>>
  readonly slow?: SlowBoundState
}

export type Change = { readonly signal: Signal; readonly raised?: Finding; readonly ended?: Finding }

/** Minutes that are looked back on. */
export const KEPT_MINUTES = 3 * QUARTER

const nothing: MinuteCounts = {}

/** All that is watched of one peer. */
export class Subject {
  readonly name: SubjectName
  /** The last minute with anything in it. */
  heardAt: Minute
  readonly #calendar: Calendar
  readonly #watches = new Map<string, Watch>()
  readonly #slow: SlowBound | undefined
  readonly #minutes = new Map<Minute, MinuteCounts>()

  constructor(name: SubjectName, signals: readonly Signal[], calendar: Calendar, first: Minute) {
    this.name = name
    this.heardAt = first
    this.#calendar = calendar
    this.#slow = name.direction === 'agent' ? undefined : new SlowBound()
    for (const signal of signals) this.#watches.set(signal.name, new Watch(signal, calendar, first))
  }

  /** What lasts. */
  get findings(): { readonly signal: Signal; readonly finding: Finding }[] {
    return [...this.#watches.values()].flatMap(({ signal, finding }) => (finding ? [{ signal, finding }] : []))
  }

  /** Nobody listened before this minute: it is the first after a gap. */
  passOver(minute: Minute): void {
    this.#minutes.clear()
    for (const watch of this.#watches.values()) watch.passOver(minute)
  }

  /** Before the first minute of a quarter of an hour. */
  learn(quarter: Minute): void {
    for (const watch of this.#watches.values()) watch.learn(quarter)
    if (this.#slow) this.#learnDelays(this.#slow, quarter)
  }

  /** Looks at the minute after the last one, after so many of its ticks. */
  glance(minute: Minute, ticks: number, counts: Glance): Change[] {
    let changes: Change[] | undefined
    for (const watch of this.#watches.values()) {
      const { signal } = watch
      // Nothing rises where nothing comes.
      if (signal.watches === 'fall' || signal.events(counts.back[0]!) === 0) continue
      const raised = watch.glance(minute, ticks, counts)
      if (raised) (changes ??= []).push({ signal, raised })
    }
    return changes ?? []
  }

  /** Goes on with what was found at a glance. */
  raise(signal: string, finding: Finding): void {
    this.#watches.get(signal)?.raise(finding)
  }

  /** The minute after the last one; without counts there was nothing in it. */
  step(minute: Minute, counts: MinuteCounts = nothing): Change[] {
    this.#minutes.delete(minute - KEPT_MINUTES)
    if (counts !== nothing) {
      this.#minutes.set(minute, counts)
      this.heardAt = minute
    }
    let changes: Change[] | undefined
    for (const watch of this.#watches.values()) {
      const { signal } = watch
      const change = watch.step(minute, counts)
      if (change) (changes ??= []).push({ signal, ...change })
    }
    return changes ?? []
  }

  state(): SubjectState {
    const watches = Object.fromEntries(Array.from(this.#watches, ([name, watch]) => [name, watch.state()]))
    return { heardAt: this.heardAt, watches, ...(this.#slow && { slow: this.#slow.state() }) }
  }

  /** Takes the state of the beginning of `quarter`, and the minutes before that. */
  restore({ heardAt, watches, slow }: SubjectState, quarter: Minute, minutes: ReadonlyMap<Minute, MinuteCounts>): void {
    this.heardAt = heardAt
    if (slow) this.#restoreSlow(slow, quarter)
    for (const [name, state] of Object.entries(watches)) this.#watches.get(name)?.restore(state, quarter)
    for (let minute = quarter - KEPT_MINUTES; minute < quarter; minute++) {
      const counts = minutes.get(minute)
      if (counts) this.#minutes.set(minute, counts)
      for (const watch of this.#watches.values()) watch.recall(minute, counts ?? nothing)
    }
  }

  #restoreSlow(state: SlowBoundState, quarter: Minute): void {
    this.#slow?.restore(state)
    if (state.bound === undefined) return
    const signal = slowSignal(state.bound)
    this.#watches.set(signal.name, new Watch(signal, this.#calendar, quarter))
  }

  #learnDelays(slow: SlowBound, quarter: Minute): void {
    const learnt: MinuteCounts = {}
    for (let minute = quarter - 2 * QUARTER; minute < quarter - QUARTER; minute++) {
      addCounts(learnt, this.#minutes.get(minute) ?? nothing)
    }
    const before = this.#watches.get(POST_DIAL_DELAY)
    // What is unusual is not learnt.
    if (before?.finding || !learnt.delays || !slow.learn(learnt.delays)) return
    const signal = slowSignal(slow.bound!)
    this.#watches.set(signal.name, new Watch(signal, this.#calendar, quarter))
  }
}
