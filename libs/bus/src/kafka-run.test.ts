import { expect, it } from '@jest/globals'
import { kafkaNames } from './kafka-names.ts'
import { KafkaRun } from './kafka-run.ts'
import { runningSum } from './numbers.ts'

/** A run over a Kafka that cannot be reached. */
function unreachable(): { readonly run: KafkaRun; readonly isRegistered: () => boolean } {
  let registered = false
  const run = new KafkaRun({
    connection: { brokers: ['127.0.0.1:1'] },
    prefix: '',
    names: kafkaNames('', 'in', 'sum'),
    options: { input: 'in', group: 'sum', stage: () => runningSum() },
    compression: 'zstd',
    observer: {},
    inCommit: () => undefined,
    sessionMs: 6000,
    startTimeoutMs: 60_000,
    appended: () => Promise.resolve(),
    register: () => {
      registered = true
      return () => (registered = false)
    }
  })
  return { run, isRegistered: () => registered }
}

it('a stop during the start ends the start', async () => {
  const { run, isRegistered } = unreachable()
  const starting = run.start().catch((error: Error) => error.message)
  expect(isRegistered()).toBe(true)
  await run.stop()
  expect(await starting).toBe('group sum was stopped before it had started')
  expect(isRegistered()).toBe(false)
  await run.stop()
})

it('a stop before the start does nothing', async () => {
  const { run, isRegistered } = unreachable()
  await run.stop()
  expect(isRegistered()).toBe(false)
})
