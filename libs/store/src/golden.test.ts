import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { sqliteFile } from '../../../test/sqlite-file.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { goldenOfFormat1, goldenText, toldBy } from './golden.fixture.ts'
import { messagesIn } from './message-chunks.ts'
import { readRollup } from './rollup.ts'
import { SqliteStore } from './sqlite-store.ts'

const directory = temporaryFolder()

const fileOf = (name: string, sql: string): string => sqliteFile(join(directory, name), sql)

/** Of testdata. */
const sql = (): string => goldenText('format-1.sql')

describe('the file of a store', () => {
  it('of format 1 is read, and written on', async () => {
    const store = new SqliteStore(fileOf('format-1.sqlite', sql()))
    await store.start()
    const golden = goldenOfFormat1()
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
