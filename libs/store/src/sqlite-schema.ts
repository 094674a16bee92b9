import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { netColumns } from './series-rows.ts'

/** The version of everything in the file. A change that older code cannot read raises it and comes with a migration. */
export const sqliteFormat = 1

/**
 * Attempts lie in the order in which they came, which is nearly that of time. Each query has an index that has its rows
 * in the order of time, or finds few. `touches` names the minutes beside that of its start in which an attempt changes
 * what is under way; `stale` the steps whose rollups are behind. `bases` has what was under way at each peer before the
 * oldest hour that is kept.
 */
const schema = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;
  INSERT INTO meta VALUES ('format', ${sqliteFormat}), ('attempts', 0), ('messages_bytes', 0);

  CREATE TABLE attempts (
    row INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, id TEXT NOT NULL, call_id TEXT NOT NULL, peer TEXT NOT NULL,
    direction TEXT NOT NULL, class TEXT NOT NULL, outcome TEXT NOT NULL, caller TEXT NOT NULL, callee TEXT NOT NULL,
    record TEXT NOT NULL) STRICT;
  CREATE UNIQUE INDEX attempts_by_time ON attempts (started_at, id);
  CREATE INDEX attempts_by_peer ON attempts (peer, started_at, outcome, class, direction);
  CREATE INDEX attempts_by_outcome ON attempts (outcome, started_at, class, direction);
  CREATE INDEX attempts_by_class ON attempts (class, started_at, outcome, direction);
  CREATE INDEX attempts_by_call ON attempts (call_id, id);
  CREATE TABLE terms (
    term TEXT NOT NULL, started_at INTEGER NOT NULL, attempt INTEGER NOT NULL,
    PRIMARY KEY (term, started_at, attempt)) WITHOUT ROWID, STRICT;
  CREATE TABLE touches (minute INTEGER NOT NULL, attempt INTEGER NOT NULL, PRIMARY KEY (minute, attempt))
    WITHOUT ROWID, STRICT;

  CREATE TABLE call_ends (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, call_id TEXT NOT NULL, ended_at INTEGER NOT NULL,
    record TEXT NOT NULL) STRICT;
  CREATE UNIQUE INDEX call_ends_by_time ON call_ends (ended_at, id);
  CREATE INDEX call_ends_by_call ON call_ends (call_id, id);

  CREATE TABLE rejections (
    row INTEGER PRIMARY KEY, at INTEGER NOT NULL, id TEXT NOT NULL, call_id TEXT NOT NULL, peer TEXT NOT NULL,
    direction TEXT NOT NULL, method TEXT NOT NULL, code INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
  CREATE UNIQUE INDEX rejections_by_time ON rejections (at, id);
  CREATE INDEX rejections_by_peer ON rejections (peer, at, method, code, direction);
  CREATE INDEX rejections_by_method ON rejections (method, at, code);
  CREATE INDEX rejections_by_call ON rejections (call_id, method);

  CREATE TABLE legs (id TEXT PRIMARY KEY, ended_at INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
  CREATE INDEX legs_by_time ON legs (ended_at);
  CREATE TABLE leg_calls (call_id TEXT NOT NULL, leg TEXT NOT NULL, PRIMARY KEY (call_id, leg)) WITHOUT ROWID, STRICT;

  CREATE TABLE allows (
    peer TEXT NOT NULL, at INTEGER NOT NULL, source TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (peer, at, source)) STRICT;
  CREATE INDEX allows_by_time ON allows (at);

  CREATE TABLE alerts (
    id TEXT PRIMARY KEY, peer TEXT NOT NULL, kind TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
    record TEXT NOT NULL) STRICT;
  CREATE INDEX alerts_by_time ON alerts (started_at, id);
  CREATE INDEX alerts_by_peer ON alerts (peer, started_at, id);
  CREATE INDEX alerts_active ON alerts (started_at, id) WHERE ended_at IS NULL;
  CREATE INDEX alerts_over ON alerts (ended_at) WHERE ended_at IS NOT NULL;

  CREATE TABLE messages (
    call_id TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, count INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (call_id, id)) STRICT;
  CREATE INDEX messages_by_time ON messages (at, length(data));

  CREATE TABLE rollups (
    step TEXT NOT NULL, peer TEXT NOT NULL, at INTEGER NOT NULL, ${netColumns.map(name => `${name} INTEGER NOT NULL`).join(', ')},
    record TEXT NOT NULL) STRICT;
  CREATE INDEX rollups_by_peer ON rollups (step, peer, at, ${netColumns.join(', ')});
  CREATE INDEX rollups_by_time ON rollups (step, at, peer);
  CREATE TABLE bases (peer TEXT PRIMARY KEY, ${netColumns.map(name => `${name} INTEGER NOT NULL`).join(', ')}) STRICT;
  CREATE TABLE stale (step TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (step, at)) WITHOUT ROWID, STRICT;`

/**
 * Opens the file of a store, made if it is not there, or one in memory without a path. Several processes of a machine may
 * read it; one writes.
 *
 * WAL with synchronous NORMAL: what was written outlives the process; of a power cut's last moments each batch is there
 * wholly or not at all.
 */
export function openStoreDatabase(path: string | undefined): DatabaseSync {
  if (path !== undefined) mkdirSync(dirname(path), { recursive: true })
  const database = new DatabaseSync(path ?? ':memory:', { timeout: 5000 })
  try {
    database.exec(`
      PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; PRAGMA journal_size_limit = 67108864`)
    database.exec('BEGIN IMMEDIATE')
    ensureFormat(database, path ?? 'memory')
    database.exec('COMMIT')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** In a database that has nothing yet. */
export const createSchema = (database: DatabaseSync): void => database.exec(schema)

function ensureFormat(database: DatabaseSync, path: string): void {
  const tables = database
    .prepare('SELECT name FROM sqlite_schema')
    .all()
    .map(({ name }) => name)
  if (tables.length === 0) return createSchema(database)
  if (!tables.includes('meta')) throw new Error(`${path} is not a store, but another SQLite database`)
  const found = database.prepare("SELECT value FROM meta WHERE name = 'format'").get()?.value
  if (typeof found !== 'number' || found > sqliteFormat) {
    throw new Error(
      `the store ${path} has format ${String(found)}; this version of Earshot reads up to ${sqliteFormat}`
    )
  }
}
