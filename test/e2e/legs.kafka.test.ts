import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { KafkaLog } from '@earshot/bus'
import type { LegsRecord } from '@earshot/calls'
import { Cluster } from '../cluster.ts'
import { describeKafka } from '../describe-kafka.ts'
import { sendInTime } from '../faults/agent.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { b2buaCalls, joinedIn, joinedOffline, muchLater } from './b2bua.ts'

const folder = temporaryFolder()
const timeout = 240_000

describeKafka('legs over Kafka', () => {
  it(
    'are joined as analyze does it, each call once, through four partitions and a killed correlator',
    async () => {
      const size = { nodes: 1, partitions: 4, collectors: 1, correlators: 2, monitors: 1 }
      const cluster = await Cluster.start({ ...size, flags: ['--clock', 'capture'] }, join(folder, 'legs'))
      try {
        await sendInTime(b2buaCalls, cluster.ports)
        await cluster.members('correlator')[0]!.end('SIGKILL')
        await sendInTime(muchLater, cluster.ports)
        const expected = joinedOffline([...b2buaCalls, ...muchLater])
        expect(await joinedOnce(cluster, expected.length)).toEqual(expected)
      } finally {
        await cluster.stop()
      }
    },
    timeout
  )
})

async function joinedOnce(cluster: Cluster, count: number): Promise<LegsRecord[]> {
  const log = new KafkaLog({ prefix: '', brokers: cluster.kafka.brokers })
  await log.start()
  try {
    const deadline = performance.now() + 60_000
    for (;;) {
      const found = await joinedIn(log)
      if (found.length >= count || performance.now() > deadline) return found
      await sleep(500)
    }
  } finally {
    await log.stop()
  }
}
