import { catalogue } from '@earshot/telemetry'
import { age, compare, divide, histogramQuantile, max, min, shareOf, sum } from '../query.ts'
import { anyOf, buckets, increase, rate, select } from '../selection.ts'
import { lasting, type RuleOptions } from './options.ts'
import { alert, percent, type AlertRule, type RuleGroup } from './rule.ts'

/** Whether what was taken is worked in time, and all of it. */
export function work(options: RuleOptions): RuleGroup {
  return {
    name: 'earshot-work',
    rules: [
      ...log(options),
      ...lateness(options),
      ...messages(options),
      ...overflows(options),
      webhookFailing(options),
      eventLoopSlow(options)
    ]
  }
}

function log(options: RuleOptions): AlertRule[] {
  const { thresholds } = options
  const window = lasting(options, 15)
  return [
    alert({
      alert: 'EarshotLogAway',
      query: compare(max(select(catalogue.logAway), ['instance']), '>', 0),
      for: lasting(options, 1),
      severity: 'warning',
      area: 'pipeline',
      words: ({ label }) => ({
        summary: `${label('instance')} cannot append to Kafka`,
        description: `The collector ${label('instance')} keeps on its disk what comes, until Kafka takes it or the spool is full.`
      })
    }),
    alert({
      alert: 'EarshotSpoolFilling',
      query: compare(divide(select(catalogue.spoolBytes), select(catalogue.spoolCapacity)), '>', thresholds.spoolUsed),
      for: '0s',
      severity: 'critical',
      area: 'pipeline',
      words: ({ label, value }) => ({
        summary: `the spool of ${label('instance')} fills`,
        description: `${value('percent')} of what the collector ${label('instance')} may keep while Kafka is away is used; when it is full, UDP is dropped and TCP has to wait.`
      })
    }),
    alert({
      alert: 'EarshotLag',
      query: compare(max(select(catalogue.logLag), ['group', 'topic']), '>', thresholds.lagRecords),
      for: lasting(options, 10),
      severity: 'warning',
      area: 'pipeline',
      words: ({ label, value }) => ({
        summary: `the group ${label('group')} does not keep up with ${label('topic')}`,
        description: `${value()} records of ${label('topic')} wait for the group ${label('group')}; more than ${thresholds.lagRecords} did for ${lasting(options, 10)}.`
      })
    }),
    alert({
      alert: 'EarshotLogLost',
      query: compare(max(increase(select(catalogue.logLost), window), ['group']), '>', 0),
      for: '0s',
      severity: 'critical',
      area: 'pipeline',
      words: ({ label, value }) => ({
        summary: 'records were deleted before they were read',
        description: `${value()} records were deleted to keep to the retention before the group ${label('group')} had read them, in the last ${window}: what was in them is not counted.`
      })
    }),
    alert({
      alert: 'EarshotTransactionFailures',
      query: compare(
        sum(increase(select(catalogue.transactionFailures), window), ['group']),
        '>',
        thresholds.transactionFailures
      ),
      for: '0s',
      severity: 'warning',
      area: 'pipeline',
      words: ({ label, value }) => ({
        summary: `commits of the group ${label('group')} fail`,
        description: `${value()} commits of the group ${label('group')} failed in the last ${window}. Nothing is lost or counted twice; their records are worked again.`
      })
    })
  ]
}

function lateness(options: RuleOptions): AlertRule[] {
  const byBucket = sum(rate(buckets(catalogue.recordLatency), lasting(options, 5)), ['kind', 'le'])
  return [
    alert({
      alert: 'EarshotWatermarkStands',
      query: compare(age(min(select(catalogue.watermark))), '>', options.thresholds.watermarkAge),
      for: lasting(options, 1),
      severity: 'critical',
      area: 'pipeline',
      words: ({ value }) => ({
        summary: 'the figures stand still',
        description: `What is counted is ${value('duration')} behind now: a stage stands, or a collector has ended without being heard of.`
      })
    }),
    alert({
      alert: 'EarshotLatencyHigh',
      query: compare(histogramQuantile(0.99, byBucket), '>', options.thresholds.recordLatency),
      for: lasting(options, 10),
      severity: 'warning',
      area: 'pipeline',
      words: ({ label, value }) => ({
        summary: `what is counted comes late: ${label('kind')}`,
        description: `One ${label('kind')} in a hundred is counted ${value('duration')} or more after it happened; the threshold is ${options.thresholds.recordLatency} s, and 2 s are the lateness that is waited for always.`
      })
    })
  ]
}

