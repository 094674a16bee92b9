import { describe, expect, it } from '@jest/globals'
import { catalogue } from '@earshot/telemetry'
import * as query from './query.ts'
import {
  anyOf,
  buckets,
  countOf,
  firing,
  increase,
  matching,
  noneOf,
  not,
  over,
  rate,
  select,
  series
} from './selection.ts'
import { sumOf, up } from './selection.ts'

const { text, sum, divide } = query
const attempts = select(catalogue.attempts, { outcome: 'answered' })
const watermark = select(catalogue.watermark)
const info = series('info', ['peer', 'version'])

describe('a query', () => {
  it.each<[string, query.AnyQuery]>([
    ['earshot_attempts_total{outcome="answered"}', attempts],
    [
      'earshot_attempts_total{peer=~"$peer",outcome!="open"}',
      select(catalogue.attempts, { peer: matching('$peer'), outcome: not('open') })
    ],
    [
      'earshot_rejections_total{method=~"UPDATE|INFO",code!~"405"}',
      select(catalogue.rejections, { method: anyOf('UPDATE', 'INFO'), code: noneOf('405') })
    ],
    ['earshot_build_info{version="a\\"b\\\\c"}', select(catalogue.buildInfo, { version: 'a"b\\c' })],
    ['earshot_time_to_183_seconds_sum{peer="x"}', sumOf(catalogue.timeTo183, { peer: 'x' })],
    ['earshot_time_to_183_seconds_count', countOf(catalogue.timeTo183)],
    ['up{job="earshot"}', select(up, { job: 'earshot' })],
    ['ALERTS{alertstate="firing"}', select(firing, { alertstate: 'firing' })],
    ['rate(earshot_attempts_total{outcome="answered"}[5m])', rate(attempts, '5m')],
    ['increase(earshot_attempts_total{outcome="answered"}[1h])', increase(attempts, '1h')],
    ['max_over_time(earshot_watermark_timestamp_seconds[1h])', over('1h', 'max_over_time', watermark)],
    [
      'avg_over_time((sum(earshot_concurrent_calls))[1h:1m])',
      over('1h', 'avg_over_time', sum(select(catalogue.concurrentCalls)))
    ],
    ['sum by(peer) (earshot_attempts_total{outcome="answered"})', sum(attempts, ['peer'])],
    ['topk(5, earshot_attempts_total{outcome="answered"})', query.topk(5, attempts)],
    [
      'histogram_quantile(0.95, sum by(le) (rate(earshot_time_to_183_seconds_bucket[5m])))',
      query.histogramQuantile(0.95, sum(rate(buckets(catalogue.timeTo183), '5m'), ['le']))
    ],
    ['(sum(earshot_attempts_total{outcome="answered"})) / (60)', divide(sum(attempts), 60)],
    [
      '(sum by(kind) (earshot_messages_total)) / (scalar(sum(earshot_messages_total)))',
      query.shareOf(sum(select(catalogue.messages), ['kind']), sum(select(catalogue.messages)))
    ],
    ['(1) - (earshot_watermark_timestamp_seconds)', query.subtract(1, watermark)],
    [
      '(info) * on(peer) group_left(version) (info)',
      query.multiply(select(info), select(info), { on: ['peer'], add: ['version'] })
    ],
    ['(info) and on(peer) (info)', query.and(select(info), select(info), ['peer'])],
    ['(time()) - (earshot_watermark_timestamp_seconds)', query.age(watermark)],
    ['(earshot_watermark_timestamp_seconds) > (5)', query.compare(watermark, '>', 5)],
    ['label_replace(up, "peer", "$1", "job", "(.*)")', query.relabel(select(up), { to: 'peer', source: 'job' })]
  ])('reads %s', (expected, built) => {
    expect(text(built)).toBe(expected)
  })

  it('throws on a value that the metric cannot have', () => {
    expect(() => select(catalogue.attempts, { outcome: 'answred' })).toThrow(
      'earshot_attempts_total has no outcome answred'
    )
    expect(() => select(catalogue.rejections, { method: anyOf('UPDATE', 'update') })).toThrow('has no method update')
  })
})

/** Compiled, never called: each line below an expectation is an error of types. */
export function typeErrors(): unknown {
  return [
    // @ts-expect-error the catalogue has no such metric
    select(catalogue.attemptz), // oxlint-disable-line import/namespace
    // @ts-expect-error the metric has no such label
    select(catalogue.attempts, { code: '501' }),
    // @ts-expect-error nor can it be summed by it
    sum(attempts, ['code']),
    // @ts-expect-error it is gone after the sum
    sum(sum(attempts, ['peer']), ['outcome']),
    // @ts-expect-error both sides have the same labels
    divide(sum(attempts, ['peer']), sum(attempts)),
    // @ts-expect-error the right one has no outcome to match on
    divide(attempts, sum(attempts, ['peer']), { on: ['outcome'] }),
    // @ts-expect-error or to bring along
    divide(attempts, sum(attempts, ['peer']), { on: ['peer'], add: ['class'] }),
    // @ts-expect-error a gauge has no rate
    rate(watermark, '5m'),
    // @ts-expect-error nor has a sum one
    rate(sum(attempts), '5m'),
    // @ts-expect-error a histogram is selected by its buckets, sum or count
    select(catalogue.timeTo183),
    // @ts-expect-error a counter has no buckets
    buckets(catalogue.attempts),
    // @ts-expect-error and a quantile needs them
    query.histogramQuantile(0.95, sum(rate(buckets(catalogue.timeTo183), '5m'), ['peer'])),
    // @ts-expect-error not to be matched on
    query.and(attempts, select(catalogue.rejections), ['method']),
    // @ts-expect-error not to be renamed
    query.relabel(sum(attempts), { to: 'group', source: 'peer' })
  ]
}
