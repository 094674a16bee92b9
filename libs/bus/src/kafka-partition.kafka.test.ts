import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { describeKafka } from '../../../test/describe-kafka.ts'
import { KafkaBroker } from '../../../test/kafka-broker.ts'
import { KafkaCluster } from './kafka-cluster.ts'
import { KafkaFailure } from './kafka-errors.ts'
import { makeTopics } from './kafka-fixture.ts'
import { KafkaLog } from './kafka-log.ts'
import { kafkaNames, transactionalIdOf } from './kafka-names.ts'
import type { KafkaObserver } from './kafka-observer.ts'
import { KafkaPartition } from './kafka-partition.ts'
import { KafkaTransactions } from './kafka-transactions.ts'
import type { Stage } from './log.ts'
import { numbered, numberOf, runningSum, sumsOf } from './numbers.ts'

describeKafka('the work on a partition', () => {
  let kafka: KafkaBroker
  let connection: { readonly brokers: readonly string[]; readonly prefix: string }
  let log: KafkaLog
  let prefixes = 0

  beforeAll(async () => {
    kafka = await KafkaBroker.start()
  }, 120_000)

  beforeEach(async () => {
    connection = { brokers: kafka.brokers, prefix: `partition-${prefixes++}.` }
    await makeTopics(connection, { in: 1, out: 1 }, { in: ['sum'] })
    log = new KafkaLog(connection)
    await log.start()
    await log.append('in', numbered(1, 10))
  }, 30_000)

  afterEach(() => log.stop())

  afterAll(() => kafka.stop())

  /** The group is away: it never confirms anything. */
  function partition(stage: () => Stage, observer: KafkaObserver, inCommit = (): void => undefined): KafkaPartition {
    const { prefix } = connection
    const names = kafkaNames(prefix, 'in', 'sum')
    const options = { input: 'in', group: 'sum', stage }
    const confirmed = () => new Promise<void>(() => undefined)
    return new KafkaPartition(
      { connection, prefix, names, options, compression: 'zstd', observer, inCommit, confirmed },
      0
    )
  }

  const emitted = async () => (await Array.fromAsync(log.read('out', 0, 0))).map(numberOf)

  it('is stopped although it was fenced and the group does not say who has it', async () => {
    const cluster = new KafkaCluster(connection)
    const id = transactionalIdOf(kafkaNames(connection.prefix, 'in', 'sum'), 0)
    const successor = new KafkaTransactions(cluster, id, 'zstd')
    const fenced = Promise.withResolvers<void>()
    const inner = runningSum()
    const stage: Stage = {
      restore: states => inner.restore(states),
      handle: async records => {
        await successor.begin()
        return inner.handle(records)
      }
    }
    const one = partition(() => stage, { fenced: () => fenced.resolve() })
    const working = one.work()
    await fenced.promise
    one.stopAt(10)
    await working
    expect(await emitted()).toEqual([])
    cluster.close()
  }, 30_000)

  it('asks ever less often for the state while Kafka can be read, but not written to', async () => {
    const restored: number[] = []
    const one = partition(
      () => runningSum(),
      { restored: () => void restored.push(performance.now()) },
      () => {
        if (restored.length < 6) throw new KafkaFailure('not enough replicas', true)
      }
    )
    const working = one.work()
    await one.worked(10)
    expect(restored.length).toBe(6)
    expect(restored[5]! - restored[0]!).toBeGreaterThan(100 + 200 + 400 + 800 + 1600)
    one.stopAt(10)
    await working
    expect(await emitted()).toEqual(sumsOf(1, 10))
  }, 30_000)
})
