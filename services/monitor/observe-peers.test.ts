import { expect, it } from '@jest/globals'
import { parseRegistry } from '@earshot/peers'
import { Metrics } from '@earshot/telemetry'
import { attempt, pending, after, TestMonitor } from './monitor.fixture.ts'
import { observePeers } from './observe-peers.ts'

it('tells the group of each peer once: of the registry, without ourselves, and of the traffic', async () => {
  const registry = parseRegistry(
    `peers:
      - { name: far, group: wholesale, members: [192.0.2.1] }
      - { name: lone, members: [192.0.2.2] }
      - { name: sbc, ours: true, members: [192.0.2.3] }`,
    'peers.yaml'
  )
  const far = { ...attempt('far'), direction: 'inbound' } as const
  const monitor = new TestMonitor().take(
    attempt('far'),
    far,
    attempt('192.0.2.9'),
    pending(0, after(1), attempt('new', { outcome: 'open' }))
  )
  const metrics = new Metrics({ version: 'test' })
  observePeers(metrics, { shown: [monitor.stage.figures], registry: () => registry })
  const lines = (await metrics.prometheusText()).split('\n').filter(line => line.startsWith('earshot_peer_info'))
  expect(lines).toEqual([
    'earshot_peer_info{peer="far",group="wholesale"} 1',
    'earshot_peer_info{peer="lone",group=""} 1',
    'earshot_peer_info{peer="192.0.2.9",group=""} 1',
    'earshot_peer_info{peer="new",group=""} 1'
  ])
})
