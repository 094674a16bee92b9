import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { epochMicros } from '@earshot/units'
import type { PostableAlert } from '../../services/monitor/alertmanager.ts'
import { receiver } from '../../services/monitor/webhook.fixture.ts'
import { Cluster } from '../cluster.ts'
import { describeKafka } from '../describe-kafka.ts'
import { sendInTime } from '../faults/agent.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { alertsOf, post, regression } from './alerts.ts'

const folder = temporaryFolder()
const timeout = 240_000

describeKafka('alerts over Kafka', () => {
  it(
    'are told by one of two monitors, and stay acknowledged and silenced when both were killed',
    async () => {
      const webhook = await receiver<readonly PostableAlert[]>()
      const size = { nodes: 1, partitions: 4, collectors: 1, correlators: 1, monitors: 2 }
      const flags = ['--clock', 'capture', '--alert-webhook', webhook.url]
      const cluster = await Cluster.start({ ...size, flags }, join(folder, 'alerts'))
      try {
        const told = webhook.next(() => true)
        await sendInTime(regression(epochMicros(1_767_225_600e6)), cluster.ports)
        expect(await told).toMatchObject([{ labels: { alertname: 'EarshotMethodRegression', method: 'UPDATE' } }])
        const console = cluster.console.running
        const { id, peer } = (await alertsOf(console, ({ active }) => active.length > 0)).active[0]!
        expect(await post(console, `/api/alerts/${id}/acknowledge`, { by: 'ann' })).toBe(202)
        const until = new Date(Date.now() + 3600e3).toISOString()
        expect(await post(console, '/api/silences', { peer, until, by: 'ann' })).toBe(202)
        await alertsOf(console, ({ silences }) => silences.length > 0)
        expect(webhook.told).toHaveLength(1)

        for (const member of [...cluster.members('monitor'), cluster.console]) {
          await member.end('SIGKILL')
          await member.start()
        }
        const { active } = await alertsOf(
          cluster.console.running,
          each => each.active.length + each.silences.length > 1
        )
        expect(active).toMatchObject([{ id, acknowledged: { by: 'ann' }, silence: { until, by: 'ann' } }])
      } finally {
        await cluster.stop()
        await webhook.close()
      }
    },
    timeout
  )
})
