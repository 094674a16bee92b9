import type { Direction } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'
import type { Alert } from '../alert.ts'
import type { MaintenanceWindow } from '../registry-lookup.ts'
import { OVERFLOW } from '../registry-names.ts'
import type { Detector, DetectorChange, Observation } from '../detector.ts'
import {
  Calendar,
  MICROS_OF_TICK,
  minuteOf,
  MINUTES_OF_DAY,
  QUARTER,
  TICKS,
  type Minute,
  type Tick
} from './calendar.ts'
import {
  addCounts,
  countedAt,
  fold,
  increase,
  type CountedRecord,
  type GivenCounts,
  type MinuteCounts
} from './minute-counts.ts'
import { agentSignals, signals } from './signals.ts'
import { RecentCounts } from './recent-counts.ts'
import { Subject, type Change, type SubjectName, type SubjectState } from './subject.ts'
import { byName, foundAt, SETTLES, told, toldAt } from './told.ts'
import type { Finding } from './watch.ts'
import { alertOf } from './wording.ts'

/** A peer of which nothing was heard for so long is not known any more. */
const FORGOTTEN = 30 * MINUTES_OF_DAY
/** When for so long nothing at all was heard of anybody, nobody has listened: what follows is passed over. */
const DEAF = 3 * MINUTES_OF_DAY

const FORMAT = 2
/** First words of the keys of its state. */
const words = {
  time: 'traffic-time',
  learnt: 'traffic-learnt',
  minute: 'traffic-minute',
  tick: 'traffic-tick',
  glanced: 'traffic-glanced'
} as const
const CLOCK = `${words.time} next`

/** `next` was a minute in format 1. */
type Clock = { readonly next: Tick; readonly heardAt: Minute }
/** Found in this quarter of an hour before the minute was over, which its counts alone do not tell. */
type Glanced = { readonly found: readonly (readonly [signal: string, finding: Finding])[] }

export type TrafficWatchOptions = {
  /** IANA name of the zone whose days and weeks the traffic has. */
  readonly timeZone?: string | undefined
  /** The windows of a peer in which nothing that is found is told. */
  readonly maintenanceOf?: (peer: string) => readonly MaintenanceWindow[]
  /** For whoever calls `changes`. */
  readonly keepsChanges?: boolean
}

/**
 * Finds what is unusual of each peer and direction: spikes, drops and absences of the signals of `signals.ts`. Give it
 * records in any order, and the watermark: a minute is judged once that has passed its end, and looked at for spikes
 * every ten seconds before.
 *
 * It reads no clock. The same records give the same alerts, however they were cut into batches, and whether or not it
 * was restored between two of them.
 */
export class TrafficWatch implements Detector {
  readonly keys = Object.values(words)
  readonly observes = ['attempt', 'rejection'] as const
  /** Records of ticks that were looked at before: they change nothing. */
  late = 0
  readonly #calendar: Calendar
  readonly #keepsChanges: boolean
  readonly #maintenanceOf: (peer: string) => readonly MaintenanceWindow[]
  readonly #subjects = new Map<string, Subject>()
  readonly #recent = new RecentCounts((kind, at, id, counts) => this.#change(`${words[kind]} ${at} ${id}`, counts))
  readonly #glanced = new Map<string, Glanced>()
  /** State changed and not asked for yet, by key; counts as they stand when it is. */
  readonly #changed = new Map<string, Buffer | MinuteCounts | undefined>()
  /** Given back, and not taken up yet. */
  readonly #restored = new Map<string, SubjectState>()
  /** The next to be looked at. */
  #next: Tick | undefined
  /** The last minute in which anything was heard of anybody. */
  #heardAt: Minute = 0
  #told: Alert[] = []
  #isRestored = false

  /** @throws RangeError for a time zone that there is not */
  constructor({ timeZone, maintenanceOf = () => [], keepsChanges = false }: TrafficWatchOptions = {}) {
    this.#maintenanceOf = maintenanceOf
    this.#calendar = new Calendar(timeZone)
    this.#keepsChanges = keepsChanges
  }

  /** Counts a record. Attempts between our own equipment are nobody's (PA-2). */
  observe(record: CountedRecord | Observation): void {
    if (record.kind !== 'attempt' && record.kind !== 'rejection') return
    if (record.direction === 'internal') return
    const counts = this.#countsOf(record.direction, record.peer, countedAt(record))
    if (counts) fold(counts, record)
  }

  /** Adds what was counted of a peer elsewhere, of the ten seconds that this time is in. */
  add(peer: string, direction: Exclude<Direction, 'internal'>, at: EpochMicros, counts: GivenCounts): void {
    const known = this.#countsOf(direction, peer, at)
    if (known) addCounts(known, counts)
  }

