import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import type { AttemptRecord, LegsRecord } from '@earshot/calls'
import type { EpochMicros } from '@earshot/units'
import { minutesTouched } from './moments.ts'
import { netColumns } from './series-rows.ts'
import { horizonsIn, metaIn, setMeta } from './sqlite-meta.ts'
import type { SqliteRollups } from './sqlite-rollups.ts'
import type { RetentionLimits } from './store.ts'
import { rejectedTerm, termsOf } from './terms.ts'

const HOUR = 3600e6

/** Rows in one transaction: it stops the process for some milliseconds, and readers not at all. */
const AT_ONCE = 1000

type Row = Record<string, SQLOutputValue>

/** Deletes from a store what its limits do not cover. */
export class SqliteRetention {
  readonly #database: DatabaseSync
  readonly #rollups: SqliteRollups
  readonly #bytes: () => number

  /** @param bytes how large the store is now */
  constructor(database: DatabaseSync, rollups: SqliteRollups, bytes: () => number) {
    this.#database = database
    this.#rollups = rollups
    this.#bytes = bytes
  }

  async retain(now: EpochMicros, limits: RetentionLimits): Promise<void> {
    const past = (keptSeconds: number): number => Math.floor(now - keptSeconds * 1e6)
    const hours = wholeHour(past(limits.hoursSeconds))
    await this.#deleteMessages(`at < ${past(limits.messagesSeconds)}`)
    await this.#cutRecords(Math.max(wholeHour(past(limits.attemptsSeconds)), hours))
    await this.#cutRollups({ minutes: wholeHour(past(limits.minutesSeconds)), hours })
    await this.#delete('alerts', `ended_at < ${past(limits.alertsSeconds)}`)
    await this.#delete('allows', `at < ${past(limits.alertsSeconds)}`)
    await this.#cutToSize(now, limits)
  }

  /** Raw messages give way first, then one hour of records after the other, but not the present one nor the one before: its records still arrive. */
  async #cutToSize(now: EpochMicros, { bytes, messagesBytes }: RetentionLimits): Promise<void> {
    const held = (): number => metaIn(this.#database, 'messages_bytes') ?? 0
    while (held() > 0 && (held() > messagesBytes || this.#bytes() > bytes)) {
      await this.#deleteMessages('true ORDER BY at', 1)
    }
    while (this.#bytes() > bytes) {
      const oldest = this.#database
        .prepare('SELECT min(started_at) AS at FROM attempts WHERE started_at >= ?')
        .get(horizonsIn(this.#database).records)?.at
      const end = typeof oldest === 'number' ? wholeHour(oldest) + HOUR : Infinity
      if (end > wholeHour(now) - HOUR) return
      await this.#cutRecords(end)
    }
  }

  /** Records from before this time go, when what is summed of them is up to date. */
  async #cutRecords(time: number): Promise<void> {
    if (time > horizonsIn(this.#database).records) {
      this.#rollups.refreshBefore(time / 1e6)
      // From now on none of that time is taken: no rollup is made anew of what is left.
      setMeta(this.#database, 'horizon', time)
    }
    const horizon = horizonsIn(this.#database).records
    await this.#deleteAttempts(horizon)
    await this.#delete('call_ends', `ended_at < ${horizon}`)
    await this.#deleteRejections(horizon)
    await this.#delete('legs', `ended_at < ${horizon}`, 'record', rows => {
      const link = this.#database.prepare('DELETE FROM leg_calls WHERE call_id = ? AND leg = ?')
      for (const { id, legs } of rows.map(({ record }) => JSON.parse(String(record)) as LegsRecord)) {
        for (const { callId } of legs) link.run(callId, id)
      }
    })
  }

  async #deleteAttempts(horizon: number): Promise<void> {
    const methods = this.#database.prepare('SELECT DISTINCT method FROM rejections WHERE call_id = ?')
    const term = this.#database.prepare('DELETE FROM terms WHERE term = ? AND started_at = ? AND attempt = ?')
    const touch = this.#database.prepare('DELETE FROM touches WHERE minute = ? AND attempt = ?')
    // Those that end later are part of minutes that may be made anew.
    const isOver = `started_at < ${horizon} AND record ->> '$.endedAt' < ${horizon}`
    await this.#delete('attempts', isOver, 'row, record', rows => {
      for (const { row, record: text } of rows) {
        const record = JSON.parse(String(text)) as AttemptRecord
        const rejected = methods.all(record.callId).map(({ method }) => rejectedTerm(String(method)))
        for (const each of [...termsOf(record), ...rejected]) term.run(each, record.startedAt, row!)
        for (const minute of minutesTouched(record)) touch.run(minute, row!)
      }
      this.#count('attempts', rows.length)
    })
  }

