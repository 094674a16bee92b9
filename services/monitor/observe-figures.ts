import type { Sums } from '@earshot/peers'
import { catalogue, type Metric, type Metrics } from '@earshot/telemetry'
import type { MonitorStage } from './stage.ts'

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
} as const satisfies Record<Exclude<keyof MonitorStage['counts'], 'calls'>, string>

/** The series that alerts and panels start from: shown at 0 for every known peer, so that their first count is a rise. */
const zeroOutcomes = ['answered', 'no_answer', 'busy', 'cancelled']
const zeroMethods = ['UPDATE', 'PRACK', 'INFO']

/**
 * Shows the sums as metrics. Counters count from the start of the process. What was counted comes first, so that the
 * zeros of known peers never take its place.
 */
export function observeFigures(metrics: Metrics, current: () => MonitorStage | undefined): void {
  metrics.observe(catalogue.messages, tell => {
    for (const [count, kind] of Object.entries(messageKinds)) {
      tell(current()?.sinceStart.counts[count as keyof typeof messageKinds] ?? 0, { kind })
    }
  })
  metrics.observe(catalogue.calls, tell => tell(current()?.sinceStart.counts.calls ?? 0))
  metrics.observe(catalogue.watermark, tell => {
    const watermark = current()?.watermark
    if (watermark !== undefined) tell(watermark / 1e6)
  })
  metrics.observe(catalogue.attempts, tell => {
    const room = roomIn(catalogue.attempts, tell)
    for (const sums of current()?.sinceStart.final.sums() ?? []) tellAttempts(sums, room.tell)
    for (const { peer, direction } of current()?.final.sums() ?? []) {
      for (const outcome of zeroOutcomes) room.zero({ peer, direction, class: 'early_media', outcome })
    }
  })
  metrics.observe(catalogue.attemptsPending, tell => {
    for (const sums of current()?.pending().sums() ?? []) tellAttempts(sums, tell)
  })
  metrics.observe(catalogue.earlyMediaSeconds, tell => {
    for (const { peer, direction, earlyMediaMicros } of current()?.sinceStart.final.sums() ?? []) {
      tell(earlyMediaMicros / 1e6, { peer, direction })
    }
  })
  metrics.observe(catalogue.responses183, tell => {
    for (const { peer, direction, withSdp, withoutSdp } of current()?.sinceStart.final.sums() ?? []) {
      tell(withSdp, { peer, direction, sdp: 'yes' })
      tell(withoutSdp, { peer, direction, sdp: 'no' })
    }
  })
  metrics.observe(catalogue.rejections, tell => {
    const room = roomIn(catalogue.rejections, tell)
    for (const { peer, direction, rejections } of current()?.sinceStart.final.sums() ?? []) {
      for (const [rejection, transactions] of Object.entries(rejections)) {
        const [method = '', code = ''] = rejection.split(' ')
        room.tell(transactions, { peer, direction, method, code })
      }
    }
    for (const { peer, direction } of current()?.final.sums() ?? []) {
      for (const method of zeroMethods) room.zero({ peer, direction, method, code: '501' })
    }
  })
  metrics.observe(catalogue.peersOverflow, tell => tell(current()?.sinceStart.overflows ?? 0))
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
