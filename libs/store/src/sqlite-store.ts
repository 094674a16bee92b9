import type { DatabaseSync } from 'node:sqlite'
import type { AllowRecord, AttemptRecord, CallEndRecord, LegsRecord, RejectionRecord } from '@earshot/calls'
import type { Alert } from '@earshot/peers'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { changesOf } from './allow-history.ts'
import { messagesIn } from './message-chunks.ts'
import { limitOf, pageOf, positionOf } from './paging.ts'
import type { SeriesQuery, SeriesRow, Step } from './series.ts'
import { findAttempts } from './sqlite-attempts.ts'
import { after, all, condition, equals, oneOf, within, type Condition } from './sqlite-conditions.ts'
import { metaIn } from './sqlite-meta.ts'
import { SqliteRetention } from './sqlite-retention.ts'
import { SqliteRollups } from './sqlite-rollups.ts'
import { openStoreDatabase } from './sqlite-schema.ts'
import { SqliteWriter } from './sqlite-writer.ts'
import {
  mostOfCall,
  type AlertQuery,
  type AttemptQuery,
  type Batch,
  type CallRecords,
  type Page,
  type RejectionQuery,
  type RetentionLimits,
  type Store,
  type StoreSize,
  type TimeRange,
  type Written
} from './store.ts'

/** A store in one SQLite file, or in memory without a path. */
export class SqliteStore implements Store {
  readonly name = 'sqlite store'
  readonly #path: string | undefined
  #opened: DatabaseSync | undefined
  #writer: SqliteWriter | undefined

  constructor(path?: string) {
    this.#path = path
  }

  start(): Promise<void> {
    return now(() => {
      this.#opened ??= openStoreDatabase(this.#path)
      this.#writer = new SqliteWriter(this.#opened)
    })
  }

  stop(): Promise<void> {
    return now(() => {
      this.#opened?.close()
      this.#opened = undefined
    })
  }

