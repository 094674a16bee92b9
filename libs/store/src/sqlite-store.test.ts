import { expect, it } from '@jest/globals'
import { epochMicros, plus, seconds } from '@earshot/units'
import { noon } from './batches.fixture.ts'
import { SqliteStore } from './sqlite-store.ts'
import { answeredAttempt, refreshed, storeContract } from './store.contract.ts'

storeContract(
  'SqliteStore',
  async () => {
    const store = new SqliteStore()
    await store.start()
    return store
  },
  { numRuns: 40 }
)

it('a minute that is made anew still has an attempt from before the horizon', async () => {
  const store = new SqliteStore()
  await store.start()
  const horizon = plus(noon, seconds(86_400))
  await store.write({
    attempts: [answeredAttempt('crossing', epochMicros(horizon - 60e6)), answeredAttempt('old', noon)]
  })
  await refreshed(store)
  const hour = { from: horizon, to: plus(horizon, seconds(3600)), step: 'hour', peers: ['atlantic'] } as const
  const before = await store.series(hour)
  await store.retain(plus(horizon, seconds(3600)), {
    attemptsSeconds: 3600,
    messagesSeconds: 3600,
    minutesSeconds: 86_400,
    hoursSeconds: 10 * 86_400,
    alertsSeconds: 86_400,
    messagesBytes: 1e12,
    bytes: 1e12
  })
  await store.write({ attempts: [{ ...answeredAttempt('late', horizon), peer: 'pacific' }] })
  await refreshed(store)
  expect(await store.series(hour)).toEqual(before)
  expect((await store.attempts({ callId: 'old' })).rows).toEqual([])
  await store.stop()
})
