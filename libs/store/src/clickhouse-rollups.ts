import { setImmediate as turn } from 'node:timers/promises'
import type { AttemptRecord, CallEndRecord, RejectionRecord } from '@earshot/calls'
import type { ClickhouseConnection } from './clickhouse-connection.ts'
import { horizonsIn, markMade, markStale, staleSteps } from './clickhouse-meta.ts'
import { LONGEST_ATTEMPT } from './moments.ts'
import { readRollup, rollUpMinute, rollupsTogether, rollupText, type MinuteRecords, type Rollup } from './rollup.ts'
import { everyPeer, stepSeconds, type SeriesQuery, type SeriesRow, type Step } from './series.ts'
import { netColumns, netsOf, seriesRows, stepsIn, type Nets } from './series-rows.ts'
import type { TimeRange } from './store.ts'

/** Makes rollups of what is in the database, and series of them. */
export class ClickhouseRollups {
  readonly #connection: ClickhouseConnection

  constructor(connection: ClickhouseConnection) {
    this.#connection = connection
  }

  /** @param before only those that begin before this time, in epoch seconds */
  async refresh(
    step: Step,
    { signal, before = Infinity }: { signal?: AbortSignal | undefined; before?: number } = {}
  ): Promise<number> {
    const stale = (await staleSteps(this.#connection, step)).filter(({ at }) => at < before)
    let made = 0
    for (const { at, marked } of stale) {
      if (signal?.aborted) break
      await this.#make(step, at)
      await markMade(this.#connection, step, at, marked)
      made++
      await turn()
    }
    return made
  }

  async series(query: SeriesQuery): Promise<SeriesRow[]> {
    const { step } = query
    const horizons = await horizonsIn(this.#connection)
    const asked = stepsIn(query)
    // What was under way before the oldest step kept is not known any more.
    const range = { ...asked, from: Math.max(asked.from, step === 'minute' ? horizons.minutes : horizons.hours) }
    const peers = [...new Set(query.peers ?? [everyPeer])]
    const rows = await this.#connection.rows<{ peer: string; at: number; record: string }>(
      `SELECT peer, at, record FROM rollups FINAL
       WHERE step = {step:String} AND peer IN {peers:Array(String)} AND at >= {from:Int64} AND at < {to:Int64}`,
      { step, peers, ...range }
    )
    const bases = await this.#bases(peers, range.from)
    const byPeer = Map.groupBy(rows, ({ peer }) => peer)
    const steps = peers.map(peer => ({
      peer,
      base: bases.get(peer) ?? netColumns.map(() => 0),
      rollups: new Map((byPeer.get(peer) ?? []).map(({ at, record }) => [at, readRollup(record)]))
    }))
    return seriesRows(steps, range, step)
  }

  /** Those of hours that are behind are told by their minutes. */
  async peers({ from, to }: TimeRange): Promise<string[]> {
    const range = {
      from: from === undefined ? Number.MIN_SAFE_INTEGER : Math.floor(from / 3600e6) * 3600,
      to: to === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(to / 1e6)
    }
    const stale = (await staleSteps(this.#connection, 'hour')).map(({ at }) => at)
    const behind = stale.filter(at => at >= range.from && at < range.to)
    const rows = await this.#connection.rows<{ peer: string }>(
      `SELECT DISTINCT peer FROM rollups
       WHERE peer <> '' AND (step = 'hour' AND at >= {from:Int64} AND at < {to:Int64}
         OR step = 'minute' AND at >= {oldest:Int64} AND intDiv(at, 3600) * 3600 IN {behind:Array(Int64)})
       ORDER BY peer`,
      { ...range, behind, oldest: Math.min(range.to, ...behind) }
    )
    return rows.map(({ peer }) => peer)
  }

  /** What was under way at this time. Hours that are behind are left to their minutes. */
  async #bases(peers: readonly string[], at: number): Promise<Map<string, Nets>> {
    const hour = at - (at % stepSeconds.hour)
    const { minutes, hours } = await horizonsIn(this.#connection)
    const stale = (await staleSteps(this.#connection, 'hour')).map(each => each.at)
    const behind = stale.filter(each => each >= minutes && each < hour)
    const columns = netColumns.join(', ')
    const rows = await this.#connection.rows<Record<string, string | number>>(
      `SELECT peer, ${netColumns.map(name => `sum(${name}) AS ${name}`).join(', ')} FROM (
         SELECT peer, ${columns} FROM bases FINAL WHERE until = {hours:Int64} AND peer IN {peers:Array(String)}
         UNION ALL SELECT peer, ${columns} FROM rollups FINAL
           WHERE step = 'hour' AND peer IN {peers:Array(String)} AND at >= {hours:Int64} AND at < {hour:Int64}
             AND at NOT IN {behind:Array(Int64)}
         UNION ALL SELECT peer, ${columns} FROM rollups FINAL
           WHERE step = 'minute' AND peer IN {peers:Array(String)} AND at < {at:Int64}
             AND at >= {oldest:Int64} AND (at >= {hour:Int64} OR intDiv(at, 3600) * 3600 IN {behind:Array(Int64)})
       ) GROUP BY peer`,
      { peers: [...peers], hours, hour, at, behind, oldest: Math.min(hour, ...behind) }
    )
    return new Map(rows.map(row => [String(row.peer), netColumns.map(name => Number(row[name]))]))
  }

  async #make(step: Step, at: number): Promise<void> {
    const { minutes } = await horizonsIn(this.#connection)
    if (step === 'hour' || at >= minutes) await this.#replace(step, at, await this.#made(step, at, minutes))
    if (step === 'minute') await markStale(this.#connection, 'hour', new Set([at - (at % stepSeconds.hour)]))
  }

  /** What a step has of a peer never goes away again while its records are kept: the newer row replaces the older. */
  async #replace(step: Step, at: number, rollups: ReadonlyMap<string, Rollup>): Promise<void> {
    const rows = Array.from(rollups, ([peer, rollup]) => {
      const nets = netsOf(rollup)
      return {
        step,
        peer,
        at,
        record: rollupText(rollup),
        ...Object.fromEntries(netColumns.map((name, index) => [name, nets[index]]))
      }
    })
    await this.#connection.insert('rollups', rows)
  }

  async #made(step: Step, at: number, minutesKept: number): Promise<ReadonlyMap<string, Rollup>> {
    if (step === 'minute') return rollUpMinute(at, await this.#recordsOf(at))
    const minutes = at >= minutesKept ? await this.#minutesOf(at) : await this.#minutesAnew(at)
    const end = at + stepSeconds.hour
    return new Map(
      Array.from(
        Map.groupBy(minutes, ({ peer }) => peer),
        ([peer, parts]) => [peer, rollupsTogether(parts, stepSeconds.minute, end)]
      )
    )
  }

  async #minutesOf(hour: number): Promise<Minute[]> {
    const rows = await this.#connection.rows<{ peer: string; at: number; record: string }>(
      `SELECT peer, at, record FROM rollups FINAL
       WHERE step = 'minute' AND at >= {hour:Int64} AND at < {end:Int64} ORDER BY at`,
      { hour, end: hour + stepSeconds.hour }
    )
    return rows.map(({ peer, at, record }) => ({ peer, at, rollup: readRollup(record) }))
  }

  /** Of an hour whose records are kept longer than its minutes. */
  async #minutesAnew(hour: number): Promise<Minute[]> {
    const minutes: Minute[] = []
    for (let at = hour; at < hour + stepSeconds.hour; at += stepSeconds.minute) {
      for (const [peer, rollup] of rollUpMinute(at, await this.#recordsOf(at))) minutes.push({ peer, at, rollup })
    }
    return minutes
  }

  async #recordsOf(minute: number): Promise<MinuteRecords> {
    const given = { minute, from: minute * 1e6, to: (minute + stepSeconds.minute) * 1e6 }
    const rowsOf = async <Row>(sql: string): Promise<Row[]> =>
      (await this.#connection.rows<{ record: string }>(sql, given)).map(({ record }) => JSON.parse(record) as Row)
    const { records: horizon } = await horizonsIn(this.#connection)
    const ends = await rowsOf<CallEndRecord>(
      'SELECT record FROM call_ends FINAL WHERE ended_at >= {from:Int64} AND ended_at < {to:Int64}'
    )
    const known = await this.#knownOf(ends, given)
    return {
      attempts: [
        ...(await rowsOf<AttemptRecord>(
          'SELECT record FROM attempts FINAL WHERE started_at >= {from:Int64} AND started_at < {to:Int64}'
        )),
        ...(await rowsOf<AttemptRecord>(
          `SELECT record FROM attempts FINAL
           WHERE (started_at, id) IN (SELECT started_at, id FROM touches WHERE minute = {minute:Int64})`
        ))
      ],
      // An attempt from before the horizon was there, and is deleted.
      callEnds: ends.map(record => ({ record, isPaired: known.has(record.id) || record.answeredAt < horizon })),
      rejections: await rowsOf<RejectionRecord>(
        'SELECT record FROM rejections FINAL WHERE at >= {from:Int64} AND at < {to:Int64}'
      )
    }
  }

  /** Ids of the attempts that these ends are of. */
  async #knownOf(ends: readonly CallEndRecord[], given: { from: number; to: number }): Promise<ReadonlySet<string>> {
    if (ends.length === 0) return new Set()
    const oldest = Math.min(...ends.map(({ answeredAt }) => answeredAt))
    const rows = await this.#connection.rows<{ id: string }>(
      `SELECT DISTINCT id FROM attempts
       WHERE started_at >= {oldest:Int64} AND started_at < {to:Int64} AND id IN (
         SELECT id FROM call_ends WHERE ended_at >= {from:Int64} AND ended_at < {to:Int64})`,
      { ...given, oldest: oldest - LONGEST_ATTEMPT }
    )
    return new Set(rows.map(({ id }) => id))
  }
}

type Minute = { readonly peer: string; readonly at: number; readonly rollup: Rollup }
