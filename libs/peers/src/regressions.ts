import { isRejection, type MethodEvidence } from '@earshot/calls'
import { KeyedStates } from './keyed-states.ts'
import { OTHER } from './methods.ts'
import type { DetectorChange } from './detector.ts'

/*
 * MC-9. Times are epoch seconds; what is of one second is taken as: first what worked, then what was rejected.
 */

const DAY = 86_400
const LEARNING_DAYS = 7
const ENOUGH_OK = 20
/** Fewer are enough where they lie a day apart. */
const FEW_OK = 5
const REJECTIONS = 5
const WINDOW = 900
/** At most as many worked as were rejected: 50 % of the evidence. */
const MOST_OK_BETWEEN = REJECTIONS
const OK_IN_A_ROW = 20
const CALM_SHARE = 0.1
/** A quarter of an hour in which hardly anybody tried proves no recovery. */
const FEWEST_CALM_OK = 5

type Day = [day: number, ok: number, first: number, last: number]
type Rejected = { readonly second: number; okSince: number; readonly callId: string; readonly code: number }

type Track = {
  /** Days of the learning window, with as many ok as are enough at most, and their first and last second. */
  days: Day[]
  /** The last ones that can still begin a regression. */
  rejected: Rejected[]
  /** Since it is regressed. */
  regressed?: Regressed
}

type Regressed = {
  readonly since: number
  okInARow: number
  calmSince: number
  calmOk: number
  calmRejected: number
  lastSeen: number
}

/** A method that a peer took is rejected by it. */
export type Regression = {
  readonly peer: string
  readonly method: string
  /** The first of the rejections that said so. */
  readonly since: number
  readonly raised: number
  readonly codes: readonly number[]
  readonly callIds: readonly string[]
  /** What worked among the evidence since. */
  readonly ok: number
}

export type Recovery = {
  readonly peer: string
  readonly method: string
  readonly since: number
  readonly ended: number
}

export type RegressionEvents = {
  readonly regressed: (regression: Regression) => void
  readonly recovered: (recovery: Recovery) => void
}

/** Learns which methods work at a peer, and tells when one does not any more and when it does again. */
export class Regressions {
  readonly #tracks = new KeyedStates<Track>('learnt', 1)
  readonly #events: RegressionEvents
  readonly #inMaintenance: (peer: string, second: number) => boolean
  /** The tracks that are regressed, by peer and method. */
  readonly #regressed = new Map<string, readonly [peer: string, method: string, track: Track]>()

  constructor(events: RegressionEvents, inMaintenance: (peer: string, second: number) => boolean) {
    this.#events = events
    this.#inMaintenance = inMaintenance
  }

