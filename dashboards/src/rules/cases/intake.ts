import type { AlertCases } from './case.ts'

const packets = 'earshot_packets_total{transport="udp",version="3"}'
const drops = (reason: string): string => `earshot_drops_total{reason="${reason}"}`
const offset = (instance: string): string => `earshot_capture_clock_offset_seconds{agent="101",instance="${instance}"}`

export const intakeCases: AlertCases = {
  EarshotMetricsMissing: [
    {
      name: 'no process tells anything',
      series: { 'up{job="earshot",instance="a"}': '0x20' },
      at: '10m',
      alerts: [
        {
          labels: { severity: 'critical' },
          summary: 'Prometheus reads no metrics of Earshot',
          description:
            'No process of Earshot tells its metrics: all are down, or Prometheus does not find them. No other alert can come.'
        }
      ]
    },
    { name: 'one does', series: { 'earshot_build_info{version="1",node="24"}': '1x20' }, at: '10m' },
    { name: 'they went a minute ago', series: { 'earshot_build_info{version="1",node="24"}': '1x9 stale' }, at: '11m' }
  ],
  EarshotTargetDown: [
    {
      name: 'one of two',
      series: {
        'up{job="prod/earshot-collector",instance="a"}': '0x10',
        'up{job="prod/earshot-collector",instance="b"}': '1x10'
      },
      at: '5m',
      alerts: [
        {
          labels: { job: 'prod/earshot-collector', instance: 'a', severity: 'critical' },
          summary: 'a does not answer',
          description:
            'Prometheus cannot read /metrics of a (job prod/earshot-collector): the process is down, or does not answer in time.'
        }
      ]
    },
    { name: 'it misses one scrape', series: { 'up{job="earshot",instance="a"}': '1 1 0 1 1 1' }, at: '3m' },
    { name: 'another job', series: { 'up{job="node",instance="a"}': '0x10' }, at: '5m' }
  ],
  EarshotNoPackets: [
    {
      name: 'they stopped',
      series: { [packets]: '0+100x10 1000x20' },
      at: '25m',
      alerts: [
        {
          labels: { severity: 'critical' },
          summary: 'no capture agent sends anything',
          description: 'No collector has received a packet of HEP in the last 5m: nothing is counted.'
        }
      ]
    },
    { name: 'few come', series: { [packets]: '0+1x30' }, at: '25m' },
    {
      name: 'one collector has none',
      series: { [packets]: '5x30', 'earshot_packets_total{transport="tcp",version="3"}': '0+9x30' },
      at: '25m'
    }
  ],
  EarshotPacketsLost: [
    {
      name: 'one in a hundred, for two reasons together',
      series: { [packets]: '0+1000x20', [drops('kernel')]: '0+6x20', [drops('overload')]: '0+4x20' },
      at: '15m',
      alerts: [
        {
          labels: { severity: 'critical' },
          summary: 'packets are lost',
          description:
            '1% of the packets in the last 5m were dropped for want of room (overload, kernel, spool-full, refused-by-log): the figures are too low, and calls look worse than they are.'
        }
      ]
    },
    { name: 'one in two thousand', series: { [packets]: '0+2000x20', [drops('kernel')]: '0+1x20' }, at: '15m' },
    { name: 'they were no loss', series: { [packets]: '0+1000x20', [drops('not-sip')]: '0+500x20' }, at: '15m' }
  ],
  EarshotPacketsRefused: [
    {
      name: 'a wrong key',
      series: { [drops('unauthorized')]: '0+10x20' },
      at: '16m',
      alerts: [
        {
          labels: { reason: 'unauthorized', severity: 'warning' },
          summary: 'packets or connections are refused: unauthorized',
          description:
            '150 packets or connections were refused for unauthorized in the last 15m: an agent is not let in, or somebody else tries.'
        }
      ]
    },
    { name: 'a few', series: { [drops('unauthorized')]: '0+2x20' }, at: '16m' },
    { name: 'keep-alives', series: { [drops('keep-alive')]: '0+50x20' }, at: '16m' }
  ],
  EarshotDeadLetters: [
    {
      name: 'ten a minute',
      series: { 'earshot_dead_letters_total{reason="truncated"}': '0+10x20' },
      at: '16m',
      alerts: [
        {
          labels: { reason: 'truncated', severity: 'warning' },
          summary: 'packets cannot be decoded: truncated',
          description: '150 packets that could not be decoded (truncated) were kept to look at in the last 15m.'
        }
      ]
    },
    { name: 'a scan', series: { 'earshot_dead_letters_total{reason="not-hep"}': '0 20x20' }, at: '16m' }
  ],
  EarshotClockSkew: [
    {
      name: 'ahead at one of two collectors',
      series: { [offset('a')]: '0.75x20', [offset('b')]: '0.1x20' },
      at: '15m',
      alerts: [
        {
          labels: { agent: '101', severity: 'warning' },
          summary: 'the clock of the capture agent 101 is wrong',
          description:
            'The clock of 101 is 0.75 s ahead of the collector’s (behind, where that is negative); messages of one call that two agents see come out of order beyond the lateness of 2 s.'
        }
      ]
    },
    {
      name: 'behind',
      series: { [offset('a')]: '-90x20' },
      at: '15m',
      alerts: [
        {
          labels: { agent: '101', severity: 'warning' },
          summary: 'the clock of the capture agent 101 is wrong',
          description:
            'The clock of 101 is -90 s ahead of the collector’s (behind, where that is negative); messages of one call that two agents see come out of order beyond the lateness of 2 s.'
        }
      ]
    },
    { name: 'for a moment', series: { [offset('a')]: '0x10 2x2 0x10' }, at: '12m' },
    { name: 'a little', series: { [offset('a')]: '-0.4x20' }, at: '15m' }
  ],
  EarshotTimesAdjusted: [
    {
      name: 'a replay',
      series: { 'earshot_times_adjusted_total{reason="shifted"}': '0+10x20' },
      at: '16m',
      alerts: [
        {
          labels: { reason: 'shifted', severity: 'warning' },
          summary: 'capture times cannot be believed: shifted',
          description:
            'The capture times of 150 packets were replaced or shifted (shifted) in the last 15m: a clock is wrong, or somebody replays old traffic.'
        }
      ]
    },
    { name: 'HEPv1 has none', series: { 'earshot_times_adjusted_total{reason="no_time"}': '0+99x20' }, at: '16m' },
    { name: 'some', series: { 'earshot_times_adjusted_total{reason="ahead"}': '0+1x20' }, at: '16m' }
  ]
}
