import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { AllowRecord, AttemptRecord, CallEndRecord, LegsRecord, RejectionRecord } from '@earshot/calls'
import type { Alert } from '@earshot/peers'
import { epochMicros } from '@earshot/units'
import { chunksOf } from './message-chunks.ts'
import { minuteOf, minutesTouched } from './moments.ts'
import { digitsOf } from './numbers.ts'
import type { Batch, RawMessage, Written } from './store.ts'
import { horizonsIn } from './sqlite-meta.ts'
import { rejectedTerm, termsOf } from './terms.ts'

/** Writes batches, each wholly or not at all, and notes which rollups are behind then. */
export class SqliteWriter {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #horizon = -Infinity
  #rows = 0
  #tooOld = 0
  #attempts = 0
  #messagesBytes = 0

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  write(batch: Batch): Written {
    this.#rows = 0
    this.#tooOld = 0
    this.#attempts = 0
    this.#messagesBytes = 0
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      this.#horizon = horizonsIn(this.#database).records
      const stale = new Set<number>()
      for (const each of batch.attempts ?? []) this.#attempt(each, stale)
      for (const each of batch.callEnds ?? []) this.#callEnd(each, stale)
      for (const each of batch.rejections ?? []) this.#rejection(each, stale)
      for (const each of batch.legs ?? []) this.#legs(each)
      for (const each of batch.allows ?? []) this.#allow(each)
      for (const each of batch.alerts ?? []) this.#alert(each)
      this.#messages(batch.messages ?? [])
      for (const minute of stale) this.#run("INSERT OR IGNORE INTO stale VALUES ('minute', ?)").run(minute)
      this.#count('attempts', this.#attempts)
      this.#count('messages_bytes', this.#messagesBytes)
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
    return { rows: this.#rows, tooOld: this.#tooOld }
  }

  #attempt(record: AttemptRecord, stale: Set<number>): void {
    const { id, callId, peer, direction, startedAt, class: early, outcome, from, to } = record
    if (this.#isTooOld(startedAt)) return
    const { changes, lastInsertRowid: row } = this.#run(
      'INSERT OR IGNORE INTO attempts VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
    ).run(startedAt, id, callId, peer, direction, early, outcome, digitsOf(from), digitsOf(to), JSON.stringify(record))
    if (!this.#isNew(changes)) return
    this.#attempts++
    const methods = this.#run('SELECT DISTINCT method FROM rejections WHERE call_id = ?').all(callId)
    const rejected = methods.map(({ method }) => rejectedTerm(String(method)))
    for (const term of [...termsOf(record), ...rejected]) this.#term(term, startedAt, row)
    const start = minuteOf(startedAt)
    stale.add(start)
    // An end that came before its attempt was not counted among what leaves.
    const end = this.#run('SELECT ended_at FROM call_ends WHERE call_id = ? AND id = ?').get(callId, id)
    if (end) stale.add(minuteOf(epochMicros(Number(end.ended_at))))
    for (const minute of minutesTouched(record)) {
      stale.add(minute)
      if (minute !== start) this.#run('INSERT INTO touches VALUES (?, ?)').run(minute, row)
    }
  }

  #callEnd(record: CallEndRecord, stale: Set<number>): void {
    if (this.#isTooOld(record.endedAt)) return
    const { changes } = this.#run('INSERT OR IGNORE INTO call_ends VALUES (NULL, ?, ?, ?, ?)').run(
      record.id,
      record.callId,
      record.endedAt,
      JSON.stringify(record)
    )
    if (this.#isNew(changes)) stale.add(minuteOf(record.endedAt))
  }

  #rejection(record: RejectionRecord, stale: Set<number>): void {
    const { id, at, callId, peer, direction, method, code } = record
    if (this.#isTooOld(at)) return
    const { changes } = this.#run('INSERT OR IGNORE INTO rejections VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      at,
      id,
      callId,
      peer,
      direction,
      method,
      code,
      JSON.stringify(record)
    )
    if (!this.#isNew(changes)) return
    const term = rejectedTerm(method)
    for (const { row, started_at: startedAt } of this.#attemptsOf(callId)) this.#term(term, startedAt, row)
    stale.add(minuteOf(at))
  }

  #attemptsOf(callId: string): { row: number; started_at: number }[] {
    return this.#run('SELECT row, started_at FROM attempts WHERE call_id = ?').all(callId) as {
      row: number
      started_at: number
    }[]
  }

  #term(term: string, startedAt: number, row: number | bigint): void {
    this.#run('INSERT OR IGNORE INTO terms VALUES (?, ?, ?)').run(term, startedAt, row)
  }

  #legs(record: LegsRecord): void {
    const { id, endedAt, legs } = record
    if (this.#isTooOld(endedAt)) return
    const { changes } = this.#run('INSERT OR IGNORE INTO legs VALUES (?, ?, ?)').run(
      id,
      endedAt,
      JSON.stringify(record)
    )
    if (!this.#isNew(changes)) return
    for (const { callId } of legs) this.#run('INSERT OR IGNORE INTO leg_calls VALUES (?, ?)').run(callId, id)
  }

  #allow(record: AllowRecord): void {
    const { peer, at, source } = record
    const { changes } = this.#run('INSERT OR IGNORE INTO allows VALUES (?, ?, ?, ?)').run(
      peer,
      at,
      source,
      JSON.stringify(record)
    )
    this.#isNew(changes)
  }

  #alert(alert: Alert): void {
    const { id, peer, kind, startedAt, endedAt } = alert
    const { changes } = this.#run(
      `INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
       SET ended_at = excluded.ended_at, record = excluded.record
       WHERE excluded.ended_at IS NOT NULL AND alerts.ended_at IS NULL`
    ).run(id, peer, kind, startedAt, endedAt ?? null, JSON.stringify(alert))
    this.#isNew(changes)
  }

  #messages(messages: readonly RawMessage[]): void {
    for (const { callId, id, at, count, data } of chunksOf(messages)) {
      const { changes } = this.#run('INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?)').run(
        callId,
        id,
        at,
        count,
        data
      )
      if (this.#isNew(changes)) this.#messagesBytes += data.length
    }
  }

  #count(name: string, by: number): void {
    if (by > 0) this.#run('UPDATE meta SET value = value + ? WHERE name = ?').run(by, name)
  }

  #isNew(changes: number | bigint): boolean {
    this.#rows += Number(changes)
    return changes > 0
  }

  #isTooOld(at: number): boolean {
    if (at >= this.#horizon) return false
    this.#tooOld++
    return true
  }

  #run(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
