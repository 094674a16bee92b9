import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync } from 'node:zlib'
import { afterAll, describe, expect, it } from '@jest/globals'
import { epochMicros } from '@earshot/units'
import { messagesIn } from './message-chunks.ts'
import { readRollup } from './rollup.ts'
import { SqliteStore } from './sqlite-store.ts'
import type { Store } from './store.ts'

/*
 * Stores that former versions wrote, as SQL, and what was in them: testdata/README.md.
 */

const testdata = join(import.meta.dirname, '../testdata')
const directory = mkdtempSync(join(tmpdir(), 'earshot-store-format-'))
afterAll(() => rmSync(directory, { recursive: true }))

function fileOf(name: string, sql: string): string {
  const path = join(directory, name)
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
  return path
}

/** All that it tells, as JSON has it. */
async function toldBy(store: Store): Promise<unknown> {
  const range = { from: epochMicros(1_767_225_600e6), to: epochMicros(1_767_232_800e6) }
  const { rows: attempts } = await store.attempts({})
  const calls = await Promise.all(attempts.map(({ callId }) => store.call(callId)))
  return JSON.parse(
    JSON.stringify({
      attempts,
      calls: calls.map(({ messages, ...records }) => ({
        ...records,
        messages: messages.map(({ payload, ...message }) => ({ ...message, payload: payload.toString() }))
      })),
      rejections: await store.rejections({}),
      alerts: await store.alerts({}),
      allows: await store.capabilityHistory('far'),
      minutes: await store.series({ ...range, step: 'minute' }),
      hours: await store.series({ ...range, step: 'hour', peers: await store.peers(range) })
    })
  )
}

const sql = (): string => readFileSync(join(testdata, 'format-1.sql'), 'utf8')

describe('the file of a store', () => {
  it('of format 1 is read, and written on', async () => {
    const store = new SqliteStore(fileOf('format-1.sqlite', sql()))
    await store.start()
    const golden = JSON.parse(readFileSync(join(testdata, 'format-1.json'), 'utf8')) as { attempts: object[] }
    expect(await toldBy(store)).toEqual(golden)
    expect(golden.attempts.length).toBeGreaterThan(2)
    const [first] = (await store.attempts({})).rows
    await store.write({ attempts: [{ ...first!, id: 'another' }] })
    expect(await store.refresh('minute')).toBeGreaterThan(0)
    expect((await store.attempts({})).rows).toHaveLength(golden.attempts.length + 1)
    await store.stop()
  })

  it.each([
    { name: 'a later format', change: "UPDATE meta SET value = 2 WHERE name = 'format'", message: /format 2.*up to 1/ },
    { name: 'no format', change: "DELETE FROM meta WHERE name = 'format'", message: /format undefined.*up to 1/ },
    { name: 'no meta', change: 'DROP TABLE meta', message: /is not a store/ }
  ])('is refused with $name', async ({ name, change, message }) => {
    const path = fileOf(`${name}.sqlite`, `${sql()};${change}`)
    await expect(new SqliteStore(path).start()).rejects.toThrow(message)
  })
})

it('refuses rollups and messages of a later format', () => {
  expect(() => readRollup('{"format":2,"sides":{}}')).toThrow(/format 2.*up to 1/)
  const later = zstdCompressSync('{"format":2,"messages":[]}')
  expect(() => messagesIn('a', [later])).toThrow(/format 2.*up to 1/)
})
