import type { AlertCase, AlertCases, ExpectedAlert } from './case.ts'

const part = (name: string): string => `earshot_ratio_parts_total{peer="far",direction="outbound",part="${name}"}`
const attempts = (earlyClass: string, outcome: string): string =>
  `earshot_attempts_total{peer="far",direction="outbound",class="${earlyClass}",outcome="${outcome}"}`

const told = (summary: string, description: string): ExpectedAlert => ({
  labels: { peer: 'far', direction: 'outbound', severity: 'warning' },
  summary: `far, outbound: ${summary}`,
  description
})

type Share = {
  /** Numerator and denominator. */
  readonly counted: string
  readonly whole: string
  /** A minute; the last ones in a case are just too few to be judged. */
  readonly wrong: readonly [counted: number, whole: number]
  readonly right: readonly [counted: number, whole: number]
  readonly few: readonly [counted: number, whole: number]
  readonly alert: ExpectedAlert
}

function share({ counted, whole, wrong, right, few, alert }: Share): AlertCase[] {
  const each = ([one, other]: readonly [number, number]): AlertCase['series'] => ({
    [counted]: `0+${one}x30`,
    [whole]: `0+${other}x30`
  })
  return [
    { name: 'it has been wrong for long enough', series: each(wrong), at: '25m', alerts: [alert] },
    {
      name: 'it is wrong, and the registry has the peer in a group',
      series: { ...each(wrong), 'earshot_peer_info{peer="far",group="Wholesale"}': '1x30' },
      at: '25m',
      alerts: [{ ...alert, labels: { ...alert.labels, group: 'Wholesale' } }]
    },
    { name: 'it has just begun', series: each(wrong), at: '1m' },
    { name: 'it is as it should be', series: each(right), at: '25m' },
    { name: 'there are too few to say so', series: each(few), at: '25m' }
  ]
}

const delay = (le: string): string =>
  `earshot_session_request_delay_seconds_bucket{peer="far",direction="outbound",result="success",le="${le}"}`
const delays = 'earshot_session_request_delay_seconds_count{peer="far",direction="outbound",result="success"}'
/** So many a minute, half of which came within 5 s and half between 8 and 13 s. */
const slow = (each: number): AlertCase['series'] => ({
  [delay('5')]: `0+${each / 2}x30`,
  [delay('8')]: `0+${each / 2}x30`,
  [delay('13')]: `0+${each}x30`,
  [delay('+Inf')]: `0+${each}x30`,
  [delays]: `0+${each}x30`
})

const rejected = (method: string, code: string): string =>
  `earshot_rejections_total{peer="far",direction="outbound",method="${method}",code="${code}"}`

