import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Headers, LogRecord, StateChange, StateEntry } from './log.ts'
import { openDatabase } from './log-database.ts'

/** One partition of one topic, as the file has it. */
export type Stream = {
  readonly id: number
  readonly topic: string
  readonly partition: number
  /** The offset of the oldest record kept, and of the one to come. */
  first: number
  next: number
  /** What the records kept weigh. */
  bytes: number
  /** When the oldest record kept was appended, in epoch milliseconds; infinite for an empty stream. */
  oldestMs: number
  readonly members: Member[]
}

/** How far a group has come with a stream. */
export type Member = {
  readonly id: number
  readonly group: string
  readonly stream: Stream
  next: number
  /** The oldest record still needed, at most `next`. */
  resume: number
  lost: number
  repetitions: string | undefined
}

export type Content = { readonly key: string | undefined; readonly headers: Headers; readonly value: Buffer }

/**
 * The tables of the local log, and the same in memory for what is asked often. Synchronous; every change is made in
 * `transaction`, and when that fails the memory is read from the tables again, into the same objects.
 */
export class LogFile {
  readonly streams: Stream[] = []
  readonly #database: DatabaseSync
  readonly #statements: Statements
  readonly #byTopic = new Map<string, Stream[]>()

  constructor(path: string | undefined, topics: Readonly<Record<string, number>>) {
    this.#database = openDatabase(path, topics)
    this.#statements = prepare(this.#database)
    this.#load()
  }

  close(): void {
    this.#database.close()
  }

  /** The partitions of a topic in their order; undefined for one that does not exist. */
  topic(name: string): readonly Stream[] | undefined {
    return this.#byTopic.get(name)
  }

  /** All of the changes, or none and the error. */
  transaction(changes: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      changes()
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      this.#load()
      throw error
    }
  }

  append(stream: Stream, { key, headers, value }: Content, nowMs: number): void {
    const text = Object.keys(headers).length === 0 ? null : JSON.stringify(headers)
    const bytes = value.length + (text?.length ?? 0) + (key?.length ?? 0)
    this.#statements.append.run(position(stream, stream.next), nowMs, bytes, key ?? null, text, value)
    if (stream.first === stream.next) stream.oldestMs = nowMs
    stream.next++
    stream.bytes += bytes
    this.#saveStream(stream)
  }

  /** Records from an offset on, as many as the limits allow, but one at least if there is one. */
  read(stream: Stream, from: number, limit: { readonly records: number; readonly bytes: number }): LogRecord[] {
    const records: LogRecord[] = []
    let bytes = 0
    const [low, high] = [position(stream, Math.max(from, stream.first)), position(stream, stream.next)]
    for (const row of this.#statements.read.iterate(low, high, limit.records) as Iterable<RecordRow>) {
      bytes += row.bytes
      if (records.length > 0 && bytes > limit.bytes) break
      records.push({
        partition: stream.partition,
        offset: row.position - position(stream, 0),
        key: row.key ?? undefined,
        headers: row.headers === null ? noHeaders : (JSON.parse(row.headers) as Headers),
        value: Buffer.from(row.value.buffer, row.value.byteOffset, row.value.byteLength),
        appendedMs: row.appended_ms,
        replayed: false
      })
    }
    return records
  }

  /** Deletes the oldest record of a stream that has one. A group that has not committed it goes past it and counts it. */
  deleteOldest(stream: Stream): void {
    const { bytes } = this.#statements.delete.get(position(stream, stream.first)) as { bytes: number }
    for (const member of stream.members) {
      if (member.next > stream.first) continue
      member.next = stream.first + 1
      member.lost++
      this.#saveMember(member)
    }
    stream.first++
    stream.bytes -= bytes
    stream.oldestMs = this.#appendedMs(stream)
    this.#saveStream(stream)
  }

  /** Makes the group known for the stream, from its oldest record on. */
  join(group: string, stream: Stream): void {
    if (stream.members.some(member => member.group === group)) return
    const { lastInsertRowid } = this.#statements.join.run(group, stream.id, stream.first, stream.first)
    const progress = { next: stream.first, resume: stream.first, lost: 0, repetitions: undefined }
    stream.members.push({ id: Number(lastInsertRowid), group, stream, ...progress })
  }

  advance(
    member: Member,
    progress: { readonly next: number; readonly resume: number; readonly repetitions: string }
  ): void {
    Object.assign(member, progress)
    this.#saveMember(member)
  }

  /** One page of a member's state, in the order of keys, from a key on. */
  states(member: Member, fromKey: string, limit: number): StateEntry[] {
    const rows = this.#statements.states.all(member.id, fromKey, limit) as { key: string; value: Uint8Array }[]
    return rows.map(({ key, value }) => ({ key, value: Buffer.from(value.buffer, value.byteOffset, value.byteLength) }))
  }

  change(member: Member, { key, value }: StateChange): void {
    if (value === undefined) this.#statements.forget.run(member.id, key)
    else this.#statements.remember.run(member.id, key, value)
  }

  #saveStream({ id, first, next, bytes }: Stream): void {
    this.#statements.saveStream.run(first, next, bytes, id)
  }

  #saveMember({ id, next, resume, lost, repetitions }: Member): void {
    this.#statements.saveMember.run(next, resume, lost, repetitions ?? null, id)
  }

  #appendedMs(stream: Stream): number {
    if (stream.first === stream.next) return Infinity
    return (this.#statements.appendedMs.get(position(stream, stream.first)) as { appended_ms: number }).appended_ms
  }

  /** Keeps the objects that stand for a row already, for workers hold them. */
  #load(): void {
    const streams = new Map(this.streams.map(stream => [stream.id, stream]))
    this.streams.length = 0
    this.#byTopic.clear()
    for (const row of this.#statements.streams.all() as StreamRow[]) {
      const stream = Object.assign(streams.get(row.id) ?? { members: [] as Member[], oldestMs: Infinity }, row)
      stream.oldestMs = this.#appendedMs(stream)
      this.streams.push(stream)
      this.#byTopic.set(row.topic, [...(this.#byTopic.get(row.topic) ?? []), stream])
      this.#loadMembers(stream)
    }
  }

  #loadMembers(stream: Stream): void {
    const members = new Map(stream.members.map(member => [member.id, member]))
    stream.members.length = 0
    for (const { repetitions, ...row } of this.#statements.members.all(stream.id) as MemberRow[]) {
      const known = members.get(row.id) ?? { stream }
      stream.members.push(Object.assign(known, row, { repetitions: repetitions ?? undefined }))
    }
  }
}

