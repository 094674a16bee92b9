import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { ClickhouseConnection } from './clickhouse-connection.ts'
import { TestClickhouse } from './clickhouse.fixture.ts'
import { goldenOfFormat1, goldenText, toldBy } from './golden.fixture.ts'

/** A table as a former version made it, and its rows; of `testdata/clickhouse-format-1.json`. */
type Table = { readonly definition: string; readonly rows: readonly object[] }

const folder = temporaryFolder()
let clickhouse: TestClickhouse

jest.setTimeout(60_000)
beforeAll(async () => {
  clickhouse = await TestClickhouse.start(folder)
})
afterAll(() => clickhouse.stop())

async function restored(database: string): Promise<ClickhouseConnection> {
  const options = { url: clickhouse.url, username: 'default', password: '' }
  const making = new ClickhouseConnection({ ...options, database: 'default' })
  await making.command(`CREATE DATABASE ${database}`)
  await making.close()
  const connection = new ClickhouseConnection({ ...options, database })
  const tables = JSON.parse(goldenText('clickhouse-format-1.json')) as Record<string, Table>
  for (const [table, { definition, rows }] of Object.entries(tables)) {
    await connection.command(`CREATE TABLE ${table} ${definition}`)
    await connection.insert(table, rows)
  }
  return connection
}

describe('the database of a store', () => {
  it('of format 1 is read, and written on', async () => {
    await (await restored('format_1')).close()
    const store = await clickhouse.store('format_1')
    const golden = goldenOfFormat1()
    expect(await toldBy(store)).toEqual(golden)
    const [first] = (await store.attempts({})).rows
    await store.write({ attempts: [{ ...first!, id: 'another' }] })
    expect(await store.refresh('minute')).toBeGreaterThan(0)
    expect((await store.attempts({})).rows).toHaveLength(golden.attempts.length + 1)
    await store.stop()
  })

  it('is refused with a later format', async () => {
    const connection = await restored('format_2')
    await connection.insert('meta', [{ name: 'format', value: 2 }])
    await connection.close()
    await expect(clickhouse.store('format_2')).rejects.toThrow(/format 2.*up to 1/)
  })
})