  /** Counts packets of an agent, so that its silence is seen, and for how long before `at` somebody listened to it. */
  heard(agent: string, at: EpochMicros, packets: number, listenedSeconds: number): void {
    const counts = this.#countsOf('agent', agent, at)
    if (!counts) return
    increase(counts, 'packets', packets)
    increase(counts, 'listenedSeconds', listenedSeconds)
  }

  /** No record of a time before `watermark` will come any more, or it is late. */
  advance(watermark: EpochMicros): void {
    this.#resume()
    const end = Math.floor((watermark - SETTLES) / MICROS_OF_TICK)
    for (let tick = this.#nextBefore(end); tick !== undefined; tick = this.#nextBefore(end)) this.#judge(tick)
  }

  /** Alerts that were raised or are over since the last call of this, in the order of time. */
  alerts(): Alert[] {
    const told = this.#told
    this.#told = []
    return told
  }

  /** Alerts that last, as they were raised, by their names. */
  active(): Alert[] {
    this.#resume()
    const all = [...this.#subjects.values()].flatMap(({ name, findings }) =>
      findings
        .filter(({ finding }) => !this.#isSilent(name.name, foundAt(finding)))
        .map(({ signal, finding }) => alertOf(name, signal, finding, { raisedAt: foundAt(finding) }))
    )
    // Subjects are in the order in which they were first heard, or restored.
    return all.sort(byName)
  }

  /** State changed since the last call of this, by key; undefined is gone. */
  changes(): DetectorChange[] {
    this.#resume()
    const changes = Array.from(this.#changed, ([key, value]) => ({
      key,
      value: value === undefined || Buffer.isBuffer(value) ? value : written({ counts: value })
    }))
    this.#changed.clear()
    return changes
  }