  /** Attempts that are kept are not found any more by methods of which no rejection is. */
  async #deleteRejections(horizon: number): Promise<void> {
    const left = this.#database.prepare('SELECT 1 FROM rejections WHERE call_id = ? AND method = ? LIMIT 1')
    const attempts = this.#database.prepare('SELECT row, started_at FROM attempts WHERE call_id = ?')
    const term = this.#database.prepare('DELETE FROM terms WHERE term = ? AND started_at = ? AND attempt = ?')
    await this.#delete('rejections', `at < ${horizon}`, 'call_id, method', rows => {
      // Once for each call and method, however often the call repeats it.
      const deleted = new Map(rows.map(row => [`${String(row.method)} ${String(row.call_id)}`, row]))
      for (const { call_id: callId, method } of deleted.values()) {
        if (left.get(callId!, method!)) continue
        const name = rejectedTerm(String(method))
        for (const attempt of attempts.all(callId!)) term.run(name, attempt.started_at!, attempt.row!)
      }
    })
  }

  async #deleteMessages(where: string, rounds?: number): Promise<void> {
    const gone = (rows: readonly Row[]): void => {
      this.#count(
        'messages_bytes',
        rows.reduce((sum, { size }) => sum + Number(size), 0)
      )
    }
    await this.#delete('messages', where, 'length(data) AS size', gone, rounds)
  }

  async #cutRollups(wanted: { readonly minutes: number; readonly hours: number }): Promise<void> {
    const { minutes, hours } = horizonsIn(this.#database)
    const [minutesFrom, hoursFrom] = [wanted.minutes / 1e6, wanted.hours / 1e6]
    if (minutesFrom > minutes) {
      this.#rollups.refreshBefore(minutesFrom)
      setMeta(this.#database, 'minutes_horizon', minutesFrom)
    }
    await this.#delete('rollups', `step = 'minute' AND at < ${minutesFrom}`)
    if (hoursFrom <= hours) return
    this.#rollups.refreshBefore(hoursFrom)
    this.#transaction(() => {
      this.#database.exec(`
        INSERT INTO bases
          SELECT peer, ${netColumns.map(name => `sum(${name})`).join(', ')} FROM rollups
          WHERE step = 'hour' AND at < ${hoursFrom} GROUP BY peer
          ON CONFLICT DO UPDATE SET ${netColumns.map(name => `${name} = ${name} + excluded.${name}`).join(', ')};
        DELETE FROM rollups WHERE step = 'hour' AND at < ${hoursFrom};`)
      setMeta(this.#database, 'hours_horizon', hoursFrom)
    })
  }

  /** @param gone told, within the transaction, what was read of the rows that go */
  async #delete(
    table: string,
    where: string,
    reads = '1 AS one',
    gone: (rows: readonly Row[]) => void = () => undefined,
    rounds = Infinity
  ): Promise<void> {
    const oldest = `rowid IN (SELECT rowid FROM ${table} WHERE ${where} LIMIT ${AT_ONCE})`
    for (let round = 0; round < rounds; round++) {
      const deleted = this.#transaction(() => {
        const rows = this.#database.prepare(`DELETE FROM ${table} WHERE ${oldest} RETURNING ${reads}`).all()
        gone(rows)
        return rows.length
      })
      if (deleted < AT_ONCE) return
      await turn()
    }
  }

  #count(name: string, less: number): void {
    setMeta(this.#database, name, (metaIn(this.#database, name) ?? 0) - less)
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }
}

const wholeHour = (time: number): number => Math.floor(time / HOUR) * HOUR
