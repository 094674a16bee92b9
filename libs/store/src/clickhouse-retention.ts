import type { EpochMicros } from '@earshot/units'
import type { ClickhouseConnection } from './clickhouse-connection.ts'
import { horizonsIn, setMeta } from './clickhouse-meta.ts'
import type { ClickhouseRollups } from './clickhouse-rollups.ts'
import { dailyTables } from './clickhouse-schema.ts'
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
    await this.#delete('alerts', 'ended_at', past(limits.alertsSeconds))
    await this.#delete('allows', 'at', past(limits.alertsSeconds))
    await this.#cutToSize(now, limits)
  }

  /**
   * Raw messages give way first, then records; one UTC day after the other, as only whole partitions free the disk at once,
   * and never the present one.
   */
  async #cutToSize(now: EpochMicros, { bytes, messagesBytes }: RetentionLimits): Promise<void> {
    const dayAfter = async (table: string, column: string): Promise<number | undefined> => {
      const oldest = await this.#oldest(table, column)
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
      const end = await dayAfter('attempts', 'started_at')
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
    await this.#delete('touches', 'minute * 1000000', wholeHour(horizon))
    await this.#delete('attempts', 'started_at', horizon)
    await this.#delete('call_ends', 'ended_at', horizon)
    await this.#delete('rejections', 'at', horizon)
    await this.#delete('legs', 'ended_at', horizon)
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

  async #dropDays(table: string, before: number): Promise<void> {
    const day = Number(new Date(before / 1e3).toISOString().slice(0, 10).replaceAll('-', ''))
    const days = await this.#connection.rows<{ partition: string }>(
      `SELECT DISTINCT partition FROM system.parts
       WHERE active AND database = currentDatabase() AND table = {table:String} AND toUInt32(partition) < {day:UInt32}`,
      { table, day }
    )
    for (const { partition } of days) await this.#connection.command(`ALTER TABLE ${table} DROP PARTITION ${partition}`)
  }

  async #oldest(table: string, column: string): Promise<number | undefined> {
    const [row] = await this.#connection.rows<{ at: number; rows: number }>(
      `SELECT min(${column}) AS at, count() AS rows FROM ${table}`
    )
    return row && Number(row.rows) > 0 ? Number(row.at) : undefined
  }

  /** Whole partitions first; of the others nothing is written anew where nothing is that old. */
  async #delete(table: string, column: string, before: number): Promise<void> {
    const given = { before }
    if (dailyTables.has(table)) await this.#dropDays(table, before)
    const where = `${column} < {before:Int64}`
    const [row] = await this.#connection.rows<{ rows: number }>(
      `SELECT count() AS rows FROM ${table} WHERE ${where}`,
      given
    )
    if (Number(row?.rows ?? 0) > 0) await this.#connection.command(`DELETE FROM ${table} WHERE ${where}`, given)
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

const wholeDay = (time: number): number => Math.floor(time / DAY) * DAY
const wholeHour = (time: number): number => Math.floor(time / HOUR) * HOUR
