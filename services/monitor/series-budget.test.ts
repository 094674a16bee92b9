import { expect, it } from '@jest/globals'
import { earlyClasses, outcomes, type AttemptRecord } from '@earshot/calls'
import { catalogue, seriesAtMost, type Metric } from '@earshot/telemetry'
import { attempt, callEnd, rejection, TestMonitor } from './monitor.fixture.ts'

const PEERS = 5_000

/** More kinds of calls than a peer has in both directions: every third of all classes and outcomes, seven causes. */
function* callsOf(peer: string, serial: number): Generator<AttemptRecord> {
  for (const direction of ['inbound', 'outbound'] as const) {
    for (let kind = 0; kind < 8; kind++) {
      const outcome = outcomes[(serial + 3 * kind) % (outcomes.length - 1)]!
      yield attempt(peer, {
        direction,
        class: earlyClasses[(serial + kind) % earlyClasses.length]!,
        outcome,
        status: outcome === 'answered' ? 200 : 480,
        effectiveCause: 16 + (kind % 7),
        sessionRequestDelay: kind
      })
    }
  }
}

it('5,000 peers with calls of many kinds are as many series as there may be, and no more', async () => {
  const monitor = new TestMonitor()
  for (let serial = 0; serial < PEERS; serial++) {
    const peer = `peer ${serial}`
    const rejections = ['UPDATE', 'INFO', 'REFER'].map(method => rejection(peer, method))
    monitor.take(...callsOf(peer, serial), ...rejections, callEnd(peer))
  }
  const counts = new Map<string, number>()
  for (const line of (await monitor.metrics.prometheusText()).split('\n')) {
    const name = /^(earshot_\w+?)(?:_bucket|_sum|_count)?[{ ]/.exec(line)?.[1]
    if (name !== undefined && !line.startsWith('#')) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const all: readonly Metric[] = Object.values(catalogue)
  const ofPeers = all.filter(metric => metric.labels.includes('peer'))
  const over = ofPeers.filter(metric => (counts.get(metric.name) ?? 0) > 1.01 * seriesAtMost(metric, PEERS))
  expect(over.map(({ name }) => name)).toEqual([])
  const seen = [...counts.values()].reduce((sum, count) => sum + count, 0)
  expect(seen).toBeGreaterThan(400_000)
  expect(seen).toBeLessThan(600_000)
}, 60_000)
