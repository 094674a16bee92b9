import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { describeKafka } from '../../../test/describe-kafka.ts'
import { KafkaBroker } from '../../../test/kafka-broker.ts'
import { makeTopics } from './kafka-fixture.ts'
import { KafkaLog } from './kafka-log.ts'
import { AppendError, type NewRecord } from './log.ts'
import { numbered, numberOf, numbersIn, runningSum, sumsOf } from './numbers.ts'
import { stamped } from './repetitions.ts'

const stampedNumbers = (from: number, to: number): NewRecord[] =>
  numbered(from, to).map(record => ({ ...record, headers: stamped('the test', numberOf(record)) }))

describeKafka('while Kafka is away', () => {
  let kafka: KafkaBroker

  beforeAll(async () => {
    kafka = await KafkaBroker.start()
  }, 120_000)

  afterAll(() => kafka.stop())

  it('appends are refused in time or wait, and a run waits; then all goes on, nothing is lost and nothing double', async () => {
    const options = { brokers: kafka.brokers, prefix: 'outage.' }
    await makeTopics(options, { in: 1, out: 1 }, { in: ['sum'] })
    const failures: Error[] = []
    const told: string[] = []
    const log = new KafkaLog({
      ...options,
      appendTimeoutMs: 60_000,
      observer: { failed: () => void told.push('failed') }
    })
    const impatient = new KafkaLog({ ...options, appendTimeoutMs: 800 })
    await Promise.all([log.start(), impatient.start()])
    const onFailure = (error: Error) => void failures.push(error)
    const run = log.run({ input: 'in', group: 'sum', stage: () => runningSum(), batch: { records: 7 }, onFailure })
    await run.start()

    const appending: Promise<void>[] = []
    for (let next = 1; next <= 200; next += 5) appending.push(log.append('in', stampedNumbers(next, next + 4)))
    await appending[0]
    await kafka.killNode(1)
    for (let next = 201; next <= 300; next += 5) appending.push(log.append('in', stampedNumbers(next, next + 4)))

    const started = performance.now()
    const refused = stampedNumbers(301, 303)
    const error = await impatient.append('in', refused).catch((reason: unknown) => reason)
    expect(performance.now() - started).toBeLessThan(3000)
    expect(error).toBeInstanceOf(AppendError)
    expect((error as AppendError).records).toBe(refused)

    await kafka.startNode(1)
    await Promise.all(appending)
    await log.append('in', refused)
    await log.worked('in', 'sum')
    await run.stop()
    expect(failures).toEqual([])
    expect(told.length).toBeGreaterThan(0)
    expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 303))
    await Promise.all([log.stop(), impatient.stop()])
  }, 120_000)
})

describeKafka('with three nodes', () => {
  let kafka: KafkaBroker

  beforeAll(async () => {
    kafka = await KafkaBroker.start({ nodes: 3 })
  }, 180_000)

  afterAll(() => kafka.stop())

  it('the loss of one, whatever it had, loses and doubles nothing', async () => {
    const options = { brokers: kafka.brokers, prefix: 'loss.' }
    await makeTopics(options, { in: 1, out: 1 }, { in: ['sum'] }, 3)
    const log = new KafkaLog({ ...options, appendTimeoutMs: 60_000 })
    await log.start()
    const failures: Error[] = []
    const onFailure = (error: Error) => void failures.push(error)
    const run = log.run({ input: 'in', group: 'sum', stage: () => runningSum(), batch: { records: 7 }, onFailure })
    await run.start()
    let next = 1
    for (const node of [1, 2, 3]) {
      const killing = kafka.killNode(node)
      for (let times = 0; times < 40; times++, next += 5) await log.append('in', stampedNumbers(next, next + 4))
      await killing
      await kafka.startNode(node)
    }
    await log.worked('in', 'sum')
    await run.stop()
    expect(failures).toEqual([])
    expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, next - 1))
    await log.stop()
  }, 240_000)
})