  write(batch: Batch): Promise<Written> {
    return now(() => {
      if (!this.#writer) throw new Error('The store is not open')
      return this.#writer.write(batch)
    })
  }

  refresh(step: Step, signal?: AbortSignal): Promise<number> {
    return new SqliteRollups(this.#database).refresh(step, signal)
  }

  attempts(query: AttemptQuery): Promise<Page<AttemptRecord>> {
    return now(() => findAttempts(this.#database, query))
  }

  rejections(query: RejectionQuery): Promise<Page<RejectionRecord>> {
    return now(() => {
      const limit = limitOf(query)
      const rows = this.#records<RejectionRecord>(
        'rejections',
        [
          ...within('at', query),
          ...after('at', 'id', positionOf(query)),
          ...equals('call_id', query.callId),
          ...oneOf('peer', query.peers),
          ...equals('direction', query.direction),
          ...equals('method', query.method),
          ...equals('code', query.code)
        ],
        `at DESC, id DESC LIMIT ${limit + 1}`
      )
      return pageOf(rows, limit, ({ at, id }) => ({ at, id }))
    })
  }

  alerts(query: AlertQuery): Promise<Page<Alert>> {
    return now(() => {
      const limit = limitOf(query)
      const rows = this.#records<Alert>(
        'alerts',
        [
          ...within('started_at', query),
          ...after('started_at', 'id', positionOf(query)),
          ...equals('id', query.id),
          ...oneOf('peer', query.peers),
          ...oneOf('kind', query.kinds),
          ...(query.active === undefined ? [] : [condition(`ended_at IS ${query.active ? '' : 'NOT'} NULL`)])
        ],
        `started_at DESC, id DESC LIMIT ${limit + 1}`
      )
      return pageOf(rows, limit, ({ startedAt: at, id }) => ({ at, id }))
    })
  }

  call(callId: string): Promise<CallRecords> {
    return now(() => {
      const own = [condition('call_id = ?', callId)]
      const first = `LIMIT ${mostOfCall.records}`
      const legs = [condition('id IN (SELECT leg FROM leg_calls WHERE call_id = ?)', callId)]
      const chunks = this.#database
        .prepare('SELECT data FROM messages WHERE call_id = ? ORDER BY at, id')
        .iterate(callId)
      return {
        attempts: this.#records<AttemptRecord>('attempts', own, `started_at, id ${first}`),
        callEnds: this.#records<CallEndRecord>('call_ends', own, `ended_at, id ${first}`),
        rejections: this.#records<RejectionRecord>('rejections', own, `at, id ${first}`),
        legs: this.#records<LegsRecord>('legs', legs, `ended_at, id ${first}`),
        messages: messagesIn(callId, dataOf(chunks))
      }
    })
  }

  interesting(callIds: readonly string[]): Promise<ReadonlySet<string>> {
    return now(() => {
      const rejected = this.#database.prepare('SELECT 1 FROM rejections WHERE call_id = ? LIMIT 1')
      const attempts = this.#database.prepare(
        `SELECT 1 FROM attempts WHERE call_id = ?
         AND (class = 'early_media' AND outcome <> 'answered' OR record ->> '$.diagnosis' IS NOT NULL) LIMIT 1`
      )
      return new Set(callIds.filter(callId => rejected.get(callId) ?? attempts.get(callId)))
    })
  }

  series(query: SeriesQuery): Promise<readonly SeriesRow[]> {
    return now(() => new SqliteRollups(this.#database).series(query))
  }

  peers(range: TimeRange): Promise<readonly string[]> {
    return now(() => new SqliteRollups(this.#database).peers(range))
  }

  capabilityHistory(peer: string, method?: string): Promise<readonly AllowRecord[]> {
    return now(() => changesOf(this.#records<AllowRecord>('allows', equals('peer', peer), 'at, source'), method))
  }

  async retain(now: EpochMicros, limits: RetentionLimits): Promise<void> {
    const database = this.#database
    await new SqliteRetention(database, new SqliteRollups(database), () => this.#bytes()).retain(now, limits)
  }

  size(): Promise<StoreSize> {
    return now(() => {
      const oldest = this.#number('SELECT min(started_at) AS value FROM attempts')
      const newest = this.#number('SELECT max(started_at) AS value FROM attempts')
      return {
        bytes: this.#bytes(),
        messagesBytes: metaIn(this.#database, 'messages_bytes') ?? 0,
        attempts: metaIn(this.#database, 'attempts') ?? 0,
        ...(oldest !== undefined && { oldest: epochMicros(oldest) }),
        ...(newest !== undefined && { newest: epochMicros(newest) }),
        staleMinutes: this.#number("SELECT count(*) AS value FROM stale WHERE step = 'minute'") ?? 0
      }
    })
  }

  get #database(): DatabaseSync {
    if (!this.#opened) throw new Error('The store is not open')
    return this.#opened
  }

  #records<Row>(table: string, conditions: readonly Condition[], order: string): Row[] {
    const { sql, given } = all(conditions)
    const rows = this.#database.prepare(`SELECT record FROM ${table} WHERE ${sql} ORDER BY ${order}`).all(...given)
    return rows.map(({ record }) => JSON.parse(String(record)) as Row)
  }

  #number(sql: string): number | undefined {
    const value = this.#database.prepare(sql).get()?.value
    return typeof value === 'number' ? value : undefined
  }

  #bytes(): number {
    const pages = this.#number(
      'SELECT page_count - freelist_count AS value FROM pragma_page_count, pragma_freelist_count'
    )
    return (pages ?? 0) * (this.#number('SELECT page_size AS value FROM pragma_page_size') ?? 0)
  }
}

function* dataOf(rows: Iterable<Record<string, unknown>>): Iterable<Uint8Array> {
  for (const { data } of rows) yield data as Uint8Array
}

/** What is done at once, as a promise. */
const now = <Result>(work: () => Result): Promise<Result> =>
  new Promise(resolve => {
    resolve(work())
  })
