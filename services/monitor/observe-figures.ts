import { Figures, type Part, type Sums } from '@earshot/peers'
import { catalogue, type Metric, type Metrics } from '@earshot/telemetry'
import { mediaResults } from '../pipeline.ts'
import type { Counted } from './counted.ts'
import { earliest, type PartitionFigures } from './partition-figures.ts'
import type { Totals } from './totals.ts'

const messageKinds = {
  sip: 'sip',
  notSip: 'not_sip',
  unparsable: 'unparsable',
  retransmissions: 'retransmission',
  duplicates: 'duplicate',
  refreshes: 'refresh',
  orphans: 'orphan',
  late: 'late',
  notKept: 'not_kept'
} as const satisfies Record<Exclude<keyof Totals, 'calls'>, string>

/** The series that alerts and panels start from: shown at 0 for every known peer, so that their first count is a rise. */
const zeroOutcomes = ['answered', 'no_answer', 'busy', 'cancelled']
/** What is divided by: as the numerators above, so that the first ratio is none of different times. */
const zeroParts = ['judged', 'seizures', 'early_media']
const zeroMethods = ['UPDATE', 'PRACK', 'INFO']

/** What a process has counted since its start, and the partitions that it has now. */
type Observed = { readonly counted: Counted; readonly shown: Iterable<PartitionFigures> }

/**
 * Shows the sums as metrics. What was counted comes first, so that the zeros of known peers never take its place.
 *
 * Counters go on when a partition has moved to another process; gauges are of the partitions that are here. Both move with a
 * commit, so that an attempt is in one of them at any time.
 */
export function observeFigures(metrics: Metrics, { counted, shown }: Observed): void {
  metrics.observe(catalogue.messages, tell => {
    for (const [count, kind] of Object.entries(messageKinds)) {
      tell(counted.counts[count as keyof typeof messageKinds], { kind })
    }
  })
  metrics.observe(catalogue.mediaReports, tell => {
    for (const result of mediaResults) tell(counted.media.get(result) ?? 0, { result })
  })
  metrics.observe(catalogue.calls, tell => tell(counted.counts.calls))
  metrics.observe(catalogue.watermark, tell => {
    const watermark = earliest(Array.from(shown, ({ committed }) => committed.watermark))
    if (watermark !== undefined) tell(watermark / 1e6)
  })
  metrics.observe(catalogue.attempts, tell => {
    const room = roomIn(catalogue.attempts, tell)
    for (const sums of counted.final.sums()) tellAttempts(sums, room.tell)
    for (const { peer, direction } of peersIn(shown)) {
      for (const outcome of zeroOutcomes) room.zero({ peer, direction, class: 'early_media', outcome })
    }
  })
  metrics.observe(catalogue.attemptsPending, tell => {
    const pending = new Figures()
    for (const { committed } of shown) pending.merge(committed.pending)
    for (const sums of pending.sums()) tellAttempts(sums, tell)
  })
  metrics.observe(catalogue.earlyMediaSeconds, tell => {
    for (const { peer, direction, earlyMediaMicros } of counted.final.sums()) {
      tell(earlyMediaMicros / 1e6, { peer, direction })
    }
  })
  metrics.observe(catalogue.ratioParts, tell => {
    const room = roomIn(catalogue.ratioParts, tell)
    for (const { peer, direction, tallies } of counted.final.sums()) {
      for (const part of catalogue.ratioParts.values.part ?? []) {
        const count = tallies?.parts[part as Part]
        if (count !== undefined) room.tell(count, { peer, direction, part })
      }
    }
    for (const { peer, direction } of peersIn(shown)) {
      for (const part of zeroParts) room.zero({ peer, direction, part })
    }
  })
  metrics.observe(catalogue.responses183, tell => {
    for (const { peer, direction, withSdp, withoutSdp } of counted.final.sums()) {
      tell(withSdp, { peer, direction, sdp: 'yes' })
      tell(withoutSdp, { peer, direction, sdp: 'no' })
    }
  })
  metrics.observe(catalogue.diagnoses, tell => {
    for (const { peer, direction, diagnoses = {} } of counted.final.sums()) {
      for (const [code, attempts] of Object.entries(diagnoses)) tell(attempts, { peer, direction, code })
    }
  })
  metrics.observe(catalogue.causes, tell => {
    for (const { peer, direction, causes = {} } of counted.final.sums()) {
      for (const [key, attempts] of Object.entries(causes)) {
        const [cause = '', early = ''] = key.split(' ')
        tell(attempts, { peer, direction, cause, early_media: early })
      }
    }
  })
  metrics.observe(catalogue.rejections, tell => {
    const room = roomIn(catalogue.rejections, tell)
    for (const { peer, direction, rejections } of counted.final.sums()) {
      for (const [rejection, transactions] of Object.entries(rejections)) {
        const [method = '', code = ''] = rejection.split(' ')
        room.tell(transactions, { peer, direction, method, code })
      }
    }
    for (const { peer, direction } of peersIn(shown)) {
      for (const method of zeroMethods) room.zero({ peer, direction, method, code: '501' })
    }
  })
  metrics.observe(catalogue.peersOverflow, tell => tell(counted.overflows))
}

function* peersIn(shown: Iterable<PartitionFigures>): Iterable<Sums> {
  for (const { final } of shown) yield* final.sums()
}

/** Tells zeros only while the metric has room for more series. */
function roomIn<Label extends string>(
  { maxSeries }: Metric<Label>,
  tell: (value: number, labels: Labels<Label>) => void
): { tell: typeof tell; zero(labels: Labels<Label>): void } {
  let told = 0
  return {
    tell(value, labels) {
      told++
      tell(value, labels)
    },
    zero(labels) {
      if (told < maxSeries) this.tell(0, labels)
    }
  }
}

type Labels<Label extends string> = Readonly<Record<Label, string>>
type TellAttempts = (value: number, labels: Labels<'peer' | 'direction' | 'class' | 'outcome'>) => void

function tellAttempts({ peer, direction, attempts }: Sums, tell: TellAttempts): void {
  for (const [earlyClass, counts] of Object.entries(attempts)) {
    for (const [outcome, count] of Object.entries(counts)) tell(count, { peer, direction, class: earlyClass, outcome })
  }
}
