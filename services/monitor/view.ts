import type { Component, Log, StateChange } from '@earshot/bus'
import type { Alert, Busiest, Capability, GroupRow, PeerRow } from '@earshot/peers'
import { between, inSeconds, type EpochMicros } from '@earshot/units'
import { Follower } from '../follower.ts'
import { topics } from '../pipeline.ts'
import { agentsGroup } from './agents-stage.ts'
import { AlertBook } from './alert-book.ts'
import { Detection } from './detection.ts'
import { History } from './history.ts'
import { monitorGroup } from './monitor.ts'
import { earliest, figuresOf, lastKey, PartitionFigures, watermarkOf } from './partition-figures.ts'
import { increase, noTotals, type Totals } from './totals.ts'

export type MonitorViewOptions = {
  readonly log: Pick<Log, 'partitions' | 'states'>
  /** Told when the state of a partition cannot be followed; it is tried again after a second. */
  readonly onTrouble?: (error: Error) => void
  readonly retryAfterMs?: number
}

/**
 * The figures of all partitions of calls, as the monitors commit them, wherever these run: for consoles, of which there
 * can be any number. It goes on showing what it had while the log is away.
 */
export class MonitorView implements Component {
  readonly name = 'figures'
  /** How the figures rose since this view was started. */
  readonly history = new History()
  readonly #options: MonitorViewOptions
  readonly #partitions = new Map<number, PartitionFigures>()
  readonly #detections = new Map<number, Detection>()
  /** Of agents, which are no peers. */
  readonly #agents = new AlertBook()
  readonly #followers: readonly Follower[]

  constructor(options: MonitorViewOptions) {
    this.#options = options
    const { log, onTrouble, retryAfterMs } = options
    this.#followers = [
      new Follower({
        name: this.name,
        log,
        topic: topics.calls,
        read: (partition, signal) => this.#read(partition, signal),
        trouble: partition => `The figures of partition ${partition} stand still`,
        onTrouble,
        retryAfterMs
      }),
      new Follower({
        name: this.name,
        log,
        topic: topics.agents,
        read: (partition, signal) => this.#readAgents(partition, signal),
        trouble: () => 'The alerts about agents stand still',
        onTrouble,
        retryAfterMs
      })
    ]
  }

  async start(): Promise<void> {
    for (const follower of this.#followers) await follower.start()
  }

  async stop(): Promise<void> {
    for (const follower of this.#followers) await follower.stop()
  }

  /** Messages and calls over all partitions. */
  get counts(): Totals {
    const counts = noTotals()
    for (const partition of this.#partitions.values()) increase(counts, partition.counts)
    return counts
  }

  /** Event time of the first of which the figures know. */
  get since(): EpochMicros | undefined {
    return earliest(Array.from(this.#partitions.values(), ({ since }) => since))
  }

  /** Event time up to which everything is in: of the source that is furthest behind, in the partition that is. */
  get watermark(): EpochMicros | undefined {
    return watermarkOf(this.#partitions.values())
  }

  /** Final and pending attempts together, by peer and direction. */
  rows(): PeerRow[] {
    return figuresOf(this.#partitions.values()).rows(this.#spanSeconds)
  }

  /** The same by group of peers. */
  groups(groupOf: (peer: string) => string | undefined): GroupRow[] {
    return figuresOf(this.#partitions.values()).groups(groupOf, this.#spanSeconds)
  }

  /** Event time that the figures are of. */
  get #spanSeconds(): number {
    const { since, watermark } = this
    return since === undefined || watermark === undefined ? 0 : inSeconds(between(since, watermark))
  }

  /** The methods of a peer of which something is known. */
  capabilities(peer: string): readonly Capability[] {
    // A peer is in one partition.
    for (const { methods } of this.#detections.values()) {
      const known = methods.capabilities(peer)
      if (known.length > 0) return known
    }
    return []
  }

  /** The most of the day, of a peer in one direction or both. */
  busiest(peer: string, side: PeerRow['direction'] | 'both'): Busiest {
    // A peer is in one partition.
    for (const { capacity } of this.#detections.values()) {
      const busiest = capacity.busiest(peer, side)
      if (busiest.peak || busiest.busySecond) return busiest
    }
    return { busySecond: null, peak: null }
  }

  /** The same of a group, if all of it that was heard is in one partition: seconds of several are not told one by one. */
  groupBusiest(group: string, side: PeerRow['direction'] | 'both'): Busiest {
    const all = Array.from(this.#detections.values(), ({ capacity }) => capacity.groupBusiest(group, side))
    const [one, ...others] = all.filter(busiest => busiest !== undefined)
    return one && others.length === 0 ? one : { busySecond: null, peak: null }
  }

  /** Alerts that last, and the last that ended, the newest first. */
  alerts(): Alert[] {
    const books = [...Array.from(this.#detections.values(), ({ book }) => book), this.#agents]
    const alerts = books.flatMap(book => [...book.all()])
    return alerts.sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? -1 : 1))
  }

  /** Shows whole commits only: the keys that were changed together end with the last one. */
  async #read(partition: number, signal: AbortSignal): Promise<void> {
    const figures = new PartitionFigures()
    const detection = new Detection({ sources: 0 })
    let changes: StateChange[] = []
    for await (const change of this.#options.log.states(topics.calls, monitorGroup, partition, signal)) {
      changes.push(change)
      if (change.key !== lastKey) continue
      for (const each of changes) {
        if (Detection.isKey(each.key)) detection.restore(each)
        else figures.restore(each)
      }
      detection.resume()
      changes = []
      this.#partitions.set(partition, figures)
      this.#detections.set(partition, detection)
      const { watermark } = this
      if (watermark !== undefined) this.history.note(watermark, () => this.rows())
    }
  }

  async #readAgents(partition: number, signal: AbortSignal): Promise<void> {
    for await (const change of this.#options.log.states(topics.agents, agentsGroup, partition, signal)) {
      if (AlertBook.isKey(change.key)) this.#agents.restore(change)
    }
  }
}
