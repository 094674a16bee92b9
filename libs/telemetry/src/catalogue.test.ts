import { describe, expect, it } from '@jest/globals'
import { format } from 'prettier'
import { catalogue, metricsReference, seriesAtMost } from './index.ts'

const metrics = Object.values(catalogue)

describe('the catalogue', () => {
  it('declares each name once', () => {
    expect(metrics.map(({ name }) => name)).toEqual([...new Set(metrics.map(({ name }) => name))])
  })

  it.each(metrics)('names $name as Prometheus does: base units, _total for counters only', ({ kind, name }) => {
    expect(name).toMatch(/^(earshot|process)_[a-z0-9_]+$/)
    expect(name).not.toMatch(/_(ms|millis|milliseconds|micros|minutes|kb|mb)(_|$)/)
    expect(name.endsWith('_total')).toBe(kind === 'counter')
  })

  it.each(metrics)('gives $name a help that is a sentence', ({ help }) => {
    expect(help).toMatch(/^[A-Z0-9].*\.$/)
  })
})

describe('metricsReference', () => {
  it('has an entry for every metric', () => {
    for (const { name } of metrics) expect(metricsReference()).toContain(`\n## \`${name}\`\n`)
  })

  it('shows finite values, and the limit where there are none', () => {
    expect(metricsReference()).toContain(
      [
        '## `earshot_responses_183_total`',
        '183 responses to initial INVITEs, copies not counted, by whether one carried a session description (yes, no). ' +
          '(counter.) At most 24000 series.',
        '- `peer`\n- `direction`: inbound, outbound, internal\n- `sdp`: yes, no'
      ].join('\n\n')
    )
  })

  it('says how many series there are at most', () => {
    expect(seriesAtMost(catalogue.calls, 5_000)).toBe(1)
    expect(seriesAtMost(catalogue.concurrentCalls, 100)).toBe(100 * 3 * 3)
    expect(seriesAtMost(catalogue.concurrentCalls, 5_000)).toBe(36_000)
    expect(seriesAtMost(catalogue.sessionDuration, 5_000)).toBe(2_000 * (13 + 3))
    expect(metricsReference()).toMatch(/\| `earshot_concurrent_calls` +\| 36,000 +\|/)
  })

  it('is formatted as the formatter would', async () => {
    expect(await format(metricsReference(), { parser: 'markdown' })).toBe(metricsReference())
  })
})
