import { spawnSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { describeWith } from '../../../test/describe-tools.ts'
import { catalogue, counter, gauge, histogram, type Metric, Metrics, processMetrics } from './index.ts'

const metricsOf = (): Metrics => new Metrics({ version: '1.2.3' })

/** The lines of one metric, comments included. */
async function linesOf(metrics: Metrics, name: string): Promise<string[]> {
  const lines = (await metrics.prometheusText()).split('\n')
  return lines.filter(line => line.replace(/^# (HELP|TYPE) /, '').startsWith(name))
}

describe('Metrics', () => {
  it('counts with labels bound once, and without binding, into the same series', async () => {
    const metrics = metricsOf()
    const { packets } = catalogue
    const received = metrics.counter(packets).bind({ transport: 'udp', version: '3' })
    received.add(1)
    received.add(1)
    metrics.add(packets, 3, { transport: 'udp', version: '3' })
    expect(await linesOf(metrics, 'earshot_packets')).toEqual([
      '# HELP earshot_packets_total HEP packets received, by transport and HEP version.',
      '# TYPE earshot_packets_total counter',
      'earshot_packets_total{transport="udp",version="3"} 5'
    ])
  })

  it('shows a series at 0 once it is present', async () => {
    const metrics = metricsOf()
    metrics.present(catalogue.calls)
    expect(await linesOf(metrics, 'earshot_calls_total')).toContain('earshot_calls_total 0')
  })

  it('shows the versions that run', async () => {
    expect(await linesOf(metricsOf(), 'earshot_build_info{')).toEqual([
      `earshot_build_info{version="1.2.3",node="${process.versions.node}"} 1`
    ])
  })

  it('sets and moves gauges', async () => {
    const metrics = metricsOf()
    metrics.set(catalogue.logBytes, 7)
    const open = metrics.gauge(catalogue.hepConnections).bind()
    open.add(1)
    open.add(1)
    open.add(-1)
    expect(await linesOf(metrics, 'earshot_log_bytes')).toContain('earshot_log_bytes 7')
    expect(await linesOf(metrics, 'earshot_hep_connections')).toContain('earshot_hep_connections 1')
  })

  it('reads what is observed at each collection, and forgets what is not told any more', async () => {
    const metrics = metricsOf()
    const offsets = new Map([
      ['1', 0.5],
      ['2', -0.25]
    ])
    metrics.observe(catalogue.captureClockOffset, tell => {
      for (const [agent, offset] of offsets) tell(offset, { agent })
    })
    const lines = async () =>
      (await linesOf(metrics, 'earshot_capture_clock_offset_seconds')).filter(line => !line.startsWith('#'))
    expect(await lines()).toEqual([
      'earshot_capture_clock_offset_seconds{agent="1"} 0.5',
      'earshot_capture_clock_offset_seconds{agent="2"} -0.25'
    ])
    offsets.delete('1')
    expect(await lines()).toEqual(['earshot_capture_clock_offset_seconds{agent="2"} -0.25'])
  })

  it('cumulates the buckets of a histogram', async () => {
    const metrics = metricsOf()
    const delay = histogram('test_delay_seconds', { help: 'Test.', labels: ['peer'], buckets: [0.5, 1] })
    for (const value of [0.25, 0.5, 1, 4]) metrics.record(delay, value, { peer: 'a' })
    expect((await linesOf(metrics, 'test_delay_seconds')).slice(1)).toEqual([
      '# TYPE test_delay_seconds histogram',
      'test_delay_seconds_count{peer="a"} 4',
      'test_delay_seconds_sum{peer="a"} 5.75',
      'test_delay_seconds_bucket{peer="a",le="0.5"} 2',
      'test_delay_seconds_bucket{peer="a",le="1"} 3',
      'test_delay_seconds_bucket{peer="a",le="+Inf"} 4'
    ])
  })

  it.each([{ amount: -1 }, { amount: Number.NaN }])('refuses to add $amount to a counter', ({ amount }) => {
    expect(() => metricsOf().add(catalogue.calls, amount)).toThrow('earshot_calls_total cannot grow by')
  })

  it('refuses two declarations of one name', () => {
    const metrics = metricsOf()
    metrics.present(catalogue.calls)
    expect(() => metrics.present(counter('earshot_calls_total', { help: 'Another.' }))).toThrow('declared twice')
  })
})

describe('labels are bounded', () => {
  it('counts a value that is not among the finite ones under other', async () => {
    const metrics = metricsOf()
    metrics.add(catalogue.packets, 1, { transport: 'carrier-pigeon', version: '9' })
    metrics.add(catalogue.rejections, 1, { peer: 'a', direction: 'outbound', method: 'FROBNICATE', code: '501' })
    expect(await linesOf(metrics, 'earshot_packets_total{')).toEqual([
      'earshot_packets_total{transport="other",version="other"} 1'
    ])
    expect(await linesOf(metrics, 'earshot_rejections_total{')).toEqual([
      'earshot_rejections_total{peer="a",direction="outbound",method="OTHER",code="501"} 1'
    ])
  })

  it('past maxSeries keeps the finite labels, makes the others other, and says so', async () => {
    const metrics = metricsOf()
    const seen = counter('test_seen_total', {
      help: 'Test.',
      labels: ['peer', 'direction'],
      values: { direction: ['inbound', 'outbound'] },
      maxSeries: 2
    })
    for (const peer of ['a', 'b', 'c', 'd']) metrics.add(seen, 1, { peer, direction: 'inbound' })
    metrics.add(seen, 1, { peer: 'a', direction: 'inbound' })
    expect(await linesOf(metrics, 'test_seen_total{')).toEqual([
      'test_seen_total{peer="a",direction="inbound"} 2',
      'test_seen_total{peer="b",direction="inbound"} 1',
      'test_seen_total{peer="other",direction="inbound"} 2'
    ])
    expect(await linesOf(metrics, 'earshot_series_overflow_total{')).toEqual([
      'earshot_series_overflow_total{metric="test_seen_total"} 2'
    ])
  })

  it('loses no count and never has more series than it may, whatever the labels', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), peers => {
        const metrics = metricsOf()
        const seen = counter('test_seen_total', { help: 'Test.', labels: ['peer'], maxSeries: 3 })
        for (const peer of peers) metrics.add(seen, 1, { peer })
        const data = [...metrics.collect()].find(({ descriptor }) => descriptor.name === seen.name)
        const values = (data?.dataPoints ?? []).map(point => point.value as number)
        expect(values.length).toBeLessThanOrEqual(4)
        expect(values.reduce((sum, value) => sum + value, 0)).toBe(peers.length)
      })
    )
  })
})

