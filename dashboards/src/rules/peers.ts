import { catalogue } from '@earshot/telemetry'
import { age, and, compare, max, type Query } from '../query.ts'
import { not, over, select } from '../selection.ts'
import { lasting, type RuleOptions } from './options.ts'
import { recorded, type RatioOfPeer, type VolumeOfPeer } from './recorded.ts'
import { alert, percent, type AlertRule, type RuleGroup, type Words } from './rule.ts'
import { withGroup } from './with-group.ts'

/*
 * Thresholds as they are usual, with a least amount below which a share says nothing. They know nothing of what is usual at a
 * peer; what the monitor detects does.
 */

type PeerLabel = 'peer' | 'direction' | 'group'

export function peers(options: RuleOptions): RuleGroup {
  return {
    name: 'earshot-peers',
    rules: [
      ...ratios(options),
      postDialDelay(options),
      methodRejected(options),
      peerSilent(options),
      agentSilent(options)
    ]
  }
}

const counted = { judged: 'attempts', seizures: 'seizures', early_media: 'of them' } as const

function ratios(options: RuleOptions): AlertRule[] {
  const { thresholds } = options
  const { leastAttempts, leastEarlyMedia } = thresholds
  const { ratio, volume, window } = recorded(options)
  type Threshold = {
    readonly alert: AlertRule['alert']
    readonly ratio: RatioOfPeer
    readonly among: VolumeOfPeer
    readonly least: number
    readonly is: '<' | '>'
    readonly than: number
    readonly words: (of: Words<PeerLabel>) => { readonly what: string; readonly shares: string }
  }
  const list: readonly Threshold[] = [
    {
      alert: 'EarshotAnswerSeizureRatioLow',
      ratio: 'asr',
      among: 'seizures',
      least: leastAttempts,
      is: '<',
      than: thresholds.asr,
      words: () => ({ what: 'few calls are answered', shares: 'of the seizures were answered (ASR)' })
    },
    {
      alert: 'EarshotNetworkEffectivenessLow',
      ratio: 'ner',
      among: 'seizures',
      least: leastAttempts,
      is: '<',
      than: thresholds.ner,
      words: () => ({
        what: 'many calls fail in the network',
        shares: 'of the seizures ended by the called user’s doing and not by the network’s (NER)'
      })
    },
    {
      alert: 'EarshotEarlyMediaAnswersLow',
      ratio: 'early_media_asr',
      among: 'early_media',
      least: leastEarlyMedia,
      is: '<',
      than: thresholds.earlyMediaAsr,
      words: () => ({
        what: 'few calls are answered after early media',
        shares: 'of the attempts with early media were answered (EM-ASR)'
      })
    },
    {
      alert: 'EarshotEarlyMediaAbandoned',
      ratio: 'early_media_abandoned',
      among: 'early_media',
      least: leastEarlyMedia,
      is: '>',
      than: thresholds.earlyMediaAbandoned,
      words: () => ({
        what: 'callers give up in early media',
        shares: 'of the attempts with early media were given up by the caller'
      })
    },
    {
      alert: 'EarshotEarlyMediaUnusable',
      ratio: 'early_media_unusable',
      among: 'judged',
      least: leastAttempts,
      is: '>',
      than: thresholds.earlyMediaUnusable,
      words: () => ({
        what: 'early media cannot play',
        shares: 'of the attempts had early media that could not play'
      })
    },
    {
      alert: 'EarshotCongestion',
      ratio: 'congestion',
      among: 'judged',
      least: leastAttempts,
      is: '>',
      than: thresholds.congestion,
      words: () => ({ what: 'many calls end with 503', shares: 'of the attempts ended with 503' })
    }
  ]
  return list.map(({ alert: name, ratio: of, among, least, is, than, words }) => {
    const enough = compare(volume(among), '>=', least)
    return alert({
      alert: name,
      query: withGroup(and(compare(ratio(of), is, than), enough, ['peer', 'direction']), recorded(options)),
      for: lasting(options, 5),
      severity: 'warning',
      area: 'peers',
      words: of => ({
        summary: `${of.label('peer')}, ${of.label('direction')}: ${words(of).what}`,
        description: `${of.value('percent')} ${words(of).shares} in the last ${window}; the threshold is ${percent(than)}, from ${least} ${counted[among]} on.`
      })
    })
  })
}

function postDialDelay(options: RuleOptions): AlertRule {
  const { thresholds } = options
  const { requestDelay, requestDelays, window } = recorded(options)
  const enough = compare(requestDelays(), '>=', thresholds.leastAttempts)
  return alert({
    alert: 'EarshotPostDialDelayHigh',
    query: withGroup(
      and(compare(requestDelay(), '>', thresholds.postDialDelay), enough, ['peer', 'direction']),
      recorded(options)
    ),
    for: lasting(options, 5),
    severity: 'warning',
    area: 'peers',
    words: ({ label, value }) => ({
      summary: `${label('peer')}, ${label('direction')}: callers wait long for a sign`,
      description: `One attempt in twenty waited ${value('duration')} or longer for its first 18x or 2xx (SRD, 95th percentile) in the last ${window}; the threshold is ${thresholds.postDialDelay} s, from ${thresholds.leastAttempts} attempts on.`
    })
  })
}

function methodRejected(options: RuleOptions): AlertRule {
  const { thresholds } = options
  const { rejections, rejectionRatio, window } = recorded(options)
  // A ping that is answered 405 has done its work.
  const enough = compare(rejections({ method: not('OPTIONS') }), '>=', thresholds.leastRejections)
  const often: Query<'peer' | 'method'> = and(compare(rejectionRatio(), '>', thresholds.rejected), enough, [
    'peer',
    'method'
  ])
  return alert({
    alert: 'EarshotMethodRejected',
    query: withGroup(often, recorded(options)),
    for: lasting(options, 5),
    severity: 'warning',
    area: 'peers',
    words: ({ label, value }) => ({
      summary: `${label('peer')} rejects ${label('method')} again and again`,
      description: `${label('method')} was answered 501 or 405 ${value()} times for each attempt with ${label('peer')} in the last ${window}; the threshold is ${thresholds.rejected}, from ${thresholds.leastRejections} rejections on.`
    })
  })
}

function peerSilent(options: RuleOptions): AlertRule {
  const { attempts, window } = recorded(options)
  const before = lasting(options, 60)
  const wasSteady = compare(over(before, 'max_over_time', attempts()), '>=', options.thresholds.steadyAttempts)
  return alert({
    alert: 'EarshotPeerSilent',
    query: withGroup(and(wasSteady, compare(attempts(), '==', 0), ['peer']), recorded(options)),
    for: '0s',
    severity: 'warning',
    area: 'peers',
    words: ({ label, value }) => ({
      summary: `${label('peer')}: no attempts any more`,
      description: `No attempt with ${label('peer')} has ended in the last ${window}; in the best ${window} of the last ${before} there were ${value()}.`
    })
  })
}

const A_DAY = 86_400

function agentSilent(options: RuleOptions): AlertRule {
  const silentFor = age(max(select(catalogue.agentLastPacket), ['agent']))
  return alert({
    alert: 'EarshotAgentSilent',
    query: and(compare(silentFor, '>', options.thresholds.agentSilence), compare(silentFor, '<', A_DAY), ['agent']),
    for: '0s',
    severity: 'warning',
    area: 'pipeline',
    words: ({ label, value }) => ({
      summary: `the capture agent ${label('agent')} sends nothing`,
      description: `No packet of the capture agent ${label('agent')} was taken for ${value('duration')}. What only it sees is not counted. The alert ends by itself after a day.`
    })
  })
}