type RecordRow = {
  appended_ms: number
  position: number
  bytes: number
  key: string | null
  headers: string | null
  value: Uint8Array
}
type StreamRow = Omit<Stream, 'oldestMs' | 'members'>
type MemberRow = Omit<Member, 'stream' | 'repetitions'> & { repetitions: string | null }
type Statements = ReturnType<typeof prepare>

const noHeaders: Headers = {}

/** The row of a record: its stream and offset in one integer, exact in a double for 8191 streams of 10^12 records. */
const position = (stream: Stream, offset: number): number => stream.id * 2 ** 40 + offset

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text)
  return {
    streams: sql('SELECT id, topic, partition, first, next, bytes FROM streams ORDER BY topic, partition'),
    saveStream: sql('UPDATE streams SET first = ?, next = ?, bytes = ? WHERE id = ?'),
    members: sql('SELECT id, "group", next, resume, lost, repetitions FROM members WHERE stream = ?'),
    saveMember: sql('UPDATE members SET next = ?, resume = ?, lost = ?, repetitions = ? WHERE id = ?'),
    join: sql('INSERT INTO members ("group", stream, next, resume, lost) VALUES (?, ?, ?, ?, 0)'),
    append: sql('INSERT INTO records (position, appended_ms, bytes, key, headers, value) VALUES (?, ?, ?, ?, ?, ?)'),
    read: sql(`
      SELECT position, appended_ms, bytes, key, headers, value FROM records
      WHERE position >= ? AND position < ? ORDER BY position LIMIT ?`),
    appendedMs: sql('SELECT appended_ms FROM records WHERE position = ?'),
    delete: sql('DELETE FROM records WHERE position = ? RETURNING bytes'),
    states: sql('SELECT key, value FROM states WHERE member = ? AND key >= ? ORDER BY key LIMIT ?'),
    remember: sql(`
      INSERT INTO states (member, key, value) VALUES (?, ?, ?)
      ON CONFLICT (member, key) DO UPDATE SET value = excluded.value`),
    forget: sql('DELETE FROM states WHERE member = ? AND key = ?')
  }
}
