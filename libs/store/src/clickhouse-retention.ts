import type { EpochMicros } from '@earshot/units'
import type { ClickhouseConnection, Given } from './clickhouse-connection.ts'
import { horizonsIn, setMeta } from './clickhouse-meta.ts'
import type { ClickhouseRollups } from './clickhouse-rollups.ts'
import { dailyTables, dayOf } from './clickhouse-schema.ts'
import { LONGEST_ATTEMPT } from './moments.ts'
import { netColumns } from './series-rows.ts'
import type { RetentionLimits } from './store.ts'

const HOUR = 3600e6
const DAY = 24 * HOUR

/** Deletes from a store what its limits do not cover. */
export class ClickhouseRetention {
  readonly #connection: ClickhouseConnection
  readonly #rollups: ClickhouseRollups

  constructor(connection: ClickhouseConnection, rollups: ClickhouseRollups) {
    this.#connection = connection
    this.#rollups = rollups
  }

  async retain(now: EpochMicros, limits: RetentionLimits): Promise<void> {
    const past = (keptSeconds: number): number => Math.floor(now - keptSeconds * 1e6)
    const hours = wholeHour(past(limits.hoursSeconds))
    await this.#delete('messages', 'at', past(limits.messagesSeconds))
    await this.#cutRecords(Math.max(wholeHour(past(limits.attemptsSeconds)), hours))
    await this.#cutRollups(wholeHour(past(limits.minutesSeconds)), hours)
    // Rows that say that it lasts go with the one that says when it ended.
    const isOver = '(started_at, id) IN (SELECT started_at, id FROM alerts WHERE ended_at < {before:Int64})'
    await this.#deleteWhere('alerts', isOver, { before: past(limits.alertsSeconds) })
    await this.#delete('allows', 'at', past(limits.alertsSeconds))
    await this.#cutToSize(now, limits)
  }

