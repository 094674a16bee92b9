import type { Direction } from '@earshot/calls'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import type { Alert } from '../alert.ts'
import type { MaintenanceWindow } from '../registry-lookup.ts'
import { OVERFLOW } from '../registry-names.ts'
import type { Detector, DetectorChange, Observation } from '../detector.ts'
import { Calendar, MICROS_OF_MINUTE, MINUTES_OF_DAY, QUARTER, type Minute } from './calendar.ts'
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
import { KEPT_MINUTES, Subject, type Change, type SubjectName, type SubjectState } from './subject.ts'
import { alertOf } from './wording.ts'

/** Rejections are told half a second after they were seen, unclaimed answers after the lateness. */
const SETTLES = seconds(3)
/** Minutes that are kept: those looked back on at the beginning of a quarter of an hour, and that quarter itself. */
const KEPT = KEPT_MINUTES + QUARTER
/** A peer of which nothing was heard for so long is not known any more. */
const FORGOTTEN = 30 * MINUTES_OF_DAY
/** When for so long nothing at all was heard of anybody, nobody has listened: what follows is passed over. */
const DEAF = 3 * MINUTES_OF_DAY

const FORMAT = 1
/** First words of the keys of its state. */
const words = { time: 'traffic-time', learnt: 'traffic-learnt', minute: 'traffic-minute' } as const
const CLOCK = `${words.time} next`
const LEARNT = `${words.learnt} `
const MINUTE = `${words.minute} `

type Clock = { readonly next: Minute; readonly heardAt: Minute }

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
 * records in any order, and the watermark: a minute is judged once that has passed its end.
 *
 * It reads no clock. The same records give the same alerts, however they were cut into batches, and whether or not it
 * was restored between two of them.
 */
export class TrafficWatch implements Detector {
  readonly keys = Object.values(words)
  readonly observes = ['attempt', 'rejection'] as const
  /** Records of minutes that were judged before: they change nothing. */
  late = 0
  readonly #calendar: Calendar
  readonly #keepsChanges: boolean
  readonly #maintenanceOf: (peer: string) => readonly MaintenanceWindow[]
  readonly #subjects = new Map<string, Subject>()
  /** Counts by minute and subject: of those to be judged, and of those that are still looked back on. */
  readonly #minutes = new Map<Minute, Map<string, MinuteCounts>>()
  /** State changed and not asked for yet, by key; of a minute the counts as they stand when it is. */
  readonly #changed = new Map<string, Buffer | MinuteCounts | undefined>()
  /** Given back, and not taken up yet. */
  readonly #restored = new Map<string, SubjectState>()
  /** The next minute to be judged. */
  #next: Minute | undefined
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

  /** Adds what was counted of a peer elsewhere, of one minute. */
  add(peer: string, direction: Exclude<Direction, 'internal'>, minute: Minute, counts: GivenCounts): void {
    const known = this.#countsOf(direction, peer, epochMicros(minute * MICROS_OF_MINUTE))
    if (known) addCounts(known, counts)
  }

  /** Counts packets of an agent, so that its silence is seen. */
  heard(agent: string, at: EpochMicros, packets: number): void {
    const counts = this.#countsOf('agent', agent, at)
    if (counts) increase(counts, 'packets', packets)
  }

