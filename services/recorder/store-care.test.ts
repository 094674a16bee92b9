import { expect, it } from '@jest/globals'
import { Config } from '@earshot/runtime'
import { Metrics } from '@earshot/telemetry'
import { noon } from './recorder.fixture.ts'
import { StoreCare } from './store-care.ts'

it('deletes what is old from a store that cannot be brought up to date', async () => {
  const retained = Promise.withResolvers<number>()
  const care = new StoreCare({
    store: {
      refresh: () => Promise.reject(new Error('no minute can be made')),
      size: () => Promise.resolve({ bytes: 1, messagesBytes: 0, attempts: 1, staleMinutes: 1 }),
      retain(now) {
        retained.resolve(now)
        return Promise.resolve()
      }
    },
    settings: Config.parse({}).store,
    metrics: new Metrics({ version: 'test' }),
    now: () => noon
  })
  await care.start()
  expect(await retained.promise).toBe(noon)
  await care.stop()
})
