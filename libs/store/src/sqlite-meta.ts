import type { DatabaseSync } from 'node:sqlite'

/** What begins before these is deleted, or may be. */
export type Horizons = {
  /** Of records, in epoch microseconds; a whole hour. */
  readonly records: number
  /** Of rollups, in epoch seconds; whole hours. */
  readonly minutes: number
  readonly hours: number
}

export function horizonsIn(database: DatabaseSync): Horizons {
  return {
    records: metaIn(database, 'horizon') ?? Number.MIN_SAFE_INTEGER,
    minutes: metaIn(database, 'minutes_horizon') ?? Number.MIN_SAFE_INTEGER,
    hours: metaIn(database, 'hours_horizon') ?? Number.MIN_SAFE_INTEGER
  }
}

export function metaIn(database: DatabaseSync, name: string): number | undefined {
  const value = database.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.value
  return typeof value === 'number' ? value : undefined
}

export function setMeta(database: DatabaseSync, name: string, value: number): void {
  database.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(name, value)
}
