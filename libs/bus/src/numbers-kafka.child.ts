import { KafkaLog } from './kafka-log.ts'
import { runningSum } from './numbers.ts'

/**
 * Sums up the numbers in the partitions of `many` that the group gives it, until it is killed:
 *
 *   node numbers-kafka.child.ts BROKER PREFIX
 *
 * Prints `restored P` for each partition that it takes over, and `failed` with an error.
 */
const [broker, prefix] = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const log = new KafkaLog({
  brokers: [broker!],
  prefix: prefix!,
  observer: { restored: ({ partition }) => say(`restored ${partition}`), failed: ({ error }) => say(`failed ${error}`) }
})
await log.start()
const stage = (partition: number) => runningSum('sums', `sum of ${partition}`)
const run = log.run({ input: 'many', group: 'sum', stage, batch: { records: 10, waitMs: 20 } })
await run.start()
