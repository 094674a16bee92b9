import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { describeKafka } from '../../../test/describe-kafka.ts'
import { KafkaBroker } from '../../../test/kafka-broker.ts'
import { KafkaLog } from './kafka-log.ts'
import { Kafka, logLevel } from './kafkajs.ts'
import { checkTopics, type WantedTopic } from './kafka-topics.ts'

describeKafka('topics', () => {
  let kafka: KafkaBroker

  beforeAll(async () => {
    kafka = await KafkaBroker.start()
  }, 120_000)

  afterAll(() => kafka.stop())

  const packets: WantedTopic = { topic: 'packets', partitions: 4, replicas: 1, inSync: 1, keeps: { ageMs: 3600e3 } }
  const state: WantedTopic = { topic: 'packets.sum.state', partitions: 4, replicas: 1, inSync: 1, keeps: 'latest' }
  const shown = (differences: Awaited<ReturnType<typeof checkTopics>>) =>
    differences.map(({ topic, setting, is, wanted, refused }) =>
      [topic, setting, is ?? 'missing', wanted, refused === undefined ? '' : 'refused'].join(' ').trim()
    )

  it('are made when they are missing, and not by a dry run', async () => {
    const options = { brokers: kafka.brokers, prefix: 'made.' }
    const missing = [
      'made.packets topic missing 4 partitions, 1 replicas',
      'made.packets.sum.state topic missing 4 partitions, 1 replicas'
    ]
    expect(shown(await checkTopics(options, [packets, state], { dryRun: true }))).toEqual(missing)
    expect(shown(await checkTopics(options, [packets, state]))).toEqual(missing)
    expect(await checkTopics(options, [packets, state])).toEqual([])
  }, 30_000)

  it('get other settings, never fewer partitions, and more only by force', async () => {
    const options = { brokers: kafka.brokers, prefix: 'changed.' }
    await checkTopics(options, [packets])
    const longer = { ...packets, keeps: { ageMs: 7200e3 } }
    expect(shown(await checkTopics(options, [longer]))).toEqual(['changed.packets retention.ms 3600000 7200000'])
    expect(await checkTopics(options, [longer])).toEqual([])
    const wider = { ...longer, partitions: 6 }
    const refused = ['changed.packets partitions 4 6 refused']
    expect(shown(await checkTopics(options, [wider]))).toEqual(refused)
    expect(shown(await checkTopics(options, [wider]))).toEqual(refused)
    await checkTopics(options, [wider], { addPartitions: true })
    expect(await checkTopics(options, [wider])).toEqual([])
    expect(shown(await checkTopics(options, [longer]))).toEqual(['changed.packets partitions 6 4 refused'])
    expect(shown(await checkTopics(options, [{ ...wider, replicas: 3 }]))).toEqual([
      'changed.packets replicas 1 3 refused'
    ])
  }, 30_000)

  it('take larger batches than Kafka does by itself, and the time of the node where that is wanted', async () => {
    const options = { brokers: kafka.brokers, prefix: 'stamped.' }
    const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: 'stamped.packets', numPartitions: 4 }] })
    await admin.disconnect()
    const larger = 'stamped.packets max.message.bytes 1048588 4194304'
    expect(shown(await checkTopics(options, [packets]))).toContain(larger)
    expect(await checkTopics(options, [packets])).toEqual([])
    const stamped: WantedTopic[] = [{ ...packets, stamps: 'append' }]
    const time = 'stamped.packets message.timestamp.type CreateTime LogAppendTime'
    expect(shown(await checkTopics(options, stamped))).toEqual([time])
    expect(await checkTopics(options, stamped)).toEqual([])
  }, 30_000)

  it('that a run lacks are told by name at its start', async () => {
    const options = { brokers: kafka.brokers, prefix: 'lacking.' }
    const log = new KafkaLog(options)
    await log.start()
    const start = () =>
      log
        .run({ input: 'packets', group: 'sum', stage: () => ({ restore: () => Promise.resolve(), handle }) })
        .start()
        .catch((error: Error) => error.message)
    const handle = () => ({ emit: [], changed: [] })
    expect(await start()).toBe('Kafka has no topic lacking.packets; create it with `earshot topics`')
    await checkTopics(options, [packets])
    expect(await start()).toBe('Kafka has no topic lacking.packets.sum.state; create it with `earshot topics`')
    await checkTopics(options, [{ ...state, partitions: 3 }])
    expect(await start()).toContain('lacking.packets.sum.state has 3 partitions and lacking.packets has 4')
    await log.stop()
  }, 60_000)
})

it('a Kafka that cannot be reached is told with its address, in time', async () => {
  const log = new KafkaLog({ brokers: ['127.0.0.1:1'], startTimeoutMs: 1000 })
  await expect(log.start()).rejects.toThrow('Kafka cannot be reached at 127.0.0.1:1')
})
