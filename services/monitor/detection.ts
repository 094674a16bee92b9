import type { StateChange } from '@earshot/bus'
import type { Evidence } from '@earshot/calls'
import {
  CapacityWatch,
  MethodWatch,
  TrafficWatch,
  countedAt,
  type Alert,
  type Contract,
  type Detector,
  type MaintenanceWindow,
  type Observation
} from '@earshot/peers'
import { minus, seconds, type EpochMicros } from '@earshot/units'
import type { PendingRecord } from '../pipeline.ts'
import { AlertBook } from './alert-book.ts'
import { Sequence, stepAt, type ToldRecord } from './sequence.ts'

const KEY = 'detected'

type Detected = {
  readonly format: 1
  readonly until: EpochMicros | null
  readonly sources: readonly (readonly [source: number, settled: EpochMicros])[]
}

/** How far a source has come. */
type Closing = Pick<PendingRecord, 'partition' | 'watermark' | 'settled'>

/** About 200 MB. */
const MOST_WAITING = 500_000

/** Of version 0.1.0, which did not say how far behind its watermark evidence was settled. */
const settledBy = ({ watermark, settled }: Closing): EpochMicros => settled ?? minus(watermark, seconds(2))

export type DetectionOptions = {
  /** Sources that are waited for until they have been heard. */
  readonly sources: number
  /** Then a source that is far behind is waited for no longer: what it still brings is too late. */
  readonly mostWaiting?: number
  readonly maintenanceOf?: (peer: string) => readonly MaintenanceWindow[]
  /** IANA name of the zone whose days and weeks traffic has; without it traffic is not compared with what it was. */
  readonly timeZone?: string
  /** What a peer has contracted; without it nothing is told to come near to it. */
  readonly contractOf?: (peer: string) => Contract | undefined
  /** The group of a peer; without it groups have no busiest second. */
  readonly groupOf?: (peer: string) => string | undefined
}

/**
 * What one partition of calls detects. Each source tells by its closings how far its evidence is settled; detectors get
 * it in steps of event time that all sources have settled, so that their alerts do not depend on which source came
 * first, on batches, or on crashes. What waits is not part of the state: it is read again.
 */
export class Detection {
  readonly methods: MethodWatch
  readonly capacity: CapacityWatch
  readonly book = new AlertBook()
  readonly #detectors: readonly Detector[]
  readonly #wanted: ReadonlySet<Observation['kind']>
  readonly #sequence = new Sequence()
  readonly #sources: number
  readonly #mostWaiting: number
  readonly #settled = new Map<number, EpochMicros>()
  #until: EpochMicros | undefined
  #touched = false

  constructor(options: DetectionOptions) {
    const { sources, maintenanceOf, contractOf, groupOf, timeZone, mostWaiting = MOST_WAITING } = options
    const windows = { ...(maintenanceOf && { maintenanceOf }) }
    this.#mostWaiting = mostWaiting
    this.#sources = sources
    this.methods = new MethodWatch(maintenanceOf)
    this.capacity = new CapacityWatch({ ...windows, ...(groupOf && { groupOf }), ...(contractOf && { contractOf }) })
    const traffic = timeZone === undefined ? [] : [new TrafficWatch({ timeZone, keepsChanges: true, ...windows })]
    this.#detectors = [this.methods, this.capacity, ...traffic]
    this.#wanted = new Set(this.#detectors.flatMap(({ observes }) => observes))
  }

  static isKey(key: string): boolean {
    return key === KEY || AlertBook.isKey(key) || words.has(wordOf(key))
  }

  /** Everything before this time was looked at. */
  get until(): EpochMicros | undefined {
    return this.#until
  }

  /** The offset from which on records must be read again after a crash. */
  get oldest(): number | undefined {
    return this.#sequence.oldest
  }

  /** Takes evidence, again or for the first time. */
  holdRows(rows: readonly Evidence[], offset: number): void {
    for (const row of rows) if (row.second * 1e6 >= this.#from) this.#sequence.holdRow(row, offset)
  }

  /** Takes a record that its source has closed, again or for the first time. */
  holdRecord(record: ToldRecord, offset: number): void {
    if (this.#wanted.has(record.kind) && countedAt(record) >= this.#from) this.#sequence.holdRecord(record, offset)
  }

  /** A source has told everything up to there. */
  settle(closing: Closing): void {
    const settled = settledBy(closing)
    const before = this.#settled.get(closing.partition)
    if (before !== undefined && settled <= before) return
    this.#settled.set(closing.partition, settled)
    this.#touched = true
  }

  /** Has the detectors look at what all sources have settled, and returns what they found. */
  detect(): Alert[] {
    const until = this.#settledByAll()
    if (until === undefined || until <= this.#from) return []
    this.#until = until
    for (const observation of this.#sequence.release(until)) {
      for (const detector of this.#detectors) {
        if (detector.observes.includes(observation.kind)) detector.observe(observation)
      }
    }
    for (const detector of this.#detectors) detector.advance(until)
    const alerts = this.#detectors.flatMap(detector => detector.alerts())
    for (const alert of alerts) this.book.take(alert)
    return alerts
  }

  changes(): StateChange[] {
    const told: Detected = { format: 1, until: this.#until ?? null, sources: [...this.#settled] }
    const detected = this.#touched ? [{ key: KEY, value: Buffer.from(JSON.stringify(told)) }] : []
    this.#touched = false
    return [...this.#detectors.flatMap(detector => detector.changes()), ...this.book.changes(), ...detected]
  }

  /**
   * Takes what `changes` gave.
   *
   * @throws when a later version wrote it
   */
  restore(change: StateChange): void {
    const { key, value } = change
    if (AlertBook.isKey(key)) this.book.restore(change)
    else if (key !== KEY) this.#detectors.find(({ keys }) => keys.includes(wordOf(key)))?.restore(key, value)
    else if (value) this.#restoreDetected(JSON.parse(value.toString()) as Detected)
  }

  /** After the last `restore`, when every detector has all of its state: they go on from there. */
  resume(): void {
    if (this.#until !== undefined) for (const detector of this.#detectors) detector.advance(this.#until)
  }

  #restoreDetected({ format, until, sources }: Detected): void {
    if (format !== 1) throw new Error(`What was detected has format ${String(format)}; this version reads 1`)
    this.#until = until ?? undefined
    for (const [source, settled] of sources) this.#settled.set(source, settled)
  }

  get #from(): number {
    return this.#until ?? -Infinity
  }

  /** The last step that all sources have settled; undefined while one was not heard. */
  #settledByAll(): EpochMicros | undefined {
    const settled = [...this.#settled.values()]
    if (this.#sequence.size > this.#mostWaiting) return stepAt(Math.max(...settled) as EpochMicros)
    if (settled.length < this.#sources || settled.length === 0) return undefined
    return stepAt(Math.min(...settled) as EpochMicros)
  }
}

const wordOf = (key: string): string => key.slice(0, key.indexOf(' '))

const words: ReadonlySet<string> = new Set(
  [new MethodWatch(), new CapacityWatch(), new TrafficWatch()].flatMap(({ keys }) => keys)
)
