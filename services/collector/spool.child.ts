/**
 * A spool whose log is away: `fork('spool.child.ts', [path])`. Appends records that tell their number, one after the
 * other without end, and says the number of each that is confirmed.
 */
import { AppendError, LocalLog, stamped } from '@earshot/bus'
import { Spool, spoolTopic } from './spool.ts'

const local = new LocalLog({
  path: process.argv[2]!,
  topics: { [spoolTopic]: 1 },
  retention: { ageMs: 0, bytes: Infinity }
})
const spool = new Spool({
  log: {
    partitions: async () => 1,
    countOf: () => 2,
    append: async (topic, records) => {
      throw new AppendError(topic, records, new Error('no broker'))
    }
  },
  local,
  bytes: 1e9,
  onRefused: (_, error) => {
    throw error
  },
  onFailure: error => {
    throw error
  }
})
await spool.start()
for (let number = 0; ; number++) {
  await spool.append('packets', [{ partition: 0, headers: stamped('child', number), value: Buffer.from(`${number} `) }])
  process.send!(number)
}
