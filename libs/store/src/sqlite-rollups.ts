import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import type { AttemptRecord, CallEndRecord, RejectionRecord } from '@earshot/calls'
import { readRollup, rollUpMinute, rollupsTogether, rollupText, type MinuteRecords, type Rollup } from './rollup.ts'
import { everyPeer, stepSeconds, type SeriesQuery, type SeriesRow, type Step } from './series.ts'
import type { TimeRange } from './store.ts'
import { netColumns, netsOf, seriesRows, stepsIn, type Nets, type PeerSteps } from './series-rows.ts'
import { horizonsIn } from './sqlite-meta.ts'

/** Makes rollups of what is in the database, and series of them. */
export class SqliteRollups {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  async refresh(step: Step, signal?: AbortSignal): Promise<number> {
    const stale = this.#database.prepare('SELECT at FROM stale WHERE step = ? ORDER BY at').all(step)
    let made = 0
    for (const { at } of stale) {
      if (signal?.aborted) break
      this.#make(step, Number(at))
      made++
      await turn()
    }
    return made
  }

  /** Makes at once what is behind and begins before this time, in epoch seconds. */
  refreshBefore(time: number): void {
    for (const step of ['minute', 'hour'] as const) {
      const stale = this.#database.prepare('SELECT at FROM stale WHERE step = ? AND at < ? ORDER BY at').all(step, time)
      for (const { at } of stale) this.#make(step, Number(at))
    }
  }

  series(query: SeriesQuery): SeriesRow[] {
    const { step, peers = [everyPeer] } = query
    const horizons = horizonsIn(this.#database)
    const asked = stepsIn(query)
    // What was under way before the oldest step kept is not known any more.
    const range = { ...asked, from: Math.max(asked.from, step === 'minute' ? horizons.minutes : horizons.hours) }
    const rollups = this.#database.prepare(
      'SELECT at, record FROM rollups WHERE step = ? AND peer = ? AND at >= ? AND at < ?'
    )
    const steps = [...new Set(peers)].map((peer): PeerSteps => {
      const rows = rollups.all(step, peer, range.from, range.to)
      return {
        peer,
        base: this.#base(peer, range.from),
        rollups: new Map(rows.map(({ at, record }) => [Number(at), readRollup(String(record))]))
      }
    })
    return seriesRows(steps, range, step)
  }

  /** Those of hours that are behind are told by their minutes. */
  peers({ from, to }: TimeRange): string[] {
    const range = {
      from: from === undefined ? Number.MIN_SAFE_INTEGER : Math.floor(from / 3600e6) * 3600,
      to: to === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(to / 1e6)
    }
    const rows = this.#database
      .prepare(
        `SELECT peer FROM rollups WHERE step = 'hour' AND at >= :from AND at < :to AND peer <> ''
         UNION SELECT m.peer FROM stale s CROSS JOIN rollups m
           ON m.step = 'minute' AND m.at >= s.at AND m.at < s.at + 3600 AND m.peer <> ''
           WHERE s.step = 'hour' AND s.at >= :from AND s.at < :to
         ORDER BY peer`
      )
      .all(range)
    return rows.map(({ peer }) => String(peer))
  }

  /** What was under way at this time. Hours that are behind are left to their minutes. */
  #base(peer: string, at: number): Nets {
    const hour = at - (at % stepSeconds.hour)
    const { minutes } = horizonsIn(this.#database)
    const row = this.#database
      .prepare(
        `SELECT ${netColumns.map(name => `total(${name}) AS ${name}`).join(', ')} FROM (
          SELECT ${columns('b')} FROM bases b WHERE peer = :peer
          UNION ALL SELECT ${columns('h')} FROM rollups h WHERE step = 'hour' AND peer = :peer AND at < :hour
            AND NOT EXISTS (SELECT 1 FROM stale WHERE step = 'hour' AND at = h.at AND at >= :minutes)
          UNION ALL SELECT ${columns('m')} FROM stale s CROSS JOIN rollups m
            ON m.step = 'minute' AND m.peer = :peer AND m.at >= s.at AND m.at < s.at + 3600
            WHERE s.step = 'hour' AND s.at >= :minutes AND s.at < :hour
          UNION ALL SELECT ${columns('m')} FROM rollups m WHERE step = 'minute' AND peer = :peer AND at >= :hour AND at < :at)`
      )
      .get({ peer, at, hour, minutes })
    return netColumns.map(name => Number(row?.[name] ?? 0))
  }

