import type { ClickhouseConnection } from './clickhouse-connection.ts'
import type { Step } from './series.ts'

/** What begins before these is deleted, or may be: records in epoch microseconds, rollups in epoch seconds. */
export type Horizons = { readonly records: number; readonly minutes: number; readonly hours: number }

export async function horizonsIn(connection: ClickhouseConnection): Promise<Horizons> {
  const meta = await metaIn(connection)
  return {
    records: meta.get('horizon') ?? Number.MIN_SAFE_INTEGER,
    minutes: meta.get('minutes_horizon') ?? Number.MIN_SAFE_INTEGER,
    hours: meta.get('hours_horizon') ?? Number.MIN_SAFE_INTEGER
  }
}

export async function metaIn(connection: ClickhouseConnection): Promise<ReadonlyMap<string, number>> {
  const rows = await connection.rows<{ name: string; value: number }>('SELECT name, value FROM meta FINAL')
  return new Map(rows.map(({ name, value }) => [name, Number(value)]))
}

export const setMeta = (connection: ClickhouseConnection, name: string, value: number): Promise<void> =>
  connection.insert('meta', [{ name, value }])

/** The steps are behind what was or will be written about now; `markedUntil` tells until when that was noted. */
export const markStale = (connection: ClickhouseConnection, step: Step, steps: ReadonlySet<number>): Promise<void> =>
  steps.size === 0
    ? Promise.resolve()
    : connection.command(
        `INSERT INTO stale (step, at, marked) SELECT {step:String}, arrayJoin({steps:Array(Int64)}), now64(6)`,
        { step, steps: [...steps] }
      )

/** Steps that are behind, oldest first, and until when that was noted. */
export const staleSteps = (connection: ClickhouseConnection, step: Step): Promise<{ at: number; marked: string }[]> =>
  connection.rows(
    `SELECT at, toString(max(marked)) AS marked FROM stale WHERE step = {step:String}
     GROUP BY at HAVING max(stale.marked) > max(made) ORDER BY at`,
    { step }
  )

/** What was noted until then is in the rollups. */
export const markMade = (connection: ClickhouseConnection, step: Step, at: number, marked: string): Promise<void> =>
  connection.insert('stale', [{ step, at, made: marked }])
