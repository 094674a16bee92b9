import { expect, it } from '@jest/globals'
import { SqliteStore } from '@earshot/store'
import { after, hour, storeOf } from '../reports/hours.fixture.ts'
import type { Series } from './answers/series.ts'
import { consoleServer } from './console.fixture.ts'

it.each([
  { days: 13, step: 60 },
  { days: 15, step: 3600 }
])('figures of an hour are by $step seconds $days days later', async ({ days, step }) => {
  const store = Object.assign(new SqliteStore(), storeOf(hour('atlantic', 1, 'outbound', { talk: 2, peak: 3 })))
  const { app } = consoleServer({ store, minuteDays: 14, now: () => after(24 * days) })
  const url = '/api/series?peer=atlantic&from=2026-11-02T01:00Z&to=2026-11-02T02:00Z'
  expect((await app.inject(url)).json<Series>()).toMatchObject({ step })
  await app.close()
})