export const peersCases: AlertCases = {
  EarshotAnswerSeizureRatioLow: share({
    counted: attempts('ringing', 'answered'),
    whole: part('seizures'),
    wrong: [2, 10],
    right: [5, 10],
    few: [1, 6],
    alert: told(
      'few calls are answered',
      '20% of the seizures were answered (ASR) in the last 15m; the threshold is 25 %, from 100 seizures on.'
    )
  }),
  EarshotNetworkEffectivenessLow: share({
    counted: part('network_effective'),
    whole: part('seizures'),
    wrong: [5, 10],
    right: [9, 10],
    few: [1, 6],
    alert: told(
      'many calls fail in the network',
      '50% of the seizures ended by the called user’s doing and not by the network’s (NER) in the last 15m; the threshold is 60 %, from 100 seizures on.'
    )
  }),
  EarshotEarlyMediaAnswersLow: share({
    counted: attempts('early_media', 'answered'),
    whole: part('early_media'),
    wrong: [1, 10],
    right: [4, 10],
    few: [0, 3],
    alert: told(
      'few calls are answered after early media',
      '10% of the attempts with early media were answered (EM-ASR) in the last 15m; the threshold is 25 %, from 50 of them on.'
    )
  }),
  EarshotEarlyMediaAbandoned: share({
    counted: part('early_media_abandoned'),
    whole: part('early_media'),
    wrong: [7, 10],
    right: [3, 10],
    few: [3, 3],
    alert: told(
      'callers give up in early media',
      '70% of the attempts with early media were given up by the caller in the last 15m; the threshold is 60 %, from 50 of them on.'
    )
  }),
  EarshotEarlyMediaUnusable: share({
    counted: attempts('unusable', 'answered'),
    whole: part('judged'),
    wrong: [3, 20],
    right: [1, 20],
    few: [3, 6],
    alert: told(
      'early media cannot play',
      '15% of the attempts had early media that could not play in the last 15m; the threshold is 10 %, from 100 attempts on.'
    )
  }),
  EarshotCongestion: share({
    counted: attempts('none', 'congestion'),
    whole: part('judged'),
    wrong: [4, 20],
    right: [1, 20],
    few: [3, 6],
    alert: told(
      'many calls end with 503',
      '20% of the attempts ended with 503 in the last 15m; the threshold is 10 %, from 100 attempts on.'
    )
  }),
  EarshotPostDialDelayHigh: [
    {
      name: 'half of them wait for 8 to 13 s',
      series: slow(10),
      at: '25m',
      alerts: [
        told(
          'callers wait long for a sign',
          'One attempt in twenty waited 12.5s or longer for its first 18x or 2xx (SRD, 95th percentile) in the last 15m; the threshold is 10 s, from 100 attempts on.'
        )
      ]
    },
    { name: 'too few do', series: slow(6), at: '25m' },
    { name: 'nobody waits longer than 8 s', series: { ...slow(10), [delay('8')]: '0+10x30' }, at: '25m' }
  ],
  EarshotMethodRejected: [
    {
      name: 'for one attempt in two, by both codes together',
      series: {
        [part('judged')]: '0+10x30',
        [rejected('UPDATE', '501')]: '0+3x30',
        [rejected('UPDATE', '405')]: '0+2x30'
      },
      at: '25m',
      alerts: [
        {
          labels: { peer: 'far', method: 'UPDATE', severity: 'warning' },
          summary: 'far rejects UPDATE again and again',
          description:
            'UPDATE was answered 501 or 405 0.5 times for each attempt with far in the last 15m; the threshold is 0.1, from 20 rejections on.'
        }
      ]
    },
    {
      name: 'for one attempt in twenty',
      series: { [part('judged')]: '0+60x30', [rejected('UPDATE', '501')]: '0+3x30' },
      at: '25m'
    },
    {
      name: 'too few are',
      series: { [part('judged')]: '0+1x30', [rejected('UPDATE', '501')]: '0+1x30' },
      at: '25m'
    },
    {
      name: 'pings are',
      series: { [part('judged')]: '0+10x30', [rejected('OPTIONS', '405')]: '0+5x30' },
      at: '25m'
    }
  ],
  EarshotPeerSilent: [
    {
      name: 'two a minute for an hour, then none',
      series: { [attempts('ringing', 'answered')]: '0+2x60 120x30' },
      at: '75m',
      alerts: [
        {
          labels: { peer: 'far', severity: 'warning' },
          summary: 'far: no attempts any more',
          description: 'No attempt with far has ended in the last 15m; in the best 15m of the last 1h there were 30.'
        }
      ]
    },
    { name: 'there were few before', series: { [attempts('ringing', 'answered')]: '0+1x45 45x30' }, at: '75m' },
    { name: 'it comes again', series: { [attempts('ringing', 'answered')]: '0+2x60 120x13 121x5' }, at: '75m' },
    {
      name: 'another outcome still comes',
      series: { [attempts('ringing', 'answered')]: '0+2x60 120x30', [attempts('none', 'congestion')]: '0+1x90' },
      at: '75m'
    }
  ],
  EarshotAgentSilent: [
    {
      name: 'no collector has heard of it for six minutes',
      series: {
        'earshot_agent_last_packet_timestamp_seconds{agent="101",instance="a"}': '60x20',
        'earshot_agent_last_packet_timestamp_seconds{agent="101",instance="b"}': '240x20'
      },
      at: '10m',
      alerts: [
        {
          labels: { agent: '101', severity: 'warning' },
          summary: 'the capture agent 101 sends nothing',
          description:
            'No packet of the capture agent 101 was taken for 6m 0s. What only it sees is not counted. The alert ends by itself after a day.'
        }
      ]
    },
    {
      name: 'another collector has heard of it',
      series: {
        'earshot_agent_last_packet_timestamp_seconds{agent="101",instance="a"}': '60x20',
        'earshot_agent_last_packet_timestamp_seconds{agent="101",instance="b"}': '0+60x20'
      },
      at: '10m'
    },
    {
      name: 'it is gone for more than a day',
      series: { 'earshot_agent_last_packet_timestamp_seconds{agent="101"}': '-86400x20' },
      at: '10m'
    }
  ]
}
