import type { Alert } from './alert.ts'
import type { DetectorChange } from './detector.ts'
import { headroomAlert, headroomEnded } from './headroom-alert.ts'
import { KeyedStates } from './keyed-states.ts'
import type { MaintenanceWindow, PeerEntry } from './registry-lookup.ts'

/** What a peer has contracted (PA-1), in both directions together. */
export type Contract = Pick<PeerEntry, 'calls' | 'cps'>

export type Signal = keyof Contract
type Severity = Alert['severity']

/** Shares of the contracted figure above which an alert starts. */
const shares: Readonly<Record<Severity, number>> = { warning: 0.8, critical: 1 }
/** It lasts until the share was so much lower for so many seconds. */
const HYSTERESIS = 0.05
const CALM_SECONDS = 60
/** Seconds above the share, of the last 60, that start an alert: attempts come in bursts, calls stay. */
const secondsOver: Readonly<Record<Signal, number>> = { calls: 1, cps: 3 }

type Level = {
  readonly lasts: boolean
  /** The last seconds above the share, as many as it takes. */
  readonly over: readonly number[]
  /** The last second in which it was not calm. */
  readonly near: number
}

/** A figure of a peer that is, or lately was, near to what was contracted. */
type Track = {
  readonly peer: string
  readonly signal: Signal
  /** In its last second. Calls are as many until told otherwise. */
  readonly value: number
  readonly warning: Level
  readonly critical: Level
  readonly alert: Alert | null
}

/** Tells where concurrent calls or attempts per second come near to what a peer has contracted (K-4). */
export class CapacityLimits {
  readonly #tracks = new KeyedStates<Track>('headroom', 1)
  readonly #contractOf: ((peer: string) => Contract | undefined) | undefined
  readonly #maintenanceOf: (peer: string) => readonly MaintenanceWindow[]
  #alerts: Alert[] = []

  /** @param contractOf without it nothing is judged: for whoever only follows the state */
  constructor(
    contractOf: ((peer: string) => Contract | undefined) | undefined,
    maintenanceOf: (peer: string) => readonly MaintenanceWindow[]
  ) {
    this.#contractOf = contractOf
    this.#maintenanceOf = maintenanceOf
  }

  /** The first word of its keys. */
  get word(): string {
    return this.#tracks.word
  }

  /** What the figures of a peer were in this second. To be told in the order of seconds. */
  note(peer: string, second: number, values: Readonly<Record<Signal, number>>): void {
    const contract = this.#contractOf?.(peer)
    if (!contract) return
    for (const signal of ['calls', 'cps'] as const) {
      const contracted = contract[signal]
      if (contracted !== undefined) this.#note({ peer, signal }, second, values[signal], contracted)
    }
  }

  /** Everything before this second was noted. */
  advance(second: number): void {
    if (!this.#contractOf) return
    for (const track of this.#tracks.values()) this.#calm(track, second)
  }

  /** Those that started or ended since the last call of this. */
  alerts(): Alert[] {
    const alerts = this.#alerts
    this.#alerts = []
    return alerts
  }

  changes(): DetectorChange[] {
    return this.#tracks.changes()
  }

  restore(key: string, value: Buffer | undefined): void {
    this.#tracks.restore(key, value)
  }

  #note(about: Pick<Track, 'peer' | 'signal'>, second: number, value: number, contracted: number): void {
    const known = this.#tracks.get(about.peer, about.signal)
    const share = value / contracted
    if (!known && !isNear(share, 'warning')) return
    const { alert, ...track } = known ? this.#calm(known, second) : { warning: calm, critical: calm, alert: null }
    const isSilent = this.#isSilent(about.peer, second)
    const levels = (severity: Severity): Level => {
      const level = noted(track[severity], { second, share, severity, needed: secondsOver[about.signal] })
      return isSilent ? { ...level, lasts: track[severity].lasts } : level
    }
    this.#keep({ ...about, value, warning: levels('warning'), critical: levels('critical'), alert }, second)
  }

  /** Ends what has been calm for long enough, each at the second from which on it was. */
  #calm(track: Track, second: number): Track {
    const share = track.signal === 'calls' ? track.value / this.#contracted(track) : 0
    const stood = (severity: Severity): Level =>
      isNear(share, severity) ? { ...track[severity], near: second - 1 } : track[severity]
    let now: Track = { ...track, warning: stood('warning'), critical: stood('critical') }
    const ends = [calmAt(now.critical), calmAt(now.warning)].filter(end => end <= second)
    for (const end of ends.sort((a, b) => a - b)) {
      const ended = (level: Level): Level => (calmAt(level) <= end ? { ...level, lasts: false } : level)
      now = this.#keep({ ...now, warning: ended(now.warning), critical: ended(now.critical) }, end)
    }
    if (!now.warning.lasts && now.warning.near + CALM_SECONDS < second) this.#tracks.delete(now.peer, now.signal)
    return now
  }

  /** Keeps the track, and tells what follows from it in this second. */
  #keep(track: Track, second: number): Track {
    const severity = track.critical.lasts ? 'critical' : track.warning.lasts ? 'warning' : undefined
    let { alert } = track
    if (alert?.severity !== severity) {
      if (alert) this.#alerts.push(headroomEnded(alert, second))
      alert = severity ? headroomAlert({ ...track, contracted: this.#contracted(track), severity, second }) : null
      if (alert) this.#alerts.push(alert)
    }
    const kept = { ...track, alert }
    this.#tracks.set(kept, track.peer, track.signal)
    return kept
  }

  /** Of a peer that is not in the registry any more nothing is near. */
  #contracted({ peer, signal }: Track): number {
    return this.#contractOf?.(peer)?.[signal] ?? Infinity
  }

  #isSilent(peer: string, second: number): boolean {
    return this.#maintenanceOf(peer).some(({ from, to }) => second * 1e6 >= from && second * 1e6 < to)
  }
}

const calm: Level = { lasts: false, over: [], near: 0 }

const isNear = (share: number, severity: Severity): boolean => share > shares[severity] - HYSTERESIS

/** The second from which on it is over; Infinity for what does not last. */
const calmAt = ({ lasts, near }: Level): number => (lasts ? near + CALM_SECONDS + 1 : Infinity)

type Noted = {
  readonly second: number
  readonly share: number
  readonly severity: Severity
  readonly needed: number
}

function noted({ lasts, over, near }: Level, { second, share, severity, needed }: Noted): Level {
  const isOver = share > shares[severity]
  const seconds = isOver ? [...over.filter(each => each > second - CALM_SECONDS), second].slice(-needed) : over
  return {
    lasts: lasts || (isOver && seconds.length >= needed),
    over: seconds,
    near: isNear(share, severity) ? second : near
  }
}
