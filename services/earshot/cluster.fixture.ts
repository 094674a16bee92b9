import { setImmediate } from 'node:timers/promises'
import {
  LocalLog,
  partitionOf,
  type Component,
  type Log,
  type NewRecord,
  type RunOptions,
  type Stage
} from '@earshot/bus'
import { defaultLimits } from '@earshot/calls'
import { encodeHep } from '@earshot/hep'
import { parseRegistry, partiesOf, type PeerRow } from '@earshot/peers'
import { readSip } from '@earshot/sip'
import { Metrics } from '@earshot/telemetry'
import { carrierPeers } from '@earshot/traffic'
import { epochMicros, plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { correlator } from '../correlator/correlator.ts'
import { Detection } from '../monitor/detection.ts'
import { monitor, monitorGroup } from '../monitor/monitor.ts'
import { lastKey, PartitionFigures, rowsOf } from '../monitor/partition-figures.ts'
import { MonitorView } from '../monitor/view.ts'
import { packetsRecord, tickRecord, topics } from '../pipeline.ts'

export const registry = parseRegistry(JSON.stringify({ peers: carrierPeers }), 'carriers')
export const parties = partiesOf(() => registry)

const MOST_FAILURES = 20

/** How a cluster is made, and what befalls it. */
export type Plan = {
  readonly packetsPartitions: number
  readonly callsPartitions: number
  readonly collectors: number
  /** Each process lives for this part of the traffic and works batches of so many records. */
  readonly processes: readonly { readonly share: number; readonly batch: number }[]
  /** One commit in so many fails, and its stage with it, but no more than 20 in all; 0 for none. */
  readonly failing: number
  /** One record in so many is appended twice; 0 for none. */
  readonly repeated: number
  /** By how much messages come late and out of order: less than the lateness. */
  readonly shuffledSeconds: number
  readonly seed: number
}

export type Shown = {
  readonly messages: object
  readonly calls: number
  readonly peers: readonly PeerRow[]
  readonly now: EpochMicros | undefined
  /** How often a partition showed fewer attempts than before: none is ever final and pending at once, or neither. */
  readonly falls: number
  /** By peer, direction, class and outcome: what the processes counted, one after the other, in sum. */
  readonly counted: Readonly<Record<string, number>>
}

/** The whole pipeline behind the collectors' sockets, over one log in memory. */
export class Cluster {
  readonly #plan: Plan
  readonly #log: LocalLog
  readonly #random: () => number
  readonly #counted: Record<string, number> = {}
  #failures = 0
  #falls = 0

  constructor(plan: Plan) {
    this.#plan = plan
    this.#random = randomOf(plan.seed)
    this.#log = new LocalLog({
      topics: {
        [topics.packets]: plan.packetsPartitions,
        [topics.calls]: plan.callsPartitions,
        [topics.agents]: 1,
        [topics.alerts]: 1
      }
    })
  }

  /** What a console shows when all of the traffic was worked. */
  async shows(traffic: readonly Captured[]): Promise<Shown> {
    await this.#log.start()
    const view = new MonitorView({ log: this.#log })
    await view.start()
    const watching = new AbortController()
    for (let partition = 0; partition < this.#plan.callsPartitions; partition++) {
      void this.#watch(partition, watching.signal)
    }
    const edges = Array.from(
      { length: this.#plan.collectors },
      (_, index) => new Edge(`edge-${index}`, this.#plan.packetsPartitions)
    )
    const records = this.#records(traffic, edges)
    const { processes } = this.#plan
    const whole = processes.reduce((sum, { share }) => sum + share, 0)
    let at = 0
    for (const { share, batch } of processes) {
      const count = Math.ceil((share / whole) * records.length)
      await this.#process(records.slice(at, at + count), batch, this.#plan.failing)
      at += count
    }
    await this.#process(standing(traffic, edges), 64)
    await setImmediate()
    await setImmediate()
    const { calls, ...messages } = view.counts
    const falls = this.#falls
    const shown = { messages, calls, peers: view.rows(), now: view.watermark, falls, counted: this.#counted }
    watching.abort()
    await view.stop()
    await this.#log.stop()
    return shown
  }

  async #watch(partition: number, signal: AbortSignal): Promise<void> {
    const figures = new PartitionFigures()
    let before = 0
    for await (const change of this.#log.states(topics.calls, monitorGroup, partition, signal)) {
      if (!Detection.isKey(change.key)) figures.restore(change)
      if (change.key !== lastKey) continue
      const attempts = rowsOf([figures]).reduce((sum, row) => sum + row.attempts, 0)
      if (attempts < before) this.#falls++
      before = attempts
    }
  }

  /** Works what is appended until it stops. */
  async #process(records: readonly NewRecord[], batch: number, failing = 0): Promise<void> {
    for (const record of records) await this.#append(record)
    const metrics = new Metrics({ version: 'test' })
    const log = this.#working({ records: batch }, failing)
    const onFailure = (error: Error): never => {
      throw error
    }
    const now = (): EpochMicros => epochMicros(0)
    const stages: Component[] = [
      correlator({ log, parties, limits: defaultLimits, onFailure }),
      monitor({ log, metrics, registry: () => registry, maxPeers: 5_000, timeZone: 'UTC', now, onFailure })
    ]
    for (const stage of stages) await stage.start()
    for (const stage of stages) await stage.stop()
    this.#count(metrics)
  }

  /** The log whose runs cut such batches, some of which fail. */
  #working(batch: NonNullable<RunOptions['batch']>, failing: number): Log {
    const log = this.#log
    const run = (options: RunOptions): Component =>
      log.run({
        ...options,
        batch,
        retryDelaysMs: Array<number>(MOST_FAILURES).fill(0),
        stage: partition => this.#failing(options.stage(partition), failing)
      })
    return { partitions: topic => log.partitions(topic), run } as Pick<Log, 'partitions' | 'run'> as Log
  }

  /** What a stage has worked is thrown away now and then, as when the commit of it fails. */
  #failing(stage: Stage, failing: number): Stage {
    return {
      restore: states => stage.restore(states),
      handle: async records => {
        const work = await stage.handle(records)
        const fails = failing > 0 && this.#failures < MOST_FAILURES && this.#random() * failing < 1
        if (!fails) return work
        this.#failures++
        throw new Error('the commit fails')
      },
      committed: () => stage.committed?.(),
      dropped: () => stage.dropped?.()
    }
  }

  async #append(record: NewRecord): Promise<void> {
    const { repeated } = this.#plan
    await this.#log.append(topics.packets, [record])
    if (repeated > 0 && this.#random() * repeated < 1) await this.#log.append(topics.packets, [record])
  }

  #count(metrics: Metrics): void {
    for (const { descriptor, dataPoints } of metrics.collect()) {
      if (descriptor.name !== 'earshot_attempts_total') continue
      for (const { attributes, value } of dataPoints) {
        const name = Object.values(attributes).join(' ')
        this.#counted[name] = (this.#counted[name] ?? 0) + (value as number)
      }
    }
  }

  /** Each message through one of the collectors, which tick every second, one after the other. */
  #records(traffic: readonly Captured[], edges: readonly Edge[]): NewRecord[] {
    const { collectors, shuffledSeconds } = this.#plan
    const arrivals = traffic
      .map(captured => ({ captured, at: captured.capturedAt + this.#random() * shuffledSeconds * 1e6 }))
      .sort((one, other) => one.at - other.at)
    const records: NewRecord[] = []
    const start = traffic[0]!.capturedAt
    let ticks = 0
    for (const { captured, at } of arrivals) {
      for (; at > start + (ticks / collectors) * 1e6; ticks++) {
        records.push(...edges[ticks % collectors]!.tick(plus(start, seconds(ticks / collectors))))
      }
      const edge = edges[Math.floor(this.#random() * collectors)]!
      records.push(...edge.take(captured, 1 + Math.floor(this.#random() * 5)))
    }
    return records
  }
}

/** The clocks go on by the lateness after the last message, and then stand. */
function standing(traffic: readonly Captured[], edges: readonly Edge[]): NewRecord[] {
  const newest = epochMicros(Math.max(...traffic.map(({ capturedAt }) => capturedAt)))
  return [0, 2, 2, 2].flatMap(later => edges.flatMap(edge => edge.tick(plus(newest, seconds(later)))))
}

/** What a collector appends. */
class Edge {
  readonly #producer: { readonly collector: string; readonly run: string }
  readonly #gathered: Captured[][]
  #sequence = 0

  constructor(name: string, partitions: number) {
    this.#producer = { collector: name, run: `${name}/1` }
    this.#gathered = Array.from({ length: partitions }, () => [])
  }

  /** A record once so many messages are gathered for their partition. */
  take(captured: Captured, most: number): NewRecord[] {
    const { callId = '' } = readSip(captured.payload).messages[0] ?? {}
    const partition = partitionOf(callId, this.#gathered.length)
    this.#gathered[partition]!.push(captured)
    return this.#gathered[partition]!.length >= most ? this.#cut(partition) : []
  }

  tick(time: EpochMicros): NewRecord[] {
    return this.#gathered.flatMap((_, partition) => [
      ...this.#cut(partition),
      tickRecord(this.#producer, this.#sequence++, partition, time)
    ])
  }

  #cut(partition: number): NewRecord[] {
    const captured = this.#gathered[partition]!.splice(0)
    if (captured.length === 0) return []
    const frames = captured.map(each => encodeHep({ ...each, captureId: 1, protocol: 1 }))
    return [packetsRecord(this.#producer, this.#sequence++, partition, Buffer.concat(frames))]
  }
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
