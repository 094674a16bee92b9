import { outcomes } from '@earshot/calls'
import type { Sums } from '@earshot/peers'
import { catalogue, type Metrics } from '@earshot/telemetry'
import type { MonitorStage } from './stage.ts'

const messageKinds = {
  sip: 'sip',
  unparsable: 'unparsable',
  retransmissions: 'retransmission',
  duplicates: 'duplicate',
  refreshes: 'refresh',
  orphans: 'orphan',
  late: 'late'
} as const

/** Shows the sums as metrics. Counters count from the start of the process, the series of known peers from 0 on. */
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
    for (const { peer, direction } of current()?.final.sums() ?? []) {
      for (const outcome of outcomes) tell(0, { peer, direction, class: 'early_media', outcome })
    }
    for (const sums of current()?.sinceStart.final.sums() ?? []) tellAttempts(sums, tell)
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
    for (const { peer, direction } of current()?.final.sums() ?? []) {
      for (const method of catalogue.rejections.values.method ?? []) tell(0, { peer, direction, method, code: '501' })
    }
    for (const { peer, direction, rejections } of current()?.sinceStart.final.sums() ?? []) {
      for (const [rejection, transactions] of Object.entries(rejections)) {
        const [method = '', code = ''] = rejection.split(' ')
        tell(transactions, { peer, direction, method, code })
      }
    }
  })
}

type TellAttempts = (value: number, labels: Record<'peer' | 'direction' | 'class' | 'outcome', string>) => void

function tellAttempts({ peer, direction, attempts }: Sums, tell: TellAttempts): void {
  for (const [earlyClass, counts] of Object.entries(attempts)) {
    for (const [outcome, count] of Object.entries(counts)) tell(count, { peer, direction, class: earlyClass, outcome })
  }
}