  /** No record of a time before `watermark` will come any more, or it is late. */
  advance(watermark: EpochMicros): void {
    this.#resume()
    const end = Math.floor((watermark - SETTLES) / MICROS_OF_MINUTE)
    for (let minute = this.#nextBefore(end); minute !== undefined; minute = this.#nextBefore(end)) this.#judge(minute)
  }

  /** Alerts that were raised or are over since the last call of this, in the order of time. */
  alerts(): Alert[] {
    const told = this.#told
    this.#told = []
    return told
  }

  /** Alerts that last, as they were raised. */
  active(): Alert[] {
    this.#resume()
    return [...this.#subjects.values()].flatMap(({ name, findings }) =>
      findings
        .filter(({ finding }) => !this.#isSilent(name.name, toldAt(finding.at)))
        .map(({ signal, finding }) => alertOf(name, signal, finding, { raisedAt: toldAt(finding.at) }))
    )
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
    if (v !== FORMAT) throw new Error(`What was learnt of peers has format ${v}; this version reads ${FORMAT}`)
    if (key === CLOCK) ({ next: this.#next, heardAt: this.#heardAt } = state as Clock)
    else if (key.startsWith(LEARNT)) this.#restored.set(key.slice(LEARNT.length), state as SubjectState)
    else {
      const [minute = '', ...id] = key.slice(MINUTE.length).split(' ')
      this.#minuteOf(Number(minute)).set(id.join(' '), (state as { counts: MinuteCounts }).counts)
    }
  }

  #countsOf(direction: SubjectName['direction'], name: string, at: EpochMicros): MinuteCounts | undefined {
    const minute = Math.floor(at / MICROS_OF_MINUTE)
    if (this.#next !== undefined && minute < this.#next) {
      this.late++
      return undefined
    }
    const id = `${direction} ${name}`
    const minutes = this.#minuteOf(minute)
    const counts = minutes.get(id) ?? {}
    minutes.set(id, counts)
    this.#change(`${MINUTE}${minute} ${id}`, counts)
    return counts
  }

  #minuteOf(minute: Minute): Map<string, MinuteCounts> {
    const known = this.#minutes.get(minute)
    if (known) return known
    const counts = new Map<string, MinuteCounts>()
    this.#minutes.set(minute, counts)
    return counts
  }

  /** The minute to be judged next, if it is before `end`: the first record begins the time, and deaf hours are passed over. */
  #nextBefore(end: Minute): Minute | undefined {
    const next = this.#next
    if (next !== undefined && next < this.#heardAt + DEAF) return next < end ? next : undefined
    let heard = Infinity
    for (const minute of this.#minutes.keys()) if (minute >= (next ?? 0)) heard = Math.min(heard, minute)
    return heard < end ? Math.max(heard - (heard % QUARTER), next ?? 0) : undefined
  }

  #judge(minute: Minute): void {
    const isAfterSilence = this.#next !== undefined && minute !== this.#next
    if (isAfterSilence) for (const subject of this.#subjects.values()) subject.passOver(minute)
    for (const alert of this.#step(minute)) this.#told.push(alert)
    this.#next = minute + 1
    if (this.#minutes.has(minute)) this.#heardAt = minute
    for (const each of this.#minutes.keys()) if (each <= minute - KEPT) this.#forgetMinute(each)
    if (this.#keepsChanges) this.#change(CLOCK, written({ next: this.#next, heardAt: this.#heardAt }))
  }

  #step(minute: Minute, { learns = true } = {}): Alert[] {
    const heard = this.#minutes.get(minute)
    if (learns && minute % QUARTER === 0) this.#learn(minute)
    for (const id of heard?.keys() ?? []) {
      if (!this.#subjects.has(id)) this.#subjects.set(id, newSubject(id, this.#calendar, minute))
    }
    const alerts: Alert[] = []
    for (const [id, subject] of this.#subjects) {
      for (const change of subject.step(minute, heard?.get(id))) {
        const { at } = (change.raised ?? change.ended)!
        if (!this.#isSilent(subject.name.name, toldAt(at))) alerts.push(told(subject.name, change, minute))
      }
    }
    return alerts.sort(byName)
  }

  /** The peer `other` is many. */
  #isSilent(peer: string, at: EpochMicros): boolean {
    return peer === OVERFLOW || this.#maintenanceOf(peer).some(({ from, to }) => at >= from && at < to)
  }

  #learn(quarter: Minute): void {
    for (const [id, subject] of this.#subjects) {
      const isGone = subject.heardAt < quarter - FORGOTTEN
      if (isGone) this.#subjects.delete(id)
      else subject.learn(quarter)
      if (this.#keepsChanges) this.#change(`${LEARNT}${id}`, isGone ? undefined : written(subject.state()))
    }
  }

  #forgetMinute(minute: Minute): void {
    for (const id of this.#minutes.get(minute)?.keys() ?? []) this.#change(`${MINUTE}${minute} ${id}`, undefined)
    this.#minutes.delete(minute)
  }

  #change(key: string, value: Buffer | MinuteCounts | undefined): void {
    if (this.#keepsChanges) this.#changed.set(key, value)
  }

  /** Goes once more through the minutes since what was learnt was written; their alerts were told then. */
  #resume(): void {
    if (!this.#isRestored) return
    this.#isRestored = false
    if (this.#next === undefined) return
    const quarter = quarterOf(this.#next - 1)
    for (const [id, state] of this.#restored) this.#subjects.set(id, this.#subjectOf(id, state, quarter))
    this.#restored.clear()
    for (let minute = quarter; minute < this.#next; minute++) this.#step(minute, { learns: false })
  }

  #subjectOf(id: string, state: SubjectState, quarter: Minute): Subject {
    const subject = newSubject(id, this.#calendar, quarter)
    const minutes = Array.from(this.#minutes, ([minute, counts]) => [minute, counts.get(id)] as const)
    subject.restore(state, quarter, new Map(minutes.flatMap(([at, counts]) => (counts ? [[at, counts]] : []))))
    return subject
  }
}

/** The key of a subject. */
const newSubject = (id: string, calendar: Calendar, first: Minute): Subject => {
  const [direction, ...name] = id.split(' ') as [SubjectName['direction'], ...string[]]
  const watched = direction === 'agent' ? agentSignals : signals
  return new Subject({ direction, name: name.join(' ') }, watched, calendar, first)
}

function told(name: SubjectName, { signal, raised, ended }: Change, minute: Minute): Alert {
  if (raised) return alertOf(name, signal, raised, { raisedAt: toldAt(minute) })
  return alertOf(name, signal, ended!, { raisedAt: toldAt(ended!.at), endedAt: toldAt(minute) })
}

/** When a minute is judged, in event time. */
const toldAt = (minute: Minute): EpochMicros => plus(epochMicros((minute + 1) * MICROS_OF_MINUTE), SETTLES)

const quarterOf = (minute: Minute): Minute => minute - (minute % QUARTER)

const written = (state: object): Buffer => Buffer.from(JSON.stringify({ v: FORMAT, ...state }))

/** The order in which equal times are told. */
function byName(a: Alert, b: Alert): number {
  const [left, right] = [a, b].map(
    ({ peer, evidence, signal }) => `${peer}\n${evidence.direction as string}\n${signal}`
  )
  return left! < right! ? -1 : 1
}