  #make(step: Step, at: number): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      // Whoever deletes may have made it meanwhile, and deleted what it was made of.
      const { changes } = this.#database.prepare('DELETE FROM stale WHERE step = ? AND at = ?').run(step, at)
      if (Number(changes) > 0) this.#makeAnew(step, at)
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #makeAnew(step: Step, at: number): void {
    const { minutes } = horizonsIn(this.#database)
    if (step === 'hour' || at >= minutes) this.#replace(step, at, this.#made(step, at, minutes))
    if (step === 'minute') {
      this.#database.prepare("INSERT OR IGNORE INTO stale VALUES ('hour', ?)").run(at - (at % stepSeconds.hour))
    }
  }

  #replace(step: Step, at: number, rollups: ReadonlyMap<string, Rollup>): void {
    this.#database.prepare('DELETE FROM rollups WHERE step = ? AND at = ?').run(step, at)
    const insert = this.#database.prepare(
      `INSERT INTO rollups VALUES (?, ?, ?, ${netColumns.map(() => '?').join(', ')}, ?)`
    )
    for (const [peer, rollup] of rollups) insert.run(step, peer, at, ...netsOf(rollup), rollupText(rollup))
  }

  #made(step: Step, at: number, minutesKept: number): ReadonlyMap<string, Rollup> {
    if (step === 'minute') return rollUpMinute(at, this.#recordsOf(at))
    const minutes = at >= minutesKept ? this.#minutesOf(at) : this.#minutesAnew(at)
    const end = at + stepSeconds.hour
    return new Map(
      Array.from(
        Map.groupBy(minutes, ({ peer }) => peer),
        ([peer, parts]) => [peer, rollupsTogether(parts, stepSeconds.minute, end)]
      )
    )
  }

  #minutesOf(hour: number): Minute[] {
    const rows = this.#database
      .prepare(`SELECT peer, at, record FROM rollups WHERE step = 'minute' AND at >= ? AND at < ? ORDER BY at`)
      .all(hour, hour + stepSeconds.hour)
    return rows.map(({ peer, at, record }) => ({
      peer: String(peer),
      at: Number(at),
      rollup: readRollup(String(record))
    }))
  }

  /** Of an hour whose records are kept longer than its minutes. */
  #minutesAnew(hour: number): Minute[] {
    const times = Array.from({ length: 60 }, (_, minute) => hour + minute * stepSeconds.minute)
    return times.flatMap(at =>
      Array.from(rollUpMinute(at, this.#recordsOf(at)), ([peer, rollup]) => ({ peer, at, rollup }))
    )
  }

  #recordsOf(minute: number): MinuteRecords {
    const range = [minute * 1e6, (minute + stepSeconds.minute) * 1e6] as const
    const { records: horizon } = horizonsIn(this.#database)
    const rowsOf = <Row>(sql: string, ...given: readonly number[]): Row[] =>
      this.#database
        .prepare(sql)
        .all(...given)
        .map(({ record }) => JSON.parse(String(record)) as Row)
    const ends = this.#database
      .prepare(
        `SELECT record, EXISTS (SELECT 1 FROM attempts a WHERE a.call_id = e.call_id AND a.id = e.id) AS paired
         FROM call_ends e WHERE ended_at >= ? AND ended_at < ?`
      )
      .all(...range)
    return {
      attempts: [
        ...rowsOf<AttemptRecord>('SELECT record FROM attempts WHERE started_at >= ? AND started_at < ?', ...range),
        ...rowsOf<AttemptRecord>(
          'SELECT a.record FROM touches t CROSS JOIN attempts a ON a.row = t.attempt WHERE t.minute = ?',
          minute
        )
      ],
      callEnds: ends.map(({ record: text, paired }) => {
        const record = JSON.parse(String(text)) as CallEndRecord
        // An attempt from before the horizon was there, and is deleted.
        return { record, isPaired: paired === 1 || record.answeredAt < horizon }
      }),
      rejections: rowsOf<RejectionRecord>('SELECT record FROM rejections WHERE at >= ? AND at < ?', ...range)
    }
  }
}

type Minute = { readonly peer: string; readonly at: number; readonly rollup: Rollup }

const columns = (table: string): string => netColumns.map(name => `${table}.${name}`).join(', ')
