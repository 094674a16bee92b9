import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { epochMicros, type Captured } from '@earshot/units'
import { frameOf } from '../../services/earshot/replay.ts'
import type { PostableAlert } from '../../services/monitor/alertmanager.ts'
import { receiver, type Receiver } from '../../services/monitor/webhook.fixture.ts'
import { RunningEarshot } from '../earshot.ts'
import { series } from '../prometheus.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { alertsOf, post, regression, updates } from './alerts.ts'
import { Pump } from './pump.ts'

const folder = temporaryFolder()
const timeout = 60_000
const start = epochMicros(1_767_225_600e6)

it(
  'an alert is told to the webhook, acknowledged and silenced, and all of that outlives a kill -9',
  async () => {
    const webhook = await receiver<readonly PostableAlert[]>()
    const all: RunningEarshot[] = []
    try {
      await told(webhook, async () => {
        const options = ['--data-dir', join(folder, 'data'), '--alert-webhook', webhook.url]
        const running = await RunningEarshot.up('--clock', 'capture', ...options)
        all.push(running)
        return running
      })
    } finally {
      await Promise.all(all.map(each => each.end('SIGKILL')))
      await webhook.close()
    }
  },
  timeout
)

async function told(webhook: Receiver<readonly PostableAlert[]>, upOn: () => Promise<RunningEarshot>): Promise<void> {
  const killed = await upOn()
  const first = webhook.next(() => true)
  await sent(killed, regression(start))
  expect(await first).toMatchObject([
    { labels: { alertname: 'EarshotMethodRegression', method: 'UPDATE' }, startsAt: '2026-01-01T00:01:00.000Z' }
  ])
  const { id, peer, kind } = (await alertsOf(killed, ({ active }) => active.length > 0)).active[0]!
  expect(await post(killed, `/api/alerts/${id}/acknowledge`, { by: 'ann' })).toBe(202)
  const until = new Date(Date.now() + 3600e3).toISOString()
  expect(await post(killed, '/api/silences', { peer, kind, until, by: 'ann' })).toBe(202)
  await alertsOf(killed, ({ silences }) => silences.length > 0)
  await killed.end('SIGKILL')

  const running = await upOn()
  const { active } = await alertsOf(running, ({ silences }) => silences.length > 0)
  expect(active).toMatchObject([{ id, acknowledged: { by: 'ann' }, silence: { until, by: 'ann' } }])
  const gauges = series(await running.metrics()).filter(({ name }) => /alerts_(active|acknow|silenced)/.test(name))
  expect(gauges.map(({ value }) => value)).toEqual([1, 1, 1])
  // It is over; nobody is told.
  await sent(running, updates(start, 60, 120, '200'))
  await alertsOf(running, ({ recent }) => recent.length > 0)
  expect(await running.end('SIGTERM')).toBe(0)
  expect(webhook.told).toHaveLength(1)
}

async function sent({ ports }: RunningEarshot, packets: readonly Captured[]): Promise<void> {
  const frames = Iterator.from(packets).map(captured => frameOf(captured)!)
  expect(await new Pump(ports.tcp, frames).over()).toBe('done')
}