describe('prometheusText', () => {
  /** A process with every metric of the catalogue in it, and label values that want escaping. */
  function everything(): Metrics {
    const metrics = metricsOf()
    const nasty = 'a"b\\c\nd\u{1F4DE}'
    for (const metric of Object.values<Metric>(catalogue)) {
      metrics.present(metric, Object.fromEntries(metric.labels.map(label => [label, nasty])))
    }
    metrics.record(histogram('test_delay_seconds', { help: 'Two\nlines.', buckets: [1] }), 0.5)
    metrics.set(gauge('test_level', { help: 'Test.' }), Number.POSITIVE_INFINITY)
    return metrics
  }

  it('is Prometheus text format 0.0.4, line by line, each metric in one block', async () => {
    const name = '[a-zA-Z_:][a-zA-Z0-9_:]*'
    const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"'
    const value = '(?:-?\\d+(?:\\.\\d+)?(?:e[+-]\\d+)?|[+-]Inf|NaN)'
    const line = new RegExp(
      `^(?:# HELP (${name}) .+|# TYPE (${name}) (?:counter|gauge|histogram)|(${name})(?:\\{${label}(?:,${label})*\\})? ${value})$`
    )
    const text = await everything().prometheusText()
    expect(text.endsWith('\n')).toBe(true)
    const families = text
      .split('\n')
      .filter(each => each !== '')
      .map(each => {
        const match = line.exec(each)
        expect({ line: each, valid: match !== null }).toEqual({ line: each, valid: true })
        return (match?.[1] ?? match?.[2] ?? match?.[3] ?? '').replace(/_(count|sum|bucket)$/, '')
      })
    const blocks = families.filter((family, index) => family !== families[index - 1])
    expect(blocks).toEqual([...new Set(blocks)])
  })

  it('has no labels and no metrics of OpenTelemetry’s own, and every name as it was declared', async () => {
    const text = await everything().prometheusText()
    expect(text).not.toMatch(/target_info|otel_|_total_total|seconds_seconds/)
    for (const { name } of Object.values(catalogue)) expect(text).toContain(`# TYPE ${name} `)
  })

  describeWith('promtool')('as promtool sees it', () => {
    it('passes check metrics', async () => {
      const checked = spawnSync('promtool', ['check', 'metrics'], { input: await everything().prometheusText() })
      expect({ status: checked.status, says: String(checked.stderr) }).toEqual({ status: 0, says: '' })
    })
  })
})

describe('processMetrics', () => {
  it('shows CPU, memory and the delay of the event loop', async () => {
    const metrics = metricsOf()
    const part = processMetrics(metrics)
    await part.stop()
    await part.start()
    let text = ''
    while (!text.includes('earshot_event_loop_delay_seconds{statistic="max"}')) text = await metrics.prometheusText()
    await part.stop()
    await part.stop()
    expect(text).toMatch(/^process_cpu_seconds_total \d/m)
    expect(text).toMatch(/^process_resident_memory_bytes \d{7}/m)
  })
})
