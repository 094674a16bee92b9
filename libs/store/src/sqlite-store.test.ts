import { expect, it } from '@jest/globals'
import { plus, seconds } from '@earshot/units'
import { noon } from './batches.fixture.ts'
import { SqliteStore } from './sqlite-store.ts'
import { answeredAttempt } from './records.fixture.ts'
import { storeContract } from './store.contract.ts'

const limits = {
  attemptsSeconds: 86_400,
  messagesSeconds: 86_400,
  minutesSeconds: 86_400,
  hoursSeconds: 10 * 86_400,
  alertsSeconds: 86_400,
  messagesBytes: 1e12,
  bytes: 1e12
}

storeContract(
  'SqliteStore',
  async () => {
    const store = new SqliteStore()
    await store.start()
    return store
  },
  { numRuns: 40 }
)

it('an hour whose records are deleted while hours are made stays as it was', async () => {
  const store = new SqliteStore()
  await store.start()
  const hours = [0, 1, 2].map(hour => plus(noon, seconds(3600 * hour)))
  await store.write({ attempts: hours.map((at, index) => answeredAttempt(String(index), at)) })
  await store.refresh('minute')
  const refreshing = store.refresh('hour')
  await store.retain(plus(noon, seconds(86_400 + 3 * 3600)), limits)
  await refreshing
  const rows = await store.series({ from: noon, to: plus(noon, seconds(3 * 3600)), step: 'hour' })
  const own = rows.filter(({ direction }) => direction === 'outbound')
  expect(own.map(({ sums }) => sums.attempts)).toEqual(hours.map(() => ({ early_media: { answered: 1 } })))
  await store.stop()
})

it('the last whole hour is not deleted for its size, as records of it still arrive', async () => {
  const store = new SqliteStore()
  await store.start()
  const hours = [0, 1].map(hour => plus(noon, seconds(3600 * hour)))
  await store.write({ attempts: hours.map((at, index) => answeredAttempt(String(index), at)) })
  await store.retain(plus(noon, seconds(2 * 3600 + 60)), { ...limits, bytes: 0 })
  expect((await store.attempts({})).rows.map(({ id }) => id)).toEqual(['1'])
  await store.stop()
})
