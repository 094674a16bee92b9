import type { LogRecord, Stage, Work } from '@earshot/bus'
import type { AllowRecord, AttemptRecord, CallEndRecord, LegsRecord, RejectionRecord } from '@earshot/calls'
import type { Alert } from '@earshot/peers'
import type { Batch, Store } from '@earshot/store'
import { readJoined } from '../legs-records.ts'
import { readAlert, readCalls, topics } from '../pipeline.ts'

type Kept = { [Kind in keyof Batch]-?: NonNullable<Batch[Kind]>[number][] }

export type RecordsParts = {
  readonly store: Pick<Store, 'write'>
  /** Told of what was kept, once it is: more than once where a commit failed. */
  readonly onKept: (batch: Batch, rows: number, tooOld: number) => void
}

/**
 * Keeps the records of one partition of calls, alerts or joined calls. It has no state but the offset, which is committed
 * when the store has everything before it; what it is given again after a crash the store knows.
 */
export class RecordsStage implements Stage {
  readonly #parts: RecordsParts
  readonly #take: Take

  constructor(topic: RecordedTopic, parts: RecordsParts) {
    this.#parts = parts
    this.#take = takes[topic]
  }

  restore(): Promise<void> {
    return Promise.resolve()
  }

  async handle(records: readonly LogRecord[]): Promise<Work> {
    const batch = noRecords()
    for (const record of records) this.#take(record, batch)
    if (Object.values(batch).some(({ length }) => length > 0)) {
      const { rows, tooOld } = await this.#parts.store.write(batch)
      this.#parts.onKept(batch, rows, tooOld)
    }
    return { emit: [], changed: [] }
  }
}

type Take = (record: LogRecord, batch: Kept) => void

const takes = {
  [topics.calls]: (record, batch) => {
    const output = readCalls(record)
    switch (output.kind) {
      case 'attempt':
        batch.attempts.push(output)
        break
      case 'call_end':
        batch.callEnds.push(output)
        break
      case 'rejection':
        batch.rejections.push(output)
        break
      case 'allow':
        batch.allows.push(output)
        break
      case 'counts':
      case 'pending':
      case 'evidence':
        break
    }
  },
  [topics.alerts]: (record, batch) => batch.alerts.push(readAlert(record)),
  [topics.joined]: (record, batch) => batch.legs.push(readJoined(record))
} as const satisfies Record<string, Take>

export type RecordedTopic = keyof typeof takes

export const recordedTopics = Object.keys(takes) as readonly RecordedTopic[]

const noRecords = (): Kept => ({
  attempts: [] as AttemptRecord[],
  callEnds: [] as CallEndRecord[],
  rejections: [] as RejectionRecord[],
  allows: [] as AllowRecord[],
  legs: [] as LegsRecord[],
  alerts: [] as Alert[],
  messages: []
})
