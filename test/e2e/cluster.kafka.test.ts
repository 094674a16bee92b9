import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect, it } from '@jest/globals'
import { between, epochMicros, inSeconds, type Captured } from '@earshot/units'
import { describeCaptures } from '../captures.ts'
import { Cluster, type ClusterSize } from '../cluster.ts'
import { sendInTime } from '../faults/agent.ts'
import { sameLive } from '../figures.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { analysisOf, captures, figuresOf, figuresOnce, movedTo, oneADay } from './days.ts'

const folder = temporaryFolder()
const timeout = 240_000
/** Longer ones are not played in real time. */
const SHORT_SECONDS = 30

describeCaptures('the captures through a cluster over Kafka give the figures of analyze', () => {
  it(
    'all of them, one a day, through three correlators and two monitors',
    async () => {
      const packets = await oneADay()
      const size = {
        nodes: 1,
        partitions: 6,
        collectors: 1,
        correlators: 3,
        monitors: 2,
        flags: ['--clock', 'capture']
      }
      const expected = analysisOf(packets)
      await withCluster('days', size, async cluster => {
        await sendInTime(packets, cluster.ports)
        expect(await figuresOnce(cluster.console.running, expected)).toEqual(figuresOf(expected))
      })
    },
    timeout
  )

  it(
    'the short ones at once and in time, each packet at one of three collectors, or at two of them',
    async () => {
      const size = { nodes: 1, partitions: 6, collectors: 3, correlators: 3, monitors: 2 }
      await withCluster('short', size, async cluster => {
        const start = epochMicros((Date.now() + 3000) * 1e3)
        const packets = (await captures())
          .filter(capture => secondsOf(capture) <= SHORT_SECONDS)
          .flatMap(capture => movedTo(start, capture))
          .sort((a, b) => a.capturedAt - b.capturedAt)
        const { ports } = cluster
        await Promise.all(
          ports.map((port, at) =>
            // The first sees every packet that the others see: of each one copy, and of a third of them two.
            sendInTime(
              packets.filter((_, index) => at === 0 || index % 3 === at),
              [port]
            )
          )
        )
        const copies = packets.filter((_, index) => index % 3 > 0)
        const { messages, ...rest } = analysisOf(packets)
        const expected = { calls: rest.calls, peers: sameLive(rest.peers) }
        const live = await cluster.console.running.liveOnce(
          ({ calls, peers }) => isDeepStrictEqual({ calls, peers: sameLive(peers) }, expected),
          20_000
        )
        expect({ calls: live.calls, peers: sameLive(live.peers) }).toEqual(expected)
        expect(live.messages['sip']).toBe(messages.sip + copies.length)
        expect(live.messages['late']).toBe(0)
      })
    },
    timeout
  )
})

async function withCluster(name: string, size: ClusterSize, work: (cluster: Cluster) => Promise<void>): Promise<void> {
  const cluster = await Cluster.start(size, join(folder, name))
  try {
    await work(cluster)
  } finally {
    await cluster.stop()
  }
}

const secondsOf = (packets: readonly Captured[]): number =>
  inSeconds(between(packets[0]!.capturedAt, packets.at(-1)!.capturedAt))
