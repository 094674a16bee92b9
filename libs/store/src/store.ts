import type {
  AllowRecord,
  AttemptRecord,
  CallEndRecord,
  DiagnosisCode,
  Direction,
  EarlyClass,
  LegsRecord,
  Outcome,
  RejectionRecord
} from '@earshot/calls'
import type { Alert, AlertKind } from '@earshot/peers'
import type { Captured, EpochMicros } from '@earshot/units'
import type { SeriesQuery, SeriesRow, Step } from './series.ts'

/** One SIP payload of a call, as an agent saw it. */
export type RawMessage = Omit<Captured, 'media'> & {
  /** As `bounded` of @earshot/calls has it. */
  readonly callId: string
}

/** What is written together. The order of what is in it, and of batches, makes no difference to what is kept. */
export type Batch = {
  readonly attempts?: readonly AttemptRecord[]
  readonly callEnds?: readonly CallEndRecord[]
  readonly rejections?: readonly RejectionRecord[]
  readonly legs?: readonly LegsRecord[]
  readonly allows?: readonly AllowRecord[]
  /** An alert that has ended replaces the same one that has not. */
  readonly alerts?: readonly Alert[]
  readonly messages?: readonly RawMessage[]
}

export type Written = {
  /** Records that were not there before, where the store can tell; those given, where it cannot. */
  readonly rows: number
  /** Records of a time of which `retain` has deleted the others; they are not kept. */
  readonly tooOld: number
}

/** Half-open: from, inclusive, up to `to`, exclusive. What is absent has no bound. */
export type TimeRange = { readonly from?: EpochMicros; readonly to?: EpochMicros }

export type PageRequest = {
  /** At most 500 (default 100). */
  readonly limit?: number
  /** `next` of the page before, of the same query. */
  readonly cursor?: string
}

/** Newest first. */
export type Page<Row> = {
  readonly rows: readonly Row[]
  /** Absent on the last page. */
  readonly next?: string
}

/** Digits of a telephone number without + and separators; those that begin with them where `prefix` is set. */
export type NumberMatch = { readonly digits: string; readonly prefix?: boolean }

/** Everything given holds at once; of a list, any. Times are those of the first INVITE. */
export type AttemptQuery = TimeRange &
  PageRequest & {
    readonly peers?: readonly string[]
    readonly direction?: Direction
    readonly callId?: string
    readonly caller?: NumberMatch
    readonly callee?: NumberMatch
    /** Of the caller or of the callee. */
    readonly number?: NumberMatch
    readonly outcomes?: readonly Outcome[]
    readonly classes?: readonly EarlyClass[]
    readonly diagnosis?: DiagnosisCode
    /** Some request of that method was rejected under the same Call-ID, by whomever. */
    readonly rejectedMethod?: string
  }

export type RejectionQuery = TimeRange &
  PageRequest & {
    readonly peers?: readonly string[]
    readonly direction?: Direction
    readonly method?: string
    readonly code?: number
    readonly callId?: string
  }

/** Times are those of an alert's start: alerts that started in the range. */
export type AlertQuery = TimeRange &
  PageRequest & {
    readonly id?: string
    readonly peers?: readonly string[]
    readonly kinds?: readonly AlertKind[]
    /** True: those that last; false: those that are over. */
    readonly active?: boolean
  }

/** What is kept of one Call-ID, each list in the order of time; the first 500 records and 2,000 messages. */
export type CallRecords = {
  readonly attempts: readonly AttemptRecord[]
  readonly callEnds: readonly CallEndRecord[]
  readonly rejections: readonly RejectionRecord[]
  /** Joined calls that it is a leg of. */
  readonly legs: readonly LegsRecord[]
  /** Copies seen by several agents are all there; a message that was written twice is there once. */
  readonly messages: readonly RawMessage[]
}

/** How long each class is kept, and how many bytes of all of it. */
export type RetentionLimits = {
  /** Attempts, rejections, ends and legs; an attempt from its end on, the others from their own time. */
  readonly attemptsSeconds: number
  readonly messagesSeconds: number
  readonly minutesSeconds: number
  readonly hoursSeconds: number
  /** Alerts that are over, and changes of Allow. */
  readonly alertsSeconds: number
  /** Raw messages give way first where these are exceeded. */
  readonly messagesBytes: number
  /** Then the oldest attempts. */
  readonly bytes: number
}

export type StoreSize = {
  /** On disk, or in memory. */
  readonly bytes: number
  readonly messagesBytes: number
  readonly attempts: number
  /** When the oldest and the newest attempt that are kept began; absent without any. */
  readonly oldest?: EpochMicros
  readonly newest?: EpochMicros
  /** Minutes whose rollups are behind the records: see `refresh`. */
  readonly staleMinutes: number
}

/**
 * Where records are kept to be searched and summed. All adapters answer each query alike. A query sees every batch whose
 * `write` has resolved; series see it after the next `refresh`.
 */
export interface Store {
  readonly name: string

  /** @throws where a later version has written what is there */
  start(): Promise<void>
  stop(): Promise<void>

  /**
   * Resolves when the batch is kept, wholly. What was written before, wholly or in part, makes no difference when it is
   * written again: records are told by their ids, messages by their contents.
   */
  write(batch: Batch): Promise<Written>

  /**
   * Makes the rollups of a step anew where records have come since, from what is kept: minutes from records, hours from
   * minutes. Gives its turn to others between two steps, and ends early where the signal says so.
   *
   * @returns how many were made anew
   */
  refresh(step: Step, signal?: AbortSignal): Promise<number>

  attempts(query: AttemptQuery): Promise<Page<AttemptRecord>>
  rejections(query: RejectionQuery): Promise<Page<RejectionRecord>>
  alerts(query: AlertQuery): Promise<Page<Alert>>
  call(callId: string): Promise<CallRecords>

  /** Of these Call-IDs those whose messages are worth keeping: early media not answered, a rejection, a diagnosis. */
  interesting(callIds: readonly string[]): Promise<ReadonlySet<string>>

  /** In the order of time, then of the peers' names, then of directions. */
  series(query: SeriesQuery): Promise<readonly SeriesRow[]>

  /** Names of the peers that have attempts or rejections in the hours of this range, sorted. */
  peers(range: TimeRange): Promise<readonly string[]>

  /** Each change of what a peer's Allow lists, oldest first; with a method only those of it, per source. */
  capabilityHistory(peer: string, method?: string): Promise<readonly AllowRecord[]>

  /** Deletes what is older than the limits say, by the time `now`, and the oldest where it is too much. */
  retain(now: EpochMicros, limits: RetentionLimits): Promise<void>

  size(): Promise<StoreSize>
}

export const mostInPage = 500
export const usualPage = 100
export const mostOfCall = { records: 500, messages: 2000 } as const
