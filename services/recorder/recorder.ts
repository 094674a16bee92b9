import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '@earshot/bus'
import { assemble, type Component, type Config } from '@earshot/runtime'
import type { Store } from '@earshot/store'
import { catalogue, type Metrics } from '@earshot/telemetry'
import type { EpochMicros } from '@earshot/units'
import { topics } from '../pipeline.ts'
import { DiskGuard } from './disk-guard.ts'
import { MessagesStage } from './messages-stage.ts'
import { recordedTopics, RecordsStage, type RecordedTopic } from './records-stage.ts'
import { FileSegment, MemorySegment, type Segment } from './segment.ts'
import { StoreCare } from './store-care.ts'
import { Wanted } from './wanted.ts'

/** Who reads which topic; in Kafka each is a group of its own. */
export const recorderGroups: Readonly<Record<RecordedTopic | typeof topics.packets, string>> = {
  [topics.calls]: 'recorder',
  [topics.alerts]: 'recorder-alerts',
  [topics.joined]: 'recorder-legs',
  [topics.packets]: 'recorder-messages'
}

/** A store takes much at once for little more than one row, and nobody waits for the last second. */
const BATCH = { records: 2000, waitMs: 1000 }

/** A store that is away comes back: tried for a day, then the process ends. */
const retryDelaysMs = [100, 1000, ...Array.from({ length: 8640 }, () => 10_000)]

/** How long a call has to tell what it is: longer than an attempt lasts at most with the usual limits. */
const HOLD_SECONDS = 15 * 60

export type RecorderParts = {
  readonly log: Log
  readonly store: Store
  readonly config: Pick<Config, 'store' | 'dataDir' | 'memory' | 'clock'>
  readonly metrics: Metrics
  readonly now: () => EpochMicros
  readonly onTrouble: (error: Error) => void
  readonly onFailure: (error: Error) => void
}

export type Recorder = Component & {
  /** Why not all is kept that should be. */
  readonly trouble: string | undefined
}

/** Keeps what the log tells in the store: records of calls, alerts, and the raw messages of calls worth looking at. */
export function recorder({ log, store, config, metrics, now, onTrouble, onFailure }: RecorderParts): Recorder {
  const wanted = new Wanted(config.store.messageSample)
  const guard = new DiskGuard({
    folder: config.memory ? undefined : config.dataDir,
    minFree: config.store.minFreeBytes
  })
  const trying = tellingOfFailures(store, error => {
    metrics.add(catalogue.storeFailures, 1)
    onTrouble(error)
  })
  const stored = {
    records: metrics.counter(catalogue.recordsStored).bind({ kind: 'records' }),
    messages: metrics.counter(catalogue.recordsStored).bind({ kind: 'messages' })
  }
  const keeping = recordedTopics.map(topic =>
    log.run({
      input: topic,
      group: recorderGroups[topic],
      stage: () =>
        new RecordsStage(topic, {
          store: trying,
          onKept(batch, rows, tooOld) {
            wanted.note(batch)
            stored.records.add(rows)
            metrics.add(catalogue.recordsTooOld, tooOld)
          }
        }),
      batch: BATCH,
      retryDelaysMs,
      onFailure
    })
  )
  let held = 0
  const holding = log.run({
    input: topics.packets,
    group: recorderGroups[topics.packets],
    stage: partition =>
      new MessagesStage({
        store: trying,
        wanted,
        newSegment: segments(config.memory ? undefined : join(config.dataDir, 'held', String(partition))),
        holdSeconds: HOLD_SECONDS,
        holdBytes: config.store.holdBytes,
        isDiskFull: () => guard.isFull,
        heldBytes: () => held,
        onHeld(change) {
          held += change
          metrics.add(catalogue.heldBytes, change)
        },
        onKept: (_, rows) => stored.messages.add(rows),
        onUnheld: (messages, reason) => metrics.add(catalogue.messagesNotKept, messages, { reason })
      }),
    batch: BATCH,
    retryDelaysMs,
    onFailure
  })
  const care = new StoreCare({
    store: trying,
    settings: config.store,
    metrics,
    now: config.clock === 'capture' ? undefined : now
  })
  const whole = assemble('recorder', [guard, care, ...keeping, holding])
  return {
    name: 'recorder',
    start: () => whole.start(),
    stop: () => whole.stop(),
    get trouble() {
      return guard.isFull ? 'the disk is nearly full: raw messages are not kept' : undefined
    }
  }
}

/** Makes segments of one stage, in a folder that nobody else uses. */
function segments(folder: string | undefined): () => Segment {
  if (folder === undefined) return () => new MemorySegment()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  let next = 0
  return () => new FileSegment(join(folder, String(next++)))
}

/** The same store; what it throws is told, too, as who tries again tells nobody. */
function tellingOfFailures(store: Store, onFailure: (error: Error) => void): Cared {
  const telling = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error: unknown) => {
      onFailure(new Error('the store did not do what it was asked', { cause: error }))
      throw error
    })
  return {
    write: batch => telling(store.write(batch)),
    interesting: callIds => telling(store.interesting(callIds)),
    refresh: (step, signal) => telling(store.refresh(step, signal)),
    retain: (now, limits) => telling(store.retain(now, limits)),
    size: () => telling(store.size())
  }
}

type Cared = Pick<Store, 'write' | 'interesting' | 'refresh' | 'retain' | 'size'>
