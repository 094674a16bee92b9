import type { AllowRecord, AttemptRecord, CallEndRecord, LegsRecord, RejectionRecord } from '@earshot/calls'
import type { Alert } from '@earshot/peers'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { changesOf } from './allow-history.ts'
import { after, equals, findAttempts, findPage, oneOf, within } from './clickhouse-attempts.ts'
import {
  all,
  ClickhouseConnection,
  condition,
  type ClickhouseOptions,
  type Condition
} from './clickhouse-connection.ts'
import { metaIn, setMeta, staleSteps } from './clickhouse-meta.ts'
import { ClickhouseRetention, sizesIn } from './clickhouse-retention.ts'
import { ClickhouseRollups } from './clickhouse-rollups.ts'
import { clickhouseFormat, clickhouseStatements } from './clickhouse-schema.ts'
import { writeBatch } from './clickhouse-writer.ts'
import { messagesIn } from './message-chunks.ts'
import { limitOf, pageOf, positionOf } from './paging.ts'
import type { SeriesQuery, SeriesRow, Step } from './series.ts'
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

/** A store in a database of ClickHouse. Several processes may write and read it. */
export class ClickhouseStore implements Store {
  readonly name = 'clickhouse store'
  readonly #options: ClickhouseOptions
  #opened: ClickhouseConnection | undefined

  constructor(options: ClickhouseOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    // The database may have to be made; any other is there to connect to.
    const making = new ClickhouseConnection({ ...this.#options, database: 'default' })
    for (const statement of clickhouseStatements(this.#options.database)) await making.command(statement)
    await making.close()
    this.#opened = new ClickhouseConnection(this.#options)
    await this.#ensureFormat()
  }

  async stop(): Promise<void> {
    await this.#opened?.close()
    this.#opened = undefined
  }

  write(batch: Batch): Promise<Written> {
    return writeBatch(this.#connection, batch)
  }

  refresh(step: Step, signal?: AbortSignal): Promise<number> {
    return new ClickhouseRollups(this.#connection).refresh(step, { signal })
  }

  attempts(query: AttemptQuery): Promise<Page<AttemptRecord>> {
    return findAttempts(this.#connection, query)
  }

  rejections(query: RejectionQuery): Promise<Page<RejectionRecord>> {
    const conditions = [
      ...equals('call_id', query.callId),
      ...oneOf('peer', query.peers),
      ...equals('direction', query.direction),
      ...equals('method', query.method),
      ...(query.code === undefined ? [] : [condition('code = {code:UInt16}', { code: query.code })])
    ]
    return findPage<RejectionRecord>(this.#connection, { table: 'rejections', time: 'at', conditions }, query)
  }

  async alerts(query: AlertQuery): Promise<Page<Alert>> {
    const limit = limitOf(query)
    const rows = await this.#records<Alert>(
      'alerts FINAL',
      [
        ...within('started_at', query),
        ...after('started_at', positionOf(query)),
        ...(query.id === undefined ? [] : [condition('id = {own:String}', { own: query.id })]),
        ...oneOf('peer', query.peers),
        ...oneOf('kind', query.kinds),
        ...(query.active === undefined ? [] : [condition(`is_over = ${query.active ? 0 : 1}`)])
      ],
      `started_at DESC, id DESC LIMIT ${limit + 1}`
    )
    return pageOf(rows, limit, ({ startedAt: at, id }) => ({ at, id }))
  }

  async call(callId: string): Promise<CallRecords> {
    const own = equals('call_id', callId)
    const first = (time: string): string => `${time}, id LIMIT 1 BY ${time}, id LIMIT ${mostOfCall.records}`
    const chunks = await this.#connection.rows<{ data: string }>(
      `SELECT base64Encode(data) AS data FROM messages WHERE call_id = {call_id:String}
       ORDER BY at, id LIMIT 1 BY id LIMIT ${2 * mostOfCall.messages}`,
      { call_id: callId }
    )
    const [attempts, callEnds, rejections, legs] = await Promise.all([
      this.#records<AttemptRecord>('attempts', own, first('started_at')),
      this.#records<CallEndRecord>('call_ends', own, first('ended_at')),
      this.#records<RejectionRecord>('rejections', own, first('at')),
      this.#records<LegsRecord>(
        'legs',
        [condition('has(call_ids, {call_id:String})', { call_id: callId })],
        first('ended_at')
      )
    ])
    const messages = messagesIn(
      callId,
      chunks.map(({ data }) => Buffer.from(data, 'base64'))
    )
    return { attempts, callEnds, rejections, legs, messages }
  }

  async interesting(callIds: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    for (let at = 0; at < callIds.length; at += IDS_AT_ONCE) {
      const ids = callIds.slice(at, at + IDS_AT_ONCE)
      const rows = await this.#connection.rows<{ call_id: string }>(
        `SELECT DISTINCT call_id FROM rejections WHERE call_id IN {ids:Array(String)}
         UNION DISTINCT SELECT DISTINCT call_id FROM attempts WHERE call_id IN {ids:Array(String)}
           AND (class = 'early_media' AND outcome <> 'answered' OR JSONHas(record, 'diagnosis'))`,
        { ids }
      )
      for (const row of rows) found.add(row.call_id)
    }
    return found
  }

  series(query: SeriesQuery): Promise<readonly SeriesRow[]> {
    return new ClickhouseRollups(this.#connection).series(query)
  }

  peers(range: TimeRange): Promise<readonly string[]> {
    return new ClickhouseRollups(this.#connection).peers(range)
  }

  async capabilityHistory(peer: string, method?: string): Promise<readonly AllowRecord[]> {
    return changesOf(await this.#records<AllowRecord>('allows FINAL', equals('peer', peer), 'at, source'), method)
  }

  retain(now: EpochMicros, limits: RetentionLimits): Promise<void> {
    const connection = this.#connection
    return new ClickhouseRetention(connection, new ClickhouseRollups(connection)).retain(now, limits)
  }

  async size(): Promise<StoreSize> {
    const [counted] = await this.#connection.rows<{ attempts: number; oldest: number; newest: number }>(
      'SELECT count() AS attempts, min(started_at) AS oldest, max(started_at) AS newest FROM attempts'
    )
    const sizes = await sizesIn(this.#connection)
    const attempts = Number(counted?.attempts ?? 0)
    return {
      bytes: sizes.all,
      messagesBytes: sizes.messages,
      attempts,
      ...(attempts > 0 && {
        oldest: epochMicros(Number(counted!.oldest)),
        newest: epochMicros(Number(counted!.newest))
      }),
      staleMinutes: (await staleSteps(this.#connection, 'minute')).length
    }
  }

  get #connection(): ClickhouseConnection {
    if (!this.#opened) throw new Error('The store is not open')
    return this.#opened
  }

  async #ensureFormat(): Promise<void> {
    const found = (await metaIn(this.#connection)).get('format')
    if (found === undefined) await setMeta(this.#connection, 'format', clickhouseFormat)
    else if (found > clickhouseFormat) {
      throw new Error(
        `the store ${this.#options.database} has format ${found}; this version of Earshot reads up to ${clickhouseFormat}`
      )
    }
  }

  async #records<Row>(table: string, conditions: readonly Condition[], order: string): Promise<Row[]> {
    const { sql, given } = all(conditions)
    const rows = await this.#connection.rows<{ record: string }>(
      `SELECT record FROM ${table} WHERE ${sql} ORDER BY ${order}`,
      given
    )
    return rows.map(({ record }) => JSON.parse(record) as Row)
  }
}

/** They travel in the address of a request. */
const IDS_AT_ONCE = 2000
