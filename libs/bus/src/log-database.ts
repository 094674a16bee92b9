import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The version of everything in the file. A change that older code cannot read raises it and comes with a migration. */
const format = 1

/**
 * States lie in the order they were first written, and not in that of their keys: what changes is mostly what is new,
 * so it shares pages, which makes a change half as dear.
 */
const schema = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;
  INSERT INTO meta VALUES ('format', ${format});
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    first INTEGER NOT NULL, next INTEGER NOT NULL, bytes INTEGER NOT NULL,
    UNIQUE (topic, partition)) STRICT;
  CREATE TABLE records (
    position INTEGER PRIMARY KEY, appended_ms INTEGER NOT NULL, bytes INTEGER NOT NULL,
    key TEXT, headers TEXT, value BLOB NOT NULL) STRICT;
  CREATE TABLE members (
    id INTEGER PRIMARY KEY, "group" TEXT NOT NULL, stream INTEGER NOT NULL REFERENCES streams,
    next INTEGER NOT NULL, resume INTEGER NOT NULL, lost INTEGER NOT NULL, repetitions TEXT,
    UNIQUE ("group", stream)) STRICT;
  CREATE TABLE states (
    id INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members, key TEXT NOT NULL, value BLOB NOT NULL,
    UNIQUE (member, key)) STRICT;`

/**
 * Opens the file of the local log, made if it is not there, or one in memory without a path.
 *
 * The operating system locks the file for this process and lets go however the process ends; the file beside it says
 * only who holds it. To be kept on a local disk: network file systems lock badly.
 *
 * WAL with synchronous NORMAL: what was committed outlives the process; a power cut can take the last moments, each
 * transaction wholly. Every 4 MB of WAL go into the file at once, which stops the process for about 10 ms (measured;
 * at SQLite's default of 1000 pages it was 20 to 50).
 */
export function openDatabase(path: string | undefined, topics: Readonly<Record<string, number>>): DatabaseSync {
  if (path !== undefined) makeFolder(dirname(path))
  const database = new DatabaseSync(path ?? ':memory:')
  try {
    lock(database, path)
    database.exec('BEGIN IMMEDIATE')
    ensureFormat(database, path ?? 'memory')
    ensureTopics(database, topics)
    database.exec('COMMIT')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function lock(database: DatabaseSync, path: string | undefined): void {
  try {
    database.exec(`
      PRAGMA page_size = 16384; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 250; PRAGMA cache_size = -32768;
      BEGIN IMMEDIATE; COMMIT`)
  } catch (error) {
    if (path === undefined || (error as { errcode?: number }).errcode !== sqliteBusy) throw error
    throw new Error(`the log ${path} is in use${holder(path)}; stop that first, or use another directory`, {
      cause: error
    })
  }
  if (path === undefined) return
  const since = new Date().toISOString()
  writeFileSync(ownerFile(path), `process ${process.pid} on ${hostname()} since ${since}\n`)
}

const sqliteBusy = 5

const ownerFile = (path: string): string => `${path}.owner`

function holder(path: string): string {
  try {
    return ` by ${readFileSync(ownerFile(path), 'utf8').trim()}`
  } catch {
    return '' // It holds the lock and has not written its name yet.
  }
}

function ensureFormat(database: DatabaseSync, path: string): void {
  const tables = database
    .prepare('SELECT name FROM sqlite_schema')
    .all()
    .map(({ name }) => name)
  if (tables.length === 0) return database.exec(schema)
  if (!tables.includes('meta')) throw new Error(`${path} is not a log, but another SQLite database`)
  const found = database.prepare("SELECT value FROM meta WHERE name = 'format'").get()?.value
  if (found !== format) {
    throw new Error(`the log ${path} has format ${String(found)}, this version of Earshot reads ${format}`)
  }
}

/** Makes topics that are new. The number of partitions of one that exists cannot change: its keys would move. */
function ensureTopics(database: DatabaseSync, topics: Readonly<Record<string, number>>): void {
  const count = database.prepare('SELECT count(*) AS count FROM streams WHERE topic = ?')
  const add = database.prepare('INSERT INTO streams (topic, partition, first, next, bytes) VALUES (?, ?, 0, 0, 0)')
  for (const [topic, partitions] of Object.entries(topics)) {
    const { count: existing } = count.get(topic) as { count: number }
    if (existing !== 0 && existing !== partitions) {
      throw new Error(`topic ${topic} has ${existing} partitions; ${partitions} would need a new log`)
    }
    for (let partition = existing; partition < partitions; partition++) add.run(topic, partition)
  }
}

/** Not mkdir's own recursion, which never ends where a file system has no folders to make (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}