  /**
   * Takes what `changes` gave, one key at a time, before the first record.
   *
   * @throws when a later version wrote it
   */
  restore(key: string, value: Buffer | undefined): void {
    if (value === undefined) return
    const { v, ...state } = JSON.parse(value.toString()) as { v: number }
    this.#isRestored = true
    if (v > FORMAT) throw new Error(`What was learnt of peers has format ${v}; this version reads ${FORMAT}`)
    const [word = '', at = '', ...id] = key.split(' ')
    switch (word) {
      case words.time: {
        const { next, heardAt } = state as Clock
        this.#next = v === 1 ? next * TICKS : next
        this.#heardAt = heardAt
        break
      }
      case words.learnt:
        this.#restored.set(key.slice(word.length + 1), state as SubjectState)
        break
      case words.glanced:
        this.#glanced.set(key.slice(word.length + 1), state as Glanced)
        break
      default:
        this.#recent.restore(
          word === words.tick ? 'tick' : 'minute',
          Number(at),
          id.join(' '),
          (state as { counts: MinuteCounts }).counts
        )
    }
  }

  #countsOf(direction: SubjectName['direction'], name: string, at: EpochMicros): MinuteCounts | undefined {
    const tick = Math.floor(at / MICROS_OF_TICK)
    if (this.#next === undefined || tick >= this.#next) return this.#recent.at(tick, `${direction} ${name}`)
    this.late++
    return undefined
  }

  /** The tick to be looked at next, if it is before `end`: the first record begins the time, and deaf hours are passed over. */
  #nextBefore(end: Tick): Tick | undefined {
    const next = this.#next
    if (next !== undefined && next < (this.#heardAt + DEAF) * TICKS) return next < end ? next : undefined
    const heard = this.#recent.firstFrom(next ?? 0)
    return heard < end ? Math.max(heard - (heard % (QUARTER * TICKS)), next ?? 0) : undefined
  }

  #judge(tick: Tick): void {
    const minute = minuteOf(tick)
    const isAfterSilence = this.#next !== undefined && tick !== this.#next
    if (isAfterSilence) for (const subject of this.#subjects.values()) subject.passOver(minute)
    if (tick % (QUARTER * TICKS) === 0) this.#learn(minute)
    this.#next = tick + 1
    const isOver = this.#next % TICKS === 0
    for (const alert of this.#glance(tick)) this.#told.push(alert)
    if (isOver) this.#recent.close(minute)
    if (isOver) for (const alert of this.#step(minute)) this.#told.push(alert)
    if (isOver && this.#recent.ofMinute(minute)) this.#heardAt = minute
    if (this.#keepsChanges) this.#change(CLOCK, written({ next: this.#next, heardAt: this.#heardAt }))
  }

  /** Looks for rises, before the minute is over too. */
  #glance(tick: Tick): Alert[] {
    const newest = this.#recent.ofTick(tick)
    if (!newest) return []
    const minute = minuteOf(tick)
    const alerts: Alert[] = []
    for (const id of newest.keys()) {
      const changes = this.#subjectOf(id, minute).glance(minute, (tick % TICKS) + 1, {
        soFar: this.#recent.soFar(tick, id),
        back: this.#recent.back(tick, id)
      })
      for (const change of changes) this.#noteGlanced(id, change)
      this.#tell(id, changes, toldAt(tick), alerts)
    }
    return alerts.sort(byName)
  }

  #step(minute: Minute): Alert[] {
    const heard = this.#recent.ofMinute(minute)
    for (const id of heard?.keys() ?? []) this.#subjectOf(id, minute)
    const alerts: Alert[] = []
    for (const [id, subject] of this.#subjects) {
      this.#tell(id, subject.step(minute, heard?.get(id)), toldAt(minute * TICKS + TICKS - 1), alerts)
    }
    return alerts.sort(byName)
  }

  #tell(id: string, changes: readonly Change[], now: EpochMicros, alerts: Alert[]): void {
    for (const change of changes) {
      const { name } = this.#subjects.get(id)!
      const at = foundAt((change.raised ?? change.ended)!)
      if (!this.#isSilent(name.name, at)) alerts.push(told(name, change, now))
    }
  }

  #noteGlanced(id: string, { signal, raised }: Change): void {
    const glanced = { found: [...(this.#glanced.get(id)?.found ?? []), [signal.name, raised!] as const] }
    this.#glanced.set(id, glanced)
    if (this.#keepsChanges) this.#change(`${words.glanced} ${id}`, written(glanced))
  }

  /** The peer `other` is many. */
  #isSilent(peer: string, at: EpochMicros): boolean {
    return peer === OVERFLOW || this.#maintenanceOf(peer).some(({ from, to }) => at >= from && at < to)
  }

  #learn(quarter: Minute): void {
    for (const id of this.#glanced.keys()) this.#change(`${words.glanced} ${id}`, undefined)
    this.#glanced.clear()
    for (const [id, subject] of this.#subjects) {
      const isGone = subject.heardAt < quarter - FORGOTTEN
      if (isGone) this.#subjects.delete(id)
      else subject.learn(quarter)
      if (this.#keepsChanges) this.#change(`${words.learnt} ${id}`, isGone ? undefined : written(subject.state()))
    }
  }

  #change(key: string, value: Buffer | MinuteCounts | undefined): void {
    if (this.#keepsChanges) this.#changed.set(key, value)
  }

  /** Goes once more through the time since what was learnt was written; its alerts were told then. */
  #resume(): void {
    if (!this.#isRestored) return
    this.#isRestored = false
    if (this.#next === undefined) return
    this.#recent.openFrom(this.#next)
    const quarter = quarterOf(minuteOf(this.#next - 1))
    for (const [id, state] of this.#restored) {
      const subject = newSubject(id, this.#calendar, quarter)
      subject.restore(state, quarter, new Map(this.#recent.minutesOf(id)))
      this.#subjects.set(id, subject)
    }
    this.#restored.clear()
    for (let minute = quarter; minute < minuteOf(this.#next); minute++) {
      this.#glanceAgain(minute)
      this.#step(minute)
    }
    this.#glanceAgain(minuteOf(this.#next))
  }

  /** What was found in a minute before it was over. */
  #glanceAgain(minute: Minute): void {
    for (const [id, { found }] of this.#glanced) {
      for (const [signal, finding] of found) {
        if (finding.at === minute) this.#subjectOf(id, minute).raise(signal, finding)
      }
    }
  }

  #subjectOf(id: string, minute: Minute): Subject {
    const known = this.#subjects.get(id)
    if (known) return known
    const subject = newSubject(id, this.#calendar, minute)
    this.#subjects.set(id, subject)
    return subject
  }
}

/** The key of a subject. */
const newSubject = (id: string, calendar: Calendar, first: Minute): Subject => {
  const [direction, ...name] = id.split(' ') as [SubjectName['direction'], ...string[]]
  const watched = direction === 'agent' ? agentSignals : signals
  return new Subject({ direction, name: name.join(' ') }, watched, calendar, first)
}

const quarterOf = (minute: Minute): Minute => minute - (minute % QUARTER)

const written = (state: object): Buffer => Buffer.from(JSON.stringify({ v: FORMAT, ...state }))
