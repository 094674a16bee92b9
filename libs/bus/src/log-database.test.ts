import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { sqliteFile } from '../../../test/sqlite-file.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { LocalLog } from './local-log.ts'
import { lastRemembered, numbersIn, runningSum } from './numbers.ts'
import { untilIdle } from './test-log.fixture.ts'

const directory = temporaryFolder()

const testdata = join(import.meta.dirname, '../testdata')

const topics = { in: 1, out: 1 }

describe('the file of the local log', () => {
  it('of format 1 is read, and its groups go on where they were', async () => {
    const path = sqliteFile(join(directory, 'format-1.sqlite'), readFileSync(join(testdata, 'format-1.sql'), 'utf8'))
    const log = new LocalLog({ path, topics, now: () => 1_700_000_000_000 })
    await log.start()
    // 1 to 5 are summed up (the 3 appended twice once), 6 to 8 wait, and the 7 comes twice again.
    expect(await numbersIn(log, 'in')).toEqual([1, 2, 3, 3, 4, 5, 6, 7, 7, 8])
    await untilIdle(log, { input: 'in', group: 'sum', stage: () => runningSum() })
    expect(await numbersIn(log, 'out')).toEqual([1, 3, 6, 10, 15, 21, 28, 36])
    const seen: string[] = []
    await untilIdle(log, { input: 'in', group: 'last', stage: () => lastRemembered(2, seen) })
    expect(seen).toEqual(['again 4', 'again 5', '6', '7', '8'])
    expect(await Array.fromAsync(log.read('out', 0, 0))).toMatchObject([
      { offset: 0, key: 'sum', headers: {} },
      ...Array.from({ length: 7 }, () => ({ key: 'sum' }))
    ])
    await log.stop()
  })

  it.each([
    { name: 'a later format', sql: "UPDATE meta SET value = 2 WHERE name = 'format'", message: /format 2.*reads 1/ },
    { name: 'no format', sql: "DELETE FROM meta WHERE name = 'format'", message: /format undefined.*reads 1/ }
  ])('is refused with $name', async ({ name, sql, message }) => {
    const path = sqliteFile(
      join(directory, `${name}.sqlite`),
      `${readFileSync(join(testdata, 'format-1.sql'), 'utf8')};${sql}`
    )
    await expect(new LocalLog({ path, topics }).start()).rejects.toThrow(message)
  })

  it('is refused when it is another database', async () => {
    const path = sqliteFile(join(directory, 'other.sqlite'), 'CREATE TABLE customers (name TEXT)')
    await expect(new LocalLog({ path, topics }).start()).rejects.toThrow('is not a log')
  })

  it('takes new topics, but not another number of partitions', async () => {
    const path = join(directory, 'topics.sqlite')
    const opened = async (counts: Record<string, number>): Promise<void> => {
      const log = new LocalLog({ path, topics: counts })
      await log.start()
      expect(await log.partitions('more')).toBe(2)
      await log.stop()
    }
    await opened({ in: 4, more: 2 })
    await opened({ in: 4, more: 2, even: 1 })
    await expect(new LocalLog({ path, topics: { in: 8 } }).start()).rejects.toThrow('topic in has 4 partitions')
  })
})
