import { catalogue } from '@earshot/telemetry'
import { absent, compare, divide, max, min, or, sum } from '../query.ts'
import { anyOf, increase, matching, rate, select, up } from '../selection.ts'
import { lasting, type RuleOptions } from './options.ts'
import { alert, type AlertRule, type RuleGroup } from './rule.ts'

/** What should have been counted, and is not: too much came, or there was no place for it. */
const lost = ['overload', 'kernel', 'spool-full', 'refused-by-log']
/** What was kept out on purpose. */
const refused = [
  'unauthorized',
  'not-allowed',
  'connection-not-allowed',
  'rate-limited',
  'future',
  'tls-handshake',
  'connection-refused',
  'too-many-connections',
  'too-many-handshakes'
]

/** Whether Earshot is there, and takes what its agents send. */
export function intake(options: RuleOptions): RuleGroup {
  return {
    name: 'earshot-intake',
    rules: [
      ...presence(options),
      packetsLost(options),
      packetsRefused(options),
      deadLetters(options),
      clockSkew(options),
      timesAdjusted(options)
    ]
  }
}

function presence(options: RuleOptions): AlertRule[] {
  const window = lasting(options, 5)
  return [
    alert({
      alert: 'EarshotMetricsMissing',
      query: absent(select(catalogue.buildInfo)),
      for: lasting(options, 5),
      severity: 'critical',
      area: 'pipeline',
      words: () => ({
        summary: 'Prometheus reads no metrics of Earshot',
        description:
          'No process of Earshot tells its metrics: all are down, or Prometheus does not find them. No other alert can come.'
      })
    }),
    alert({
      alert: 'EarshotTargetDown',
      query: compare(select(up, { job: matching('.*earshot.*') }), '==', 0),
      for: lasting(options, 2),
      severity: 'critical',
      area: 'pipeline',
      words: ({ label }) => ({
        summary: `${label('instance')} does not answer`,
        description: `Prometheus cannot read /metrics of ${label('instance')} (job ${label('job')}): the process is down, or does not answer in time.`
      })
    }),
    alert({
      alert: 'EarshotNoPackets',
      query: compare(sum(rate(select(catalogue.packets), window)), '==', 0),
      for: lasting(options, 5),
      severity: 'critical',
      area: 'pipeline',
      words: () => ({
        summary: 'no capture agent sends anything',
        description: `No collector has received a packet of HEP in the last ${window}: nothing is counted.`
      })
    })
  ]
}

function packetsLost(options: RuleOptions): AlertRule {
  const window = lasting(options, 5)
  const lostOnes = sum(rate(select(catalogue.drops, { reason: anyOf(...lost) }), window))
  return alert({
    alert: 'EarshotPacketsLost',
    query: compare(divide(lostOnes, sum(rate(select(catalogue.packets), window))), '>', options.thresholds.packetsLost),
    for: lasting(options, 2),
    severity: 'critical',
    area: 'pipeline',
    words: ({ value }) => ({
      summary: 'packets are lost',
      description: `${value('percent')} of the packets in the last ${window} were dropped for want of room (${lost.join(', ')}): the figures are too low, and calls look worse than they are.`
    })
  })
}

function packetsRefused(options: RuleOptions): AlertRule {
  const window = lasting(options, 15)
  const refusedOnes = sum(increase(select(catalogue.drops, { reason: anyOf(...refused) }), window), ['reason'])
  return alert({
    alert: 'EarshotPacketsRefused',
    query: compare(refusedOnes, '>', options.thresholds.packetsRefused),
    for: '0s',
    severity: 'warning',
    area: 'pipeline',
    words: ({ label, value }) => ({
      summary: `packets or connections are refused: ${label('reason')}`,
      description: `${value()} packets or connections were refused for ${label('reason')} in the last ${window}: an agent is not let in, or somebody else tries.`
    })
  })
}

function deadLetters(options: RuleOptions): AlertRule {
  const window = lasting(options, 15)
  const kept = sum(increase(select(catalogue.deadLetters), window), ['reason'])
  return alert({
    alert: 'EarshotDeadLetters',
    query: compare(kept, '>', options.thresholds.deadLetters),
    for: '0s',
    severity: 'warning',
    area: 'pipeline',
    words: ({ label, value }) => ({
      summary: `packets cannot be decoded: ${label('reason')}`,
      description: `${value()} packets that could not be decoded (${label('reason')}) were kept to look at in the last ${window}.`
    })
  })
}

function clockSkew(options: RuleOptions): AlertRule {
  const { clockOffset } = options.thresholds
  const offset = select(catalogue.captureClockOffset)
  const ahead = compare(max(offset, ['agent']), '>', clockOffset)
  return alert({
    alert: 'EarshotClockSkew',
    query: or(ahead, compare(min(offset, ['agent']), '<', -clockOffset)),
    for: lasting(options, 10),
    severity: 'warning',
    area: 'pipeline',
    words: ({ label, value }) => ({
      summary: `the clock of the capture agent ${label('agent')} is wrong`,
      description: `The clock of ${label('agent')} is ${value()} s ahead of the collector’s (behind, where that is negative); messages of one call that two agents see come out of order beyond the lateness of 2 s.`
    })
  })
}

function timesAdjusted(options: RuleOptions): AlertRule {
  const window = lasting(options, 15)
  const adjusted = sum(increase(select(catalogue.timesAdjusted, { reason: anyOf('ahead', 'shifted') }), window), [
    'reason'
  ])
  return alert({
    alert: 'EarshotTimesAdjusted',
    query: compare(adjusted, '>', options.thresholds.timesAdjusted),
    for: '0s',
    severity: 'warning',
    area: 'pipeline',
    words: ({ label, value }) => ({
      summary: `capture times cannot be believed: ${label('reason')}`,
      description: `The capture times of ${value()} packets were replaced or shifted (${label('reason')}) in the last ${window}: a clock is wrong, or somebody replays old traffic.`
    })
  })
}
