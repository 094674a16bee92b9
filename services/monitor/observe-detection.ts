import type { Alert } from '@earshot/peers'
import { catalogue, type Metrics } from '@earshot/telemetry'
import type { DecisionsView } from './decisions-view.ts'
import type { Detection } from './detection.ts'

/** Methods by names of their own would be one series, OTHER, of different states. */
const namedMethods = new Set(catalogue.methodState.values.method?.filter(method => method !== 'OTHER'))

/** Shows the alerts that last in the partitions that this process has now. */
export function observeDetection(metrics: Metrics, detecting: Iterable<Detection>): void {
  metrics.observe(catalogue.alertsActive, tell => {
    tellCounts(activeIn(detecting), tell)
  })
  metrics.observe(catalogue.methodRegressed, tell => {
    for (const { methods } of detecting) for (const regressed of methods.regressed()) tell(1, regressed)
  })
  metrics.observe(catalogue.methodState, tell => {
    for (const { methods } of detecting) {
      for (const { peer, method, state } of methods.states()) {
        if (state !== 'unknown' && namedMethods.has(method)) tell(1, { peer, method, state })
      }
    }
  })
}

/** Shows which of these alerts people have dealt with. */
export function observeDecisions(
  metrics: Metrics,
  active: () => readonly Alert[],
  decisions: Pick<DecisionsView, 'acknowledgement' | 'silenceOf'>
): void {
  metrics.observe(catalogue.alertsAcknowledged, tell => {
    tellCounts(
      active().filter(alert => decisions.acknowledgement(alert)),
      tell
    )
  })
  metrics.observe(catalogue.alertsSilenced, tell => {
    tellCounts(
      active().filter(alert => decisions.silenceOf(alert)),
      tell
    )
  })
}

export const activeIn = (detecting: Iterable<Detection>): Alert[] =>
  Array.from(detecting, ({ book }) => [...book.active()]).flat()

type Labels = Pick<Alert, 'kind' | 'peer' | 'severity'>

function tellCounts(alerts: readonly Alert[], tell: (count: number, labels: Labels) => void): void {
  const byLabels = Map.groupBy(alerts, ({ kind, peer, severity }) => JSON.stringify([kind, peer, severity]))
  for (const [first, ...others] of byLabels.values()) {
    const { kind, peer, severity } = first!
    tell(1 + others.length, { kind, peer, severity })
  }
}
