import { afterAll, beforeAll, jest } from '@jest/globals'
import { describeKafka } from '../../../test/describe-kafka.ts'
import { KafkaBroker } from '../../../test/kafka-broker.ts'
import { makeTopics } from './kafka-fixture.ts'
import { KafkaLog, type KafkaLogOptions } from './kafka-log.ts'
import { logContract } from './log.contract.ts'
import { contractTopics, type TestLog, untilIdle } from './test-log.fixture.ts'
import type { RunOptions } from './log.ts'

class TestKafkaLog extends KafkaLog implements TestLog {
  readonly #crash: { commitsLeft: number }

  constructor(options: KafkaLogOptions) {
    const crash = { commitsLeft: Infinity }
    super({
      ...options,
      inCommit: () => {
        if (--crash.commitsLeft === 0) throw new Error('crash')
      }
    })
    this.#crash = crash
  }

  /** The transaction stays open, as it does when a process ends; only its place in the group is given back. */
  async crashDuringCommit(options: RunOptions, nth: number): Promise<void> {
    this.#crash.commitsLeft = nth
    const outcome = await untilIdle(this, { ...options, retryDelaysMs: [] }).catch((error: unknown) => error)
    if (this.#crash.commitsLeft > 0) throw new Error('it ended before', { cause: outcome })
    this.#crash.commitsLeft = Infinity
  }

  close(): Promise<void> {
    return this.stop()
  }
}

/** Who reads what in the contract. */
const groups = { in: ['sum', 'other', 'keeper'], many: ['sum'], out: ['seen'] }

// Some start a run six times, which takes 4 s on two idle cores.
jest.setTimeout(30_000)

describeKafka('on a real Kafka', () => {
  let kafka: KafkaBroker
  let logs = 0

  beforeAll(async () => {
    kafka = await KafkaBroker.start()
  }, 120_000)

  afterAll(() => kafka.stop())

  logContract('the Kafka log', async () => {
    const options = { brokers: kafka.brokers, prefix: `contract-${logs++}.` }
    await makeTopics(options, contractTopics, groups)
    const log = new TestKafkaLog(options)
    await log.start()
    return log
  })
})
