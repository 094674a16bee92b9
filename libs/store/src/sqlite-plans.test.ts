import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { plus, seconds } from '@earshot/units'
import { Carrier } from '../bench/carrier.ts'
import { findAttempts } from './sqlite-attempts.ts'
import { SearchError } from './paging.ts'
import { createSchema } from './sqlite-schema.ts'
import { SqliteRollups } from './sqlite-rollups.ts'
import { SqliteWriter } from './sqlite-writer.ts'
import type { AttemptQuery } from './store.ts'

/** Keeps how each statement would be done. */
class Explaining extends DatabaseSync {
  plans: string[] = []

  override prepare(sql: string): StatementSync {
    if (sql.startsWith('SELECT')) {
      const steps = super.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
      this.plans.push(...steps.map(({ detail }) => String(detail)))
    }
    return super.prepare(sql)
  }
}

describe('in SQLite no page goes through a table', () => {
  const database = new Explaining(':memory:')
  const carrier = new Carrier({ seed: 1, attempts: 36_000, days: 1 })
  const day = carrier.range

  beforeAll(async () => {
    createSchema(database)
    const writer = new SqliteWriter(database)
    for (const batch of carrier.batches(5000)) writer.write(batch)
    await new SqliteRollups(database).refresh('hour')
  }, 60_000)
  afterAll(() => database.close())

  // Of the peers, classes and outcomes one that has many rows and one that has few.
  it.each<{ name: string; query: AttemptQuery }>([
    { name: 'the newest', query: {} },
    { name: 'a time', query: day },
    { name: 'a large peer', query: { peers: ['carrier-0'], ...day } },
    { name: 'a small peer', query: { peers: ['carrier-150'] } },
    { name: 'a group', query: { peers: ['carrier-0', 'carrier-1', 'carrier-2'] } },
    { name: 'a frequent outcome', query: { outcomes: ['answered'], classes: ['early_media'] } },
    { name: 'a rare outcome', query: { outcomes: ['incompatible'] } },
    { name: 'a diagnosis', query: { diagnosis: 'codec_mismatch' } },
    { name: 'a rejected method', query: { rejectedMethod: 'UPDATE', peers: ['carrier-0'] } },
    { name: 'a number', query: { number: { digits: '4912345678900' } } },
    { name: 'numbers that begin so', query: { callee: { digits: '49', prefix: true } } },
    { name: 'a Call-ID', query: { callId: 'x' } }
  ])('of attempts by $name', ({ query }) => {
    database.plans = []
    const { next } = findAttempts(database, query)
    if (next) findAttempts(database, { ...query, cursor: next })
    expect(database.plans.length).toBeGreaterThan(0)
    expect(
      database.plans.filter(step => step.startsWith('SCAN') && !/USING (COVERING )?INDEX|\(subquery/.test(step))
    ).toEqual([])
  })

  it.each<{ name: string; query: AttemptQuery }>([
    { name: 'the newest', query: {} },
    { name: 'a large peer', query: { peers: ['carrier-0'] } },
    { name: 'a frequent outcome', query: { outcomes: ['answered'] } },
    { name: 'a frequent class', query: { classes: ['early_media'] } }
  ])('and what many rows meet is not sorted: $name', ({ query }) => {
    database.plans = []
    findAttempts(database, query)
    expect(database.plans.filter(step => /TEMP B-TREE FOR ORDER BY/.test(step))).toEqual([])
  })

  it('and two frequent numbers are looked for in a month at most', () => {
    const common = { digits: '49', prefix: true }
    const query = { caller: common, callee: common }
    expect(findAttempts(database, { ...query, from: day.from }).rows).not.toEqual([])
    expect(findAttempts(database, { caller: common }).rows).not.toEqual([])
    expect(findAttempts(database, { ...query, callId: 'x' }).rows).toEqual([])
    expect(() => findAttempts(database, query)).toThrow(SearchError)
    const from = plus(day.to, seconds(-32 * 86_400))
    expect(() => findAttempts(database, { ...query, from, to: day.to })).toThrow(SearchError)
  })

  it('of series, or of peers', () => {
    database.plans = []
    const rollups = new SqliteRollups(database)
    rollups.series({ ...day, step: 'hour', peers: ['carrier-0'] })
    rollups.series({ ...day, step: 'minute' })
    rollups.peers(day)
    expect(
      database.plans.filter(step => /^SCAN (rollups|h|m)\b/.test(step) && !/USING (COVERING )?INDEX/.test(step))
    ).toEqual([])
  })
})
