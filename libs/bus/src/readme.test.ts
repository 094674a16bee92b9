import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { LocalLog, partitionOf, stamped, type Stage } from './index.ts'

it('does what the README shows', async () => {
  const seen: string[] = []
  // README
  const log = new LocalLog({ topics: { packets: 2 } })
  const stage = (partition: number): Stage => ({
    restore: () => Promise.resolve(),
    handle: records => {
      for (const { value } of records) seen.push(`${partition}: ${value.toString()}`)
      return { emit: [], changed: [] }
    }
  })
  const run = log.run({ input: 'packets', group: 'reader', stage })

  await log.start()
  await run.start()
  const partition = partitionOf('a84b4c76e66710', await log.partitions('packets'))
  const packet = { partition, headers: stamped('collector-1/8a1f', 1), value: Buffer.from('INVITE') }
  await log.append('packets', [packet])
  await log.append('packets', [packet]) // a repetition
  await run.stop()
  await log.stop()
  // README
  expect(seen).toEqual(['1: INVITE'])
  const source = readFileSync(import.meta.filename, 'utf8').split('  // README\n')[1]!
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  expect(readme).toContain(source.replaceAll(/^ {2}/gm, ''))
})
