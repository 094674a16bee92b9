import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect, it } from '@jest/globals'
import { defaultLimits } from '@earshot/calls'
import { emptyRegistry, partiesOf } from '@earshot/peers'
import { between, epochMicros, inSeconds, plus, type Captured, type EpochMicros } from '@earshot/units'
import { Analysis, type Summary } from '../../services/earshot/analysis.ts'
import { captureFile, captureNames, describeCaptures, packetsOf } from '../captures.ts'
import { Cluster, type ClusterSize } from '../cluster.ts'
import type { Live } from '../earshot.ts'
import { sendInTime } from '../faults/agent.ts'
import { sameLive } from '../figures.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const folder = temporaryFolder()
const timeout = 240_000
const DAY = 86_400e6
/** Longer ones are not played in real time. */
const SHORT_SECONDS = 30
const pcaps = captureNames.filter(name => !name.startsWith('kamailio'))

describeCaptures('the captures through a cluster over Kafka give the figures of analyze', () => {
  it(
    'all of them, one a day, through three correlators and two monitors',
    async () => {
      // Some captures span years, and nothing may lie in the future.
      let day = epochMicros(0.9e15)
      const packets: Captured[] = []
      for (const capture of await captures()) {
        packets.push(...movedTo(day, capture))
        day = plus(packets.at(-1)!.capturedAt, DAY as never)
      }
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
        await expectSame(cluster, expected)
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

/** The packets of each capture that has some. */
async function captures(): Promise<Captured[][]> {
  const all = await Promise.all(pcaps.map(name => packetsOf(captureFile(name))))
  return all.filter(packets => packets.length > 0)
}

const secondsOf = (packets: readonly Captured[]): number =>
  inSeconds(between(packets[0]!.capturedAt, packets.at(-1)!.capturedAt))

/** The packets as if the first of them had been captured at that time. */
function movedTo(time: EpochMicros, packets: readonly Captured[]): Captured[] {
  const ahead = between(packets[0]!.capturedAt, time)
  return packets.map(packet => ({ ...packet, capturedAt: plus(packet.capturedAt, ahead) }))
}

function analysisOf(packets: readonly Captured[]): Summary {
  const analysis = new Analysis({ parties: partiesOf(() => emptyRegistry), limits: defaultLimits })
  for (const packet of packets) analysis.add(packet)
  return analysis.finish()
}

async function withCluster(name: string, size: ClusterSize, work: (cluster: Cluster) => Promise<void>): Promise<void> {
  const cluster = await Cluster.start(size, join(folder, name))
  try {
    await work(cluster)
  } finally {
    await cluster.stop()
  }
}

type Figures = Pick<Live, 'messages' | 'calls' | 'peers'>

async function expectSame(cluster: Cluster, expected: Summary): Promise<void> {
  const figures = figuresOf(expected)
  const live = await cluster.console.running.liveOnce(each => isDeepStrictEqual(figuresOf(each), figures), 30_000)
  expect(figuresOf(live)).toEqual(figures)
}

function figuresOf({ messages: { notSip: _notSip, ...messages }, calls, peers }: Figures): object {
  return { messages, calls, peers: sameLive(peers) }
}
