import type { AlertCases } from './case.ts'

const sip = 'earshot_messages_total{kind="sip"}'
const kind = (name: string): string => `earshot_messages_total{kind="${name}"}`
const lag = 'earshot_log_lag_records{group="correlator",topic="earshot.packets",instance="a"}'
const latency = (le: string): string => `earshot_record_latency_seconds_bucket{kind="rejection",le="${le}"}`
const failures = 'earshot_transaction_failures_total{group="correlator"}'
const delay = (statistic: string): string => `earshot_event_loop_delay_seconds{statistic="${statistic}",instance="a"}`
const spool = 'earshot_spool_bytes{job="earshot",instance="a"}'
const spoolCapacity = 'earshot_spool_capacity_bytes{job="earshot",instance="a"}'

export const workCases: AlertCases = {
  EarshotLogAway: [
    {
      name: 'for two minutes',
      series: { 'earshot_log_away{instance="a"}': '1x10' },
      at: '2m',
      alerts: [
        {
          labels: { instance: 'a', severity: 'warning' },
          summary: 'a cannot append to Kafka',
          description: 'The collector a keeps on its disk what comes, until Kafka takes it or the spool is full.'
        }
      ]
    },
    { name: 'it is there', series: { 'earshot_log_away{instance="a"}': '0x10' }, at: '2m' },
    { name: 'it is back', series: { 'earshot_log_away{instance="a"}': '1 0 1 0' }, at: '2m' }
  ],
  EarshotSpoolFilling: [
    {
      name: 'three quarters are used',
      series: { [spool]: '750x3', [spoolCapacity]: '1000x3' },
      at: '1m',
      alerts: [
        {
          labels: { job: 'earshot', instance: 'a', severity: 'critical' },
          summary: 'the spool of a fills',
          description:
            '75% of what the collector a may keep while Kafka is away is used; when it is full, UDP is dropped and TCP has to wait.'
        }
      ]
    },
    { name: 'a quarter is', series: { [spool]: '250x3', [spoolCapacity]: '1000x3' }, at: '1m' }
  ],
  EarshotLag: [
    {
      name: 'for ten minutes, told by two processes',
      series: { [lag]: '20000x20', [lag.replace('"a"', '"b"')]: '20000x20' },
      at: '15m',
      alerts: [
        {
          labels: { group: 'correlator', topic: 'earshot.packets', severity: 'warning' },
          summary: 'the group correlator does not keep up with earshot.packets',
          description: '2e+04 records of earshot.packets wait for the group correlator; more than 10000 did for 10m.'
        }
      ]
    },
    { name: 'it is caught up', series: { [lag]: '20000x5 0x15' }, at: '9m' },
    { name: 'a little', series: { [lag]: '9000x20' }, at: '15m' }
  ],
  EarshotLogLost: [
    {
      name: 'some were',
      series: { 'earshot_log_lost_records_total{group="correlator"}': '0x5 30x15' },
      at: '16m',
      alerts: [
        {
          labels: { group: 'correlator', severity: 'critical' },
          summary: 'records were deleted before they were read',
          description:
            '30 records were deleted to keep to the retention before the group correlator had read them, in the last 15m: what was in them is not counted.'
        }
      ]
    },
    { name: 'long ago', series: { 'earshot_log_lost_records_total{group="correlator"}': '0x5 30x60' }, at: '50m' }
  ],
  EarshotTransactionFailures: [
    {
      name: 'two a minute',
      series: { [failures]: '0+2x20' },
      at: '16m',
      alerts: [
        {
          labels: { group: 'correlator', severity: 'warning' },
          summary: 'commits of the group correlator fail',
          description:
            '30 commits of the group correlator failed in the last 15m. Nothing is lost or counted twice; their records are worked again.'
        }
      ]
    },
    { name: 'a rebalance', series: { [failures]: '0 4x20' }, at: '10m' }
  ],
  EarshotWatermarkStands: [
    {
      name: 'one of two processes stands',
      series: {
        'earshot_watermark_timestamp_seconds{instance="a"}': '0+60x20',
        'earshot_watermark_timestamp_seconds{instance="b"}': '0+60x5 300x15'
      },
      at: '10m',
      alerts: [
        {
          labels: { severity: 'critical' },
          summary: 'the figures stand still',
          description:
            'What is counted is 5m 0s behind now: a stage stands, or a collector has ended without being heard of.'
        }
      ]
    },
    { name: 'it goes on', series: { earshot_watermark_timestamp_seconds: '0+60x20' }, at: '10m' },
    { name: 'it has stood for a minute', series: { earshot_watermark_timestamp_seconds: '0+60x9 540x9' }, at: '10m' }
  ],
  EarshotLatencyHigh: [
    {
      name: 'all take 15 to 30 s',
      series: { [latency('15')]: '0x30', [latency('30')]: '0+10x30', [latency('+Inf')]: '0+10x30' },
      at: '20m',
      alerts: [
        {
          labels: { kind: 'rejection', severity: 'warning' },
          summary: 'what is counted comes late: rejection',
          description:
            'One rejection in a hundred is counted 29.85s or more after it happened; the threshold is 15 s, and 2 s are the lateness that is waited for always.'
        }
      ]
    },
    {
      name: 'all take less',
      series: { [latency('15')]: '0+10x30', [latency('30')]: '0+10x30', [latency('+Inf')]: '0+10x30' },
      at: '20m'
    },
    {
      name: 'for a moment',
      series: { [latency('15')]: '0x30', [latency('30')]: '0+10x5 50x25', [latency('+Inf')]: '0+10x5 50x25' },
      at: '9m'
    }
  ],
  EarshotMessagesNotCounted: [
    {
      name: 'of two kinds',
      series: {
        [sip]: '0+1000x30',
        [kind('late')]: '0+20x30',
        [kind('not_kept')]: '0+50x30',
        [kind('refresh')]: '0+500x30'
      },
      at: '26m',
      alerts: ['late', 'not_kept'].map((name, index) => ({
        labels: { kind: name, severity: 'warning' },
        summary: `messages are not counted: ${name}`,
        description: `Beside every hundred SIP messages there are ${[2, 5][index]}% that count for nothing because they are ${name}, in the last 15m; the threshold is 1 %.`
      }))
    },
    { name: 'few are', series: { [sip]: '0+1000x30', [kind('late')]: '0+5x30' }, at: '26m' },
    { name: 'for a short time', series: { [sip]: '0+1000x30', [kind('late')]: '0+20x30' }, at: '8m' }
  ],
  EarshotOrphans: [
    {
      name: 'a third',
      series: { [sip]: '0+90x30', [kind('orphan')]: '0+30x30' },
      at: '26m',
      alerts: [
        {
          labels: { kind: 'orphan', severity: 'warning' },
          summary: 'responses come without their requests',
          description:
            '33.33% of the SIP messages in the last 15m are responses to INVITEs that were never seen: an agent does not send both directions, or filters.'
        }
      ]
    },
    { name: 'few', series: { [sip]: '0+90x30', [kind('orphan')]: '0+3x30' }, at: '26m' }
  ],
  EarshotSeriesOverflow: [
    {
      name: 'a metric is full',
      series: { 'earshot_series_overflow_total{metric="earshot_attempts_total"}': '0+1x70' },
      at: '65m',
      alerts: [
        {
          labels: { metric: 'earshot_attempts_total', severity: 'warning' },
          summary: 'earshot_attempts_total has no room for more series',
          description:
            '60 values of earshot_attempts_total went to the label value other in the last 1h: peers or agents are in it that should have series of their own.'
        }
      ]
    },
    {
      name: 'it was',
      series: { 'earshot_series_overflow_total{metric="earshot_attempts_total"}': '7x70' },
      at: '65m'
    }
  ],
  EarshotPeersOverflow: [
    {
      name: 'an address found no place',
      series: { earshot_peers_overflow_total: '0+1x70' },
      at: '65m',
      alerts: [
        {
          labels: { severity: 'warning' },
          summary: 'more addresses than Earshot keeps apart',
          description:
            '60 records of addresses that the registry does not name counted under the peer other in the last 1h.'
        }
      ]
    },
    { name: 'all have', series: { earshot_peers_overflow_total: '0x70' }, at: '65m' }
  ],
  EarshotWebhookFailing: [
    {
      name: 'for minutes',
      series: { 'earshot_webhook_requests_total{result="failed"}': '0+1x20' },
      at: '12m',
      alerts: [
        {
          labels: { severity: 'critical' },
          summary: 'alerts of the monitor reach nobody',
          description: 'The webhook of --alert-webhook did not take alerts 5 times in the last 5m.'
        }
      ]
    },
    { name: 'it takes them', series: { 'earshot_webhook_requests_total{result="taken"}': '0+1x20' }, at: '12m' },
    { name: 'once', series: { 'earshot_webhook_requests_total{result="failed"}': '0 1x20' }, at: '5m' }
  ],
  EarshotEventLoopSlow: [
    {
      name: 'half a second',
      series: { [delay('p99')]: '0.5x20' },
      at: '15m',
      alerts: [
        {
          labels: { instance: 'a', severity: 'warning' },
          summary: 'a is short of CPU',
          description:
            'The event loop of a is 500ms late in one of a hundred cases: the process has too little CPU, and loses UDP next.'
        }
      ]
    },
    { name: 'once a second', series: { [delay('p99')]: '0.01x20', [delay('max')]: '1x20' }, at: '15m' }
  ]
}