function messages(options: RuleOptions): AlertRule[] {
  const { messagesNotCounted, orphans } = options.thresholds
  const window = lasting(options, 15)
  const sip = sum(rate(select(catalogue.messages, { kind: 'sip' }), window))
  const share = (...kinds: readonly string[]) =>
    shareOf(sum(rate(select(catalogue.messages, { kind: anyOf(...kinds) }), window), ['kind']), sip)
  return [
    alert({
      alert: 'EarshotMessagesNotCounted',
      query: compare(share('late', 'unparsable', 'not_sip', 'not_kept'), '>', messagesNotCounted),
      for: lasting(options, 10),
      severity: 'warning',
      area: 'pipeline',
      words: ({ label, value }) => ({
        summary: `messages are not counted: ${label('kind')}`,
        description: `Beside every hundred SIP messages there are ${value('percent')} that count for nothing because they are ${label('kind')}, in the last ${window}; the threshold is ${percent(messagesNotCounted)}.`
      })
    }),
    alert({
      alert: 'EarshotOrphans',
      query: compare(share('orphan'), '>', orphans),
      for: lasting(options, 10),
      severity: 'warning',
      area: 'pipeline',
      words: ({ value }) => ({
        summary: 'responses come without their requests',
        description: `${value('percent')} of the SIP messages in the last ${window} are responses to INVITEs that were never seen: an agent does not send both directions, or filters.`
      })
    })
  ]
}

function overflows(options: RuleOptions): AlertRule[] {
  const window = lasting(options, 60)
  return [
    alert({
      alert: 'EarshotSeriesOverflow',
      query: compare(sum(increase(select(catalogue.seriesOverflow), window), ['metric']), '>', 0),
      for: '0s',
      severity: 'warning',
      area: 'pipeline',
      words: ({ label, value }) => ({
        summary: `${label('metric')} has no room for more series`,
        description: `${value()} values of ${label('metric')} went to the label value other in the last ${window}: peers or agents are in it that should have series of their own.`
      })
    }),
    alert({
      alert: 'EarshotPeersOverflow',
      query: compare(sum(increase(select(catalogue.peersOverflow), window)), '>', 0),
      for: '0s',
      severity: 'warning',
      area: 'pipeline',
      words: ({ value }) => ({
        summary: 'more addresses than Earshot keeps apart',
        description: `${value()} records of addresses that the registry does not name counted under the peer other in the last ${window}.`
      })
    })
  ]
}

function webhookFailing(options: RuleOptions): AlertRule {
  const window = lasting(options, 5)
  const failed = sum(increase(select(catalogue.webhookRequests, { result: 'failed' }), window))
  return alert({
    alert: 'EarshotWebhookFailing',
    query: compare(failed, '>', 0),
    for: lasting(options, 5),
    severity: 'critical',
    area: 'pipeline',
    words: ({ value }) => ({
      summary: 'alerts of the monitor reach nobody',
      description: `The webhook of --alert-webhook did not take alerts ${value()} times in the last ${window}.`
    })
  })
}

function eventLoopSlow(options: RuleOptions): AlertRule {
  const delay = max(select(catalogue.eventLoopDelay, { statistic: 'p99' }), ['instance'])
  return alert({
    alert: 'EarshotEventLoopSlow',
    query: compare(delay, '>', options.thresholds.eventLoopDelay),
    for: lasting(options, 10),
    severity: 'warning',
    area: 'pipeline',
    words: ({ label, value }) => ({
      summary: `${label('instance')} is short of CPU`,
      description: `The event loop of ${label('instance')} is ${value('duration')} late in one of a hundred cases: the process has too little CPU, and loses UDP next.`
    })
  })
}
