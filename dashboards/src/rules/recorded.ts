import { catalogue } from '@earshot/telemetry'
import { compare, divide, histogramQuantile, max, multiply, or, sum, topk, type Query } from '../query.ts'
import { buckets, countOf, increase, not, rate, select, series, type Where } from '../selection.ts'
import { lasting, type RuleOptions } from './options.ts'
import type { Recording, RuleGroup } from './rule.ts'

/*
 * Ratios as recording rules, named level:metric:operations. A level is the labels that are left: each peer and direction,
 * or all peers of a direction. Of each peer there are only those that alerts go by: there may be 5,000 of them.
 */

const volumes = ['judged', 'establishable', 'seizures', 'early_media'] as const
type Volume = (typeof volumes)[number]

type Part = Where<'part'>['part'] & string
type Share =
  { readonly of: Volume; readonly attempts: Where<'class' | 'outcome'> } | { readonly of: Volume; readonly part: Part }

/** What each ratio is called, its numerator and its denominator (docs/counting.md, K-1 to K-3). */
const shares = {
  asr: { of: 'seizures', attempts: { outcome: 'answered' } },
  abr: { of: 'judged', attempts: { outcome: 'answered' } },
  ner: { of: 'seizures', part: 'network_effective' },
  ser: { of: 'establishable', attempts: { outcome: 'answered' } },
  seer: { of: 'establishable', part: 'effective' },
  isa: { of: 'judged', part: 'ineffective' },
  scr: { of: 'judged', part: 'completed' },
  early_media: { of: 'judged', part: 'early_media' },
  early_media_asr: { of: 'early_media', attempts: { outcome: 'answered', class: 'early_media' } },
  early_media_abandoned: { of: 'early_media', part: 'early_media_abandoned' },
  early_media_unusable: { of: 'judged', attempts: { class: 'unusable', outcome: not('open') } },
  congestion: { of: 'judged', attempts: { outcome: 'congestion' } }
} satisfies Record<string, Share>
type Ratio = keyof typeof shares

const volumesOfPeers = ['judged', 'seizures', 'early_media'] as const
const ratiosOfPeers = [
  'asr',
  'ner',
  'early_media',
  'early_media_asr',
  'early_media_abandoned',
  'early_media_unusable',
  'congestion'
] as const
export type VolumeOfPeer = (typeof volumesOfPeers)[number]
export type RatioOfPeer = (typeof ratiosOfPeers)[number]

/** What a rule has recorded keeps nothing of the targets. */
const seriesOf = <const Label extends string>(
  name: string,
  labels: readonly Label[],
  where: Where<NoInfer<Label>> = {}
): Query<Label> => select(series(name, labels), where) as Query<Label>

/** The series that the rules record, to be queried. */
export const recorded = (options: Pick<RuleOptions, 'pace'>) => recordedIn(lasting(options, 15))

function recordedIn(window: string) {
  const peers = ['peer', 'direction'] as const
  const methods = ['peer', 'method'] as const
  return {
    /** Over how long. */
    window,
    volume: (name: VolumeOfPeer) => seriesOf(`peer_direction:earshot_${name}:increase${window}`, peers),
    ratio: (name: RatioOfPeer) => seriesOf(`peer_direction:earshot_${name}:ratio_rate${window}`, peers),
    ratioOfAll: (name: Ratio) => seriesOf(`direction:earshot_${name}:ratio_rate${window}`, ['direction']),
    requestDelays: () => seriesOf(`peer_direction:earshot_session_request_delay:increase${window}`, peers),
    requestDelay: () => seriesOf(`peer_direction:earshot_session_request_delay_seconds:p95_rate${window}`, peers),
    rejections: (where: Where<'peer' | 'method'> = {}) =>
      seriesOf(`peer_method:earshot_rejections:increase${window}`, methods, where),
    rejectionRatio: () => seriesOf(`peer_method:earshot_rejections:ratio_rate${window}`, methods),
    /** All that ended with a peer, those too that no ratio is made over. */
    attempts: () => seriesOf(`peer:earshot_attempts:increase${window}`, ['peer']),
    /** The group of each peer that the registry puts in one, once for each. */
    groups: () => seriesOf('peer:earshot_peer_info:topk', ['peer', 'group'])
  }
}

export function recordings(options: Pick<RuleOptions, 'pace'>): RuleGroup {
  const { window } = recorded(options)
  return {
    name: 'earshot-ratios',
    rules: [groups(), attempts(window), ...ofPeers(window), ...ofAll(window), ...delays(window), ...rejected(window)]
  }
}

