import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { plus, seconds } from '@earshot/units'
import { Carrier } from '../bench/carrier.ts'
import { noon } from './batches.fixture.ts'
import { numberMatch, SqliteStore } from './index.ts'

it('does what the README shows', async () => {
  const [batch] = new Carrier({ seed: 1, attempts: 50, days: 1 }).batches(50)
  const { rejections = [] } = batch!
  const attempts = batch!.attempts!.map(each => ({ ...each, peer: 'atlantic', outcome: 'no_answer' as const }))
  const [from, to] = [noon, plus(noon, seconds(86_400))]
  // README
  const store = new SqliteStore() // or with a path
  await store.start()
  await store.write({ attempts, rejections }) // again, in parts, in another order: the same
  const { rows } = await store.attempts({ peers: ['atlantic'], outcomes: ['no_answer'], caller: numberMatch('+49*') })
  const call = await store.call(rows[0]!.callId) // its attempts, ends, rejections, legs and raw messages
  await store.refresh('minute') // rollups follow the records
  await store.refresh('hour')
  const series = await store.series({ from, to, step: 'hour', peers: ['atlantic'] })
  // README
  expect(rows).toHaveLength(50)
  expect(call.attempts).toEqual([rows[0]])
  expect(series.length).toBeGreaterThan(0)
  await store.stop()
  const source = readFileSync(import.meta.filename, 'utf8').split('  // README\n')[1]!
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  expect(readme).toContain(source.replaceAll(/^ {2}/gm, ''))
})