  get keys(): readonly string[] {
    return [this.#tracks.word]
  }

  /** Since when; undefined where it is not. */
  regressedSince(peer: string, method: string): number | undefined {
    return this.#tracks.get(peer, method)?.regressed?.since
  }

  /** It worked often enough within the learning window. */
  hasLearnt(peer: string, method: string, now: number): boolean {
    const track = this.#tracks.get(peer, method)
    return track !== undefined && isLearnt(track, now)
  }

  observe(row: MethodEvidence): void {
    const { peer, method, code, second } = row
    const track = this.#tracks.get(peer, method) ?? { days: [], rejected: [] }
    if (track.regressed) this.#endIfCalm(peer, method, track, second)
    if (isRejection(code)) this.#rejected(track, row)
    else if (track.regressed) this.#worksAgain(track, row)
    else this.#worked(track, row)
  }

  /** Everything before this second has been observed. */
  advance(until: number): void {
    for (const [peer, method, track] of this.#regressed.values()) this.#endIfCalm(peer, method, track, until)
  }

  changes(): DetectorChange[] {
    return this.#tracks.changes()
  }

  restore(key: string, value: Buffer | undefined): void {
    const track = this.#tracks.restore(key, value)
    const [peer, method] = JSON.parse(key.slice(this.#tracks.word.length + 1)) as [string, string]
    const name = `${method} ${peer}`
    if (track?.regressed) this.#regressed.set(name, [peer, method, track])
    else this.#regressed.delete(name)
  }

  #worked(track: Track, { peer, method, code, count, second }: MethodEvidence): void {
    // OPTIONS counts only where it was answered 2xx before: other answers are no answer to a ping.
    const learns = method !== 'OPTIONS' || code < 300
    const hasLearnt = learns && learn(track, second, count)
    if (track.rejected.length > 0) {
      for (const each of track.rejected) each.okSince += count
      track.rejected = track.rejected.filter(({ okSince }) => okSince <= MOST_OK_BETWEEN)
    } else if (!hasLearnt) return
    this.#tracks.set(track, peer, method)
  }

  #rejected(track: Track, { peer, method, code, count, second, callId }: MethodEvidence): void {
    const { regressed } = track
    if (regressed) {
      regressed.okInARow = 0
      regressed.lastSeen = second
      regressed.calmRejected += count
      if (regressed.calmRejected >= CALM_SHARE * (regressed.calmRejected + regressed.calmOk)) {
        Object.assign(regressed, { calmSince: second, calmOk: 0, calmRejected: 0 })
      }
    } else {
      // Nobody disables INVITE (MC-3), and OTHER is no one method.
      if (method === 'INVITE' || method === OTHER || this.#inMaintenance(peer, second)) return
      const added = Array.from({ length: Math.min(count, REJECTIONS) }, () => ({ second, okSince: 0, callId, code }))
      track.rejected = [...track.rejected, ...added].filter(each => second - each.second <= WINDOW).slice(-REJECTIONS)
      if (track.rejected.length === REJECTIONS && isLearnt(track, second)) this.#regress(track, peer, method, second)
    }
    this.#tracks.set(track, peer, method)
  }

  #regress(track: Track, peer: string, method: string, second: number): void {
    const { rejected } = track
    const { second: since, okSince } = rejected[0]!
    track.regressed = { since, okInARow: 0, calmSince: second, calmOk: 0, calmRejected: 0, lastSeen: second }
    track.rejected = []
    this.#regressed.set(`${method} ${peer}`, [peer, method, track])
    this.#events.regressed({
      peer,
      method,
      since,
      raised: second,
      codes: [...new Set(rejected.map(({ code }) => code))].sort((a, b) => a - b),
      callIds: [...new Set(rejected.map(({ callId }) => callId))],
      ok: okSince
    })
  }

  #worksAgain(track: Track, { peer, method, count, second }: MethodEvidence): void {
    const regressed = track.regressed!
    regressed.okInARow += count
    regressed.calmOk += count
    regressed.lastSeen = second
    this.#tracks.set(track, peer, method)
    if (regressed.okInARow >= OK_IN_A_ROW) this.#recover(peer, method, track, second)
    else this.#endIfCalm(peer, method, track, second)
  }

  #endIfCalm(peer: string, method: string, track: Track, now: number): void {
    const { calmSince, calmOk, lastSeen } = track.regressed!
    if (now < calmSince + WINDOW || calmOk < FEWEST_CALM_OK) return
    this.#recover(peer, method, track, Math.max(calmSince + WINDOW, lastSeen))
  }

  #recover(peer: string, method: string, track: Track, ended: number): void {
    const { since, okInARow } = track.regressed!
    delete track.regressed
    this.#regressed.delete(`${method} ${peer}`)
    learn(track, ended, okInARow)
    this.#tracks.set(track, peer, method)
    this.#events.recovered({ peer, method, since, ended })
  }
}

/** False where that much was known. */
function learn(track: Track, second: number, count: number): boolean {
  const day = Math.floor(second / DAY)
  const last = track.days.at(-1)
  if (last?.[0] !== day) {
    track.days = [
      ...track.days.filter(([each]) => each >= day - LEARNING_DAYS),
      [day, Math.min(count, ENOUGH_OK), second, second]
    ]
    return true
  }
  if (last[1] >= ENOUGH_OK) return false
  last[1] = Math.min(last[1] + count, ENOUGH_OK)
  last[3] = second
  return true
}

function isLearnt({ days }: Track, now: number): boolean {
  const own = days.filter(([day]) => day >= Math.floor(now / DAY) - LEARNING_DAYS)
  const ok = own.reduce((sum, [, count]) => sum + count, 0)
  if (ok >= ENOUGH_OK) return true
  return ok >= FEW_OK && own.at(-1)![3] - own[0]![2] >= DAY
}