const groups = (): Recording => {
  const named = max(select(catalogue.peerInfo, { group: not('') }), ['peer', 'group'])
  // Should two processes know different registries for a moment, a join must not fail.
  return { record: 'peer:earshot_peer_info:topk', query: topk(1, named, ['peer']) }
}

const attempts = (window: string): Recording => ({
  record: `peer:earshot_attempts:increase${window}`,
  query: sum(increase(select(catalogue.attempts, { outcome: not('open') }), window), ['peer'])
})

const peersBy = ['peer', 'direction'] as const

function ofPeers(window: string): Recording[] {
  return [
    ...volumesOfPeers.map((part): Recording => ({
      record: `peer_direction:earshot_${part}:increase${window}`,
      query: partBy(part, peersBy, window)
    })),
    ...ratiosOfPeers.map((name): Recording => ({
      record: `peer_direction:earshot_${name}:ratio_rate${window}`,
      query: ratio(
        countedBy(shares[name], peersBy, window),
        seriesOf(`peer_direction:earshot_${shares[name].of}:increase${window}`, peersBy)
      )
    }))
  ]
}

/** From what is recorded of peers where it is: reading the counters of thousands of peers is what rules cost. */
function ofAll(window: string): Recording[] {
  const { volume, ratio: ratioOf } = recordedIn(window)
  const isOfPeers = <Name extends string>(names: readonly Name[], name: string): name is Name =>
    names.some(each => each === name)
  return [
    ...volumes.map((part): Recording => ({
      record: `direction:earshot_${part}:increase${window}`,
      query: isOfPeers(volumesOfPeers, part) ? sum(volume(part), ['direction']) : partBy(part, ['direction'], window)
    })),
    ...Object.entries<Share>(shares).map(([name, share]): Recording => {
      const whole = seriesOf(`direction:earshot_${share.of}:increase${window}`, ['direction'])
      const counted =
        isOfPeers(ratiosOfPeers, name) && isOfPeers(volumesOfPeers, share.of)
          ? sum(multiply(ratioOf(name), volume(share.of)), ['direction'])
          : countedBy(share, ['direction'], window)
      return { record: `direction:earshot_${name}:ratio_rate${window}`, query: ratio(counted, whole) }
    })
  ]
}

type By = 'peer' | 'direction'

const partBy = <const Label extends By>(part: Part, by: readonly Label[], window: string): Query<Label> =>
  sum(increase(select(catalogue.ratioParts, { part }), window), by)

const countedBy = <const Label extends By>(share: Share, by: readonly Label[], window: string): Query<Label> =>
  'part' in share
    ? partBy(share.part, by, window)
    : sum(increase(select(catalogue.attempts, share.attempts), window), by)

function delays(window: string): Recording[] {
  const success = { result: 'success' } as const
  const byBucket = sum(rate(buckets(catalogue.sessionRequestDelay, success), window), ['peer', 'direction', 'le'])
  return [
    {
      record: `peer_direction:earshot_session_request_delay:increase${window}`,
      query: sum(increase(countOf(catalogue.sessionRequestDelay, success), window), ['peer', 'direction'])
    },
    {
      record: `peer_direction:earshot_session_request_delay_seconds:p95_rate${window}`,
      query: histogramQuantile(0.95, byBucket)
    }
  ]
}

/** Of each method, with all the attempts of the peer as the measure. */
function rejected(window: string): Recording[] {
  const rejections = seriesOf(`peer_method:earshot_rejections:increase${window}`, ['peer', 'method'])
  const judged = sum(seriesOf(`peer_direction:earshot_judged:increase${window}`, ['peer', 'direction']), ['peer'])
  return [
    {
      record: `peer_method:earshot_rejections:increase${window}`,
      query: sum(increase(select(catalogue.rejections), window), ['peer', 'method'])
    },
    {
      record: `peer_method:earshot_rejections:ratio_rate${window}`,
      query: divide(rejections, compare(judged, '>', 0), { on: ['peer'], add: [] })
    }
  ]
}

/** 0 where nothing was counted: a series begins with the first of its events. Nothing where there is nothing to divide by. */
const ratio = <Label extends string>(counted: Query<Label>, whole: Query<Label>): Query<Label> =>
  divide(or(counted, multiply(whole, 0)), compare(whole, '>', 0))