  /**
   * Raw messages give way first, then records; one UTC day after the other, as only whole partitions free the disk at once,
   * and never the present one.
   */
  async #cutToSize(now: EpochMicros, { bytes, messagesBytes }: RetentionLimits): Promise<void> {
    const dayAfter = async (table: string, column: string, from?: number): Promise<number | undefined> => {
      const oldest = await this.#oldest(table, column, from)
      const end = oldest === undefined ? Infinity : wholeDay(oldest) + DAY
      return end <= wholeDay(now) ? end : undefined
    }
    for (;;) {
      const sizes = await sizesIn(this.#connection)
      if (sizes.messages <= messagesBytes && sizes.all <= bytes) break
      const end = await dayAfter('messages', 'at')
      if (end === undefined) break
      await this.#delete('messages', 'at', end)
    }
    while ((await sizesIn(this.#connection)).all > bytes) {
      // What began before the horizon is not over.
      const { records: horizon } = await horizonsIn(this.#connection)
      const end = await dayAfter('attempts', 'started_at', horizon)
      if (end === undefined) break
      await this.#cutRecords(end)
    }
  }

  /** Records from before this time go, when what is summed of them is up to date. */
  async #cutRecords(time: number): Promise<void> {
    if (time > (await horizonsIn(this.#connection)).records) {
      await this.#refreshBefore(time / 1e6)
      // From now on none of that time is taken: no rollup is made anew of what is left.
      await setMeta(this.#connection, 'horizon', time)
    }
    const horizon = (await horizonsIn(this.#connection)).records
    await this.#deleteAttempts(horizon)
    await this.#delete('touches', 'minute * 1000000', wholeHour(horizon))
    await this.#delete('call_ends', 'ended_at', horizon)
    await this.#delete('rejections', 'at', horizon)
    await this.#delete('legs', 'ended_at', horizon)
  }

  /** Those that end later are part of minutes that may be made anew: they go when they are over. */
  async #deleteAttempts(horizon: number): Promise<void> {
    const minute = horizon / 1e6
    const given = { horizon, minute, until: minute + LONGEST_ATTEMPT / 1e6 }
    const later = `SELECT started_at, id FROM touches
      WHERE minute >= {minute:Int64} AND minute < {until:Int64} AND started_at < {horizon:Int64}`
    const where = `started_at < {horizon:Int64} AND (started_at, id) NOT IN (${later})`
    const days = await this.#connection.rows<{ day: number }>(
      `SELECT DISTINCT ${dayOf('started_at')} AS day FROM (${later})`,
      given
    )
    const shared = new Set(days.map(({ day }) => day))
    await this.#dropDays('attempts', horizon, shared)
    for (const day of shared) if (day < dayNumber(horizon)) await this.#rewriteDay('attempts', day, where, given)
    await this.#deleteWhere('attempts', where, given)
  }

  async #cutRollups(minutesTime: number, hoursTime: number): Promise<void> {
    const { minutes, hours } = await horizonsIn(this.#connection)
    const [minutesFrom, hoursFrom] = [minutesTime / 1e6, hoursTime / 1e6]
    if (minutesFrom > minutes) {
      await this.#refreshBefore(minutesFrom)
      await setMeta(this.#connection, 'minutes_horizon', minutesFrom)
    }
    await this.#delete('rollups', "step = 'minute' AND at", minutesFrom)
    if (hoursFrom > hours) {
      await this.#refreshBefore(hoursFrom)
      await this.#sumUp(hours, hoursFrom)
      // What was summed up counts from here on, and what it was made of does not any more.
      await setMeta(this.#connection, 'hours_horizon', hoursFrom)
    }
    await this.#delete('rollups', "step = 'hour' AND at", (await horizonsIn(this.#connection)).hours)
    await this.#delete('stale', 'at', Math.min(minutesFrom, hoursFrom))
  }

  async #sumUp(before: number, until: number): Promise<void> {
    const columns = netColumns.join(', ')
    await this.#connection.command(
      `INSERT INTO bases SELECT {until:Int64}, peer, ${netColumns.map(name => `sum(${name})`).join(', ')} FROM (
         SELECT peer, ${columns} FROM bases FINAL WHERE until = {before:Int64}
         UNION ALL SELECT peer, ${columns} FROM rollups FINAL
           WHERE step = 'hour' AND at >= {before:Int64} AND at < {until:Int64}
       ) GROUP BY peer`,
      { before, until }
    )
  }

  async #refreshBefore(before: number): Promise<void> {
    await this.#rollups.refresh('minute', { before })
    await this.#rollups.refresh('hour', { before })
  }

  /** @param spared days that have something to keep */
  async #dropDays(table: string, before: number, spared: ReadonlySet<number> = new Set()): Promise<void> {
    const days = await this.#connection.rows<{ day: number }>(
      `SELECT DISTINCT toUInt32(partition) AS day FROM system.parts
       WHERE active AND database = currentDatabase() AND table = {table:String} AND day < {before:UInt32}`,
      { table, before: dayNumber(before) }
    )
    for (const { day } of days) {
      if (!spared.has(day)) await this.#connection.command(`ALTER TABLE ${table} DROP PARTITION ${day}`)
    }
  }

  /** Unlike DELETE it frees the disk at once, by writing what is left of the day. */
  async #rewriteDay(table: string, day: number, where: string, given: Given): Promise<void> {
    if (!(await this.#hasAny(table, `_partition_id = '${day}' AND ${where}`, given))) return
    await this.#connection.command(
      `ALTER TABLE ${table} DELETE IN PARTITION ${day} WHERE ${where} SETTINGS mutations_sync = 1`,
      given
    )
  }

  async #oldest(table: string, column: string, from = Number.MIN_SAFE_INTEGER): Promise<number | undefined> {
    const [row] = await this.#connection.rows<{ oldest: number; rows: number }>(
      `SELECT min(${column}) AS oldest, count() AS rows FROM ${table} WHERE ${column} >= {from:Int64}`,
      { from }
    )
    return row && Number(row.rows) > 0 ? Number(row.oldest) : undefined
  }

  /** Whole partitions first. */
  async #delete(table: string, column: string, before: number): Promise<void> {
    if (dailyTables.has(table)) await this.#dropDays(table, before)
    await this.#deleteWhere(table, `${column} < {before:Int64}`, { before })
  }

  /** Nothing is written anew where nothing goes. */
  async #deleteWhere(table: string, where: string, given: Given): Promise<void> {
    if (!(await this.#hasAny(table, where, given))) return
    await this.#connection.command(`DELETE FROM ${table} WHERE ${where}`, given)
  }

  async #hasAny(table: string, where: string, given: Given): Promise<boolean> {
    const rows = await this.#connection.rows(`SELECT 1 FROM ${table} WHERE ${where} LIMIT 1`, given)
    return rows.length > 0
  }
}

/** Bytes on disk, of all tables and of raw messages. */
export async function sizesIn(
  connection: ClickhouseConnection
): Promise<{ readonly all: number; readonly messages: number }> {
  const [row] = await connection.rows<{ all: number; messages: number }>(
    `SELECT sum(bytes_on_disk) AS all, sumIf(bytes_on_disk, table = 'messages') AS messages FROM system.parts
     WHERE active AND database = currentDatabase()`
  )
  return { all: Number(row?.all ?? 0), messages: Number(row?.messages ?? 0) }
}

/** As partitions are named. */
const dayNumber = (time: number): number => Number(new Date(time / 1e3).toISOString().slice(0, 10).replaceAll('-', ''))
const wholeDay = (time: number): number => Math.floor(time / DAY) * DAY
const wholeHour = (time: number): number => Math.floor(time / HOUR) * HOUR
