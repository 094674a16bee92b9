import { catalogue } from '@earshot/telemetry'
import { divide, multiply, or, sum, type Query } from './query.ts'
import { select, type Selection } from './selection.ts'
import { defaultThresholds } from './rules/options.ts'
import { ofPeers } from './scope.ts'

/* The ratios of docs/counting.md (K). Over attempts that are over; those cancelled because another answered are in none. */

/** Attempts that a part of a ratio counts. */
const part = (name: string) => select(catalogue.ratioParts, { ...ofPeers, part: name })
const answered = select(catalogue.attempts, { ...ofPeers, outcome: 'answered' })

export const ratios = {
  /** Answer-seizure ratio (ITU-T E.411). */
  asr: ratio(answered, part('seizures')),
  /** Network effectiveness ratio (ITU-T E.425). */
  ner: ratio(part('network_effective'), part('seizures')),
  earlyMedia: ratio(part('early_media'), part('judged')),
  /** Answered, of those with early media. */
  earlyMediaAsr: ratio(
    select(catalogue.attempts, { ...ofPeers, class: 'early_media', outcome: 'answered' }),
    part('early_media')
  ),
  /** Given up by the caller, of those with early media. */
  abandoned: ratio(part('early_media_abandoned'), part('early_media')),
  /** Described, and not playable. */
  unusable: ratio(select(catalogue.attempts, { ...ofPeers, class: 'unusable' }), part('judged'))
}

/** From which values on they are looked at, and from which they are good: those of the alerts and a margin. */
export const poorAnswers = {
  below: 'red',
  limits: [
    { from: defaultThresholds.asr, color: 'yellow' },
    { from: 0.35, color: 'green' }
  ]
} as const
export const poorNetwork = {
  below: 'red',
  limits: [
    { from: defaultThresholds.ner, color: 'yellow' },
    { from: 0.8, color: 'green' }
  ]
} as const

/** Rates for a graph, increases for a number. */
type Measure = <Label extends string>(of: Selection<'counter', Label | 'peer'>) => Query<Label | 'peer'>

/** A quotient of sums, never a mean of quotients; none where nothing was counted. */
function ratio<Upper extends string, Lower extends string>(
  upper: Selection<'counter', Upper | 'peer'>,
  lower: Selection<'counter', Lower | 'peer'>
) {
  return {
    ofAll(measure: Measure): Query<never> {
      const all = sum(measure(lower))
      return divide(or(sum(measure(upper)), multiply(0, all)), all)
    },
    byPeer(measure: Measure): Query<'peer'> {
      const all = sum(measure(lower), ['peer'])
      return divide(or(sum(measure(upper), ['peer']), multiply(0, all)), all)
    }
  }
}
