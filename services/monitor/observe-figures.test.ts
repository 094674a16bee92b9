import { describe, expect, it } from '@jest/globals'
import { PeerNames } from '@earshot/peers'
import { catalogue } from '@earshot/telemetry'
import { after, attempt, callEnd, counts, pending, rejection, TestMonitor } from './monitor.fixture.ts'

describe('metrics of figures', () => {
  const seriesOf = async (monitor: TestMonitor, name: string): Promise<string[]> => {
    const lines = (await monitor.metrics.prometheusText()).split('\n').filter(line => line.startsWith(`${name}{`))
    return lines.filter(line => !line.endsWith(' 0')).map(line => line.slice(name.length))
  }

  it('count from the start of the process, though the figures go on', async () => {
    const monitor = await new TestMonitor().take(attempt('far'), rejection('far', 'INFO'), counts({ sip: 3 })).restart()
    for (const name of ['earshot_attempts_total', 'earshot_rejections_total', 'earshot_messages_total']) {
      expect(await seriesOf(monitor, name)).toEqual([])
    }
    monitor.take(attempt('far'), rejection('far', 'INFO'), counts({ sip: 1, notSip: 2 }))
    expect(await seriesOf(monitor, 'earshot_attempts_total')).toEqual([
      '{peer="far",direction="outbound",class="early_media",outcome="answered"} 1'
    ])
    expect(await seriesOf(monitor, 'earshot_rejections_total')).toEqual([
      '{peer="far",direction="outbound",method="INFO",code="501"} 1'
    ])
    expect(await seriesOf(monitor, 'earshot_messages_total')).toEqual(['{kind="sip"} 1', '{kind="not_sip"} 2'])
  })

  it('tell causes by early media, what Q.850 does not have as other, and nothing of attempts without one', async () => {
    const announced = attempt('far', { outcome: 'cancelled', effectiveCause: 34 })
    const silent = attempt('far', { class: 'none', outcome: 'busy', effectiveCause: 17 })
    const wrong = { ...silent, effectiveCause: 4_711 }
    const monitor = new TestMonitor().take(announced, announced, silent, wrong, attempt('far'))
    expect(await seriesOf(monitor, 'earshot_causes_total')).toEqual([
      '{peer="far",direction="outbound",cause="34",early_media="yes"} 2',
      '{peer="far",direction="outbound",cause="17",early_media="no"} 1',
      '{peer="far",direction="outbound",cause="other",early_media="no"} 1'
    ])
  })

  it('show the peers of before the restart at 0', async () => {
    const monitor = await new TestMonitor().take(attempt('far')).restart()
    const text = await monitor.metrics.prometheusText()
    expect(text).toContain('{peer="far",direction="outbound",class="early_media",outcome="no_answer"} 0')
    expect(text).toContain('{peer="far",direction="outbound",method="UPDATE",code="501"} 0')
  })

  it('show 5,000 peers in both directions one by one, with what was counted before any zero', async () => {
    const monitor = new TestMonitor()
    const peers = Array.from({ length: 5_000 }, (_, index) => `peer ${index}`)
    for (const direction of ['inbound', 'outbound'] as const) {
      monitor.take(
        ...peers.map(peer => attempt(peer, { direction, class: 'none', outcome: 'busy' })),
        ...peers.map(peer => ({ ...rejection(peer, 'REFER'), direction }))
      )
    }
    const text = await monitor.metrics.prometheusText()
    expect(text).not.toContain('peer="other"')
    expect(text).not.toContain('earshot_series_overflow_total{')
    expect(text.match(/^earshot_attempts_total\{.*class="none",outcome="busy"\} 1$/gm)).toHaveLength(10_000)
    expect(text.match(/^earshot_rejections_total\{.*method="REFER",code="501"\} 1$/gm)).toHaveLength(10_000)
    expect(text.match(/^earshot_attempts_total\{.*class="early_media",outcome="answered"\} 0$/gm)).toHaveLength(10_000)
  }, 30_000)

  it('leave out zeros where there is no room for them', async () => {
    const monitor = new TestMonitor(50_000)
    const peers = Array.from({ length: 30_000 }, (_, index) => `peer ${index}`)
    monitor.take(...peers.map(peer => rejection(peer, 'REFER')))
    const lines = (await monitor.metrics.prometheusText())
      .split('\n')
      .filter(line => line.startsWith('earshot_rejections'))
    expect(lines.filter(line => line.endsWith('} 1')).length).toBe(30_000)
    expect(lines.filter(line => line.endsWith('} 0')).length).toBe(30_000)
    expect(lines.filter(line => line.includes('peer="other"'))).toEqual([])
  }, 30_000)

  it('tell the parts of ratios, and times as histograms, of what is committed and not internal', async () => {
    const times = { sessionRequestDelay: 0.7, timeTo183: 0.5, timeToEarlyMedia: 0.6 }
    const monitor = new TestMonitor().take(
      attempt('far', times),
      attempt('far', { outcome: 'busy', status: 486, firstCode: 0, class: 'none', sessionRequestDelay: 4 }),
      attempt('ours', { ...times, direction: 'internal' }),
      callEnd('far'),
      { ...callEnd('ours'), direction: 'internal' }
    )
    const parts = 'judged establishable effective seizures network_effective calls'.split(' ')
    const side = 'peer="far",direction="outbound"'
    expect((await seriesOf(monitor, 'earshot_ratio_parts_total')).sort()).toEqual(
      [
        ...parts.map(part => `{${side},part="${part}"} 2`),
        ...['completed', 'early_media', 'calls_answered'].map(part => `{${side},part="${part}"} 1`)
      ].sort()
    )
    const sums = async (name: string): Promise<string[]> => seriesOf(monitor, `earshot_${name}_seconds_sum`)
    expect(await sums('session_request_delay')).toEqual([
      `{${side},result="success"} 0.7`,
      `{${side},result="failed"} 4`
    ])
    expect(await sums('time_to_183')).toEqual([`{${side}} 0.5`])
    expect(await sums('time_to_early_media')).toEqual([`{${side}} 0.6`])
    expect(await sums('early_media_duration')).toEqual([`{${side},outcome="answered"} 2.5`])
    expect(await sums('session_duration')).toEqual([`{${side}} 60`])
    expect(await sums('session_disconnect_delay')).toEqual([`{${side}} 0.1`])
  })

  it('show attempts that are not over apart from those that are', async () => {
    const monitor = new TestMonitor().take(attempt('far'), pending(0, after(1), attempt('far', { outcome: 'open' })))
    expect(await seriesOf(monitor, 'earshot_attempts_pending')).toEqual([
      '{peer="far",direction="outbound",class="early_media",outcome="open"} 1'
    ])
  })

  it('name methods outside the catalogue OTHER', async () => {
    const monitor = new TestMonitor().take(rejection('far', 'UPDATE'), rejection('far', 'FOO'), rejection('far', 'BAR'))
    expect(await seriesOf(monitor, 'earshot_rejections_total')).toEqual([
      '{peer="far",direction="outbound",method="UPDATE",code="501"} 1',
      '{peer="far",direction="outbound",method="OTHER",code="501"} 2'
    ])
    expect(catalogue.rejections.values.method).toContain('OTHER')
  })

  it('count attempts by the codes of their diagnoses', async () => {
    const monitor = new TestMonitor().take(
      attempt('far', { diagnosis: { codes: ['codec_mismatch', 'prack_rejected'], text: '' } }),
      attempt('far', { diagnosis: { codes: ['codec_mismatch'], text: '' } }),
      attempt('far')
    )
    expect(await seriesOf(monitor, 'earshot_diagnoses_total')).toEqual([
      '{peer="far",direction="outbound",code="codec_mismatch"} 2',
      '{peer="far",direction="outbound",code="prack_rejected"} 1'
    ])
  })

  it('count only what is committed', async () => {
    const monitor = new TestMonitor()
    monitor.stage.handle([monitor.record(attempt('far')), monitor.record(pending(0, after(1)))])
    expect(await seriesOf(monitor, 'earshot_attempts_total')).toEqual([])
    monitor.stage.committed()
    monitor.stage.committed()
    expect(await seriesOf(monitor, 'earshot_attempts_total')).toHaveLength(1)
  })

  it('go on counting what a partition brought that is worked elsewhere now, and show no gauge of it', async () => {
    const monitor = new TestMonitor().take(attempt('far'), pending(0, after(1), attempt('far', { outcome: 'open' })))
    monitor.stage.dropped()
    expect(await seriesOf(monitor, 'earshot_attempts_total')).toHaveLength(1)
    for (const name of ['earshot_attempts_pending', 'earshot_watermark_timestamp_seconds']) {
      expect(await seriesOf(monitor, name)).toEqual([])
    }
  })

  it('move together: an attempt leaves those pending when it is counted, and the watermark then, too', async () => {
    const monitor = new TestMonitor().take(pending(0, after(1), attempt('far', { outcome: 'open' })))
    const shown = async () => ({
      pending: (await seriesOf(monitor, 'earshot_attempts_pending')).length,
      counted: (await seriesOf(monitor, 'earshot_attempts_total')).length,
      watermark: (await monitor.metrics.prometheusText()).match(/^earshot_watermark_timestamp_seconds (.*)$/m)?.[1]
    })
    const before = { pending: 1, counted: 0, watermark: String(after(1) / 1e6) }
    expect(await shown()).toEqual(before)
    const work = monitor.stage.handle([monitor.record(attempt('far')), monitor.record(pending(0, after(9)))])
    expect(await shown()).toEqual(before)
    monitor.commit(work)
    expect(await shown()).toEqual({ pending: 0, counted: 1, watermark: String(after(9) / 1e6) })
  })

  it('sum over the partitions of the process', async () => {
    const monitor = new TestMonitor().take(pending(0, after(1), attempt('far', { outcome: 'open' })))
    const other = monitor.stageOf(new PeerNames(5_000))
    await other.restore((async function* () {})())
    other.handle([
      monitor.record(attempt('far')),
      monitor.record(pending(0, after(9), attempt('far', { outcome: 'open' })))
    ])
    other.committed()
    expect(await seriesOf(monitor, 'earshot_attempts_pending')).toEqual([expect.stringMatching(/ 2$/)])
    expect(await monitor.metrics.prometheusText()).toContain(`earshot_watermark_timestamp_seconds ${after(1) / 1e6}\n`)
  })

  it('tell how long after an answer or a rejection it was counted', async () => {
    const monitor = new TestMonitor().take(
      attempt('far', { endedAt: after(57.5) }),
      attempt('far', { outcome: 'busy', endedAt: after(50) }),
      rejection('far', 'UPDATE')
    )
    const text = await monitor.metrics.prometheusText()
    const name = 'earshot_record_latency_seconds'
    for (const line of [
      `${name}_count{kind="attempt"} 1`,
      `${name}_sum{kind="attempt"} 2.5`,
      `${name}_sum{kind="rejection"} 60`
    ]) {
      expect(text).toContain(line)
    }
  })
})
