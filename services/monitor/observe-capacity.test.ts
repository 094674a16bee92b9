import { describe, expect, it } from '@jest/globals'
import { parseRegistry } from '@earshot/peers'
import { Metrics } from '@earshot/telemetry'
import { Detection } from './detection.ts'
import { after, attempt, callEnd, noon, pending, TestMonitor } from './monitor.fixture.ts'
import { observeCapacity } from './observe-capacity.ts'

const registry = parseRegistry('peers: [{ name: far, members: [192.0.2.1], calls: 20, cps: 8 }]', 'peers.yaml')

describe('metrics of capacity', () => {
  const seriesOf = async (monitor: TestMonitor, detection = new Detection({ sources: 0 })): Promise<string[]> => {
    const metrics = new Metrics({ version: 'test' })
    observeCapacity(metrics, { shown: [monitor.stage.figures], detecting: [detection], registry: () => registry })
    const lines = (await metrics.prometheusText()).split('\n')
    return lines.filter(line => /^earshot_(concurrent|busy|peak|contracted)/.test(line) && !line.endsWith(' 0'))
  }

  it('tell the calls under way by state, through their end and a restart, beside what was contracted', async () => {
    const [open, ringing] = [attempt('far', { outcome: 'open' }), attempt('far', { outcome: 'open', class: 'ringing' })]
    const failed = attempt('far', { outcome: 'busy', status: 486 })
    const monitor = new TestMonitor().take(attempt('far'), attempt('far'), pending(0, after(1), open, ringing, failed))
    const contracted = [
      'earshot_contracted_calls{peer="far"} 20',
      'earshot_contracted_attempts_per_second{peer="far"} 8'
    ]
    const calls = (state: string, count: number): string =>
      `earshot_concurrent_calls{peer="far",direction="outbound",state="${state}"} ${count}`
    const before = [calls('setup', 1), calls('early_media', 1), calls('established', 2), ...contracted]
    expect(await seriesOf(monitor)).toEqual(before)
    expect(await seriesOf(await monitor.restart())).toEqual(before)
    monitor.take(callEnd('far'), { ...callEnd('far'), release: 'unseen' }, attempt('far'), pending(0, after(2)))
    expect(await seriesOf(monitor)).toEqual([calls('established', 1), ...contracted])
  })

  it('tell the busiest second and the most calls of the day, in each direction and in both', async () => {
    const detection = new Detection({ sources: 1 })
    const row = { kind: 'load', second: noon / 1e6, peer: 'near', attempts: 3, calls: 2 } as const
    detection.holdRows(
      [
        { ...row, direction: 'outbound' },
        { ...row, direction: 'inbound', attempts: 1 }
      ],
      0
    )
    detection.settle({ partition: 0, watermark: after(10), settled: after(10) })
    detection.detect()
    const series = await seriesOf(new TestMonitor(), detection)
    expect(series.filter(line => line.includes('near'))).toEqual([
      'earshot_busy_second_attempts{peer="near",direction="inbound"} 1',
      'earshot_busy_second_attempts{peer="near",direction="outbound"} 3',
      'earshot_busy_second_attempts{peer="near",direction="both"} 4',
      'earshot_peak_calls{peer="near",direction="inbound"} 2',
      'earshot_peak_calls{peer="near",direction="outbound"} 2',
      'earshot_peak_calls{peer="near",direction="both"} 4'
    ])
  })
})
