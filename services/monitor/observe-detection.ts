import type { Alert } from '@earshot/peers'
import { catalogue, type Metrics } from '@earshot/telemetry'
import type { AlertBook } from './alert-book.ts'
import type { DecisionsView } from './decisions-view.ts'
import type { Detection } from './detection.ts'

/** Methods by names of their own would be one series, OTHER, of different states. */
const namedMethods = new Set(catalogue.methodState.values.method?.filter(method => method !== 'OTHER'))

/** Shows the alerts that last, and the methods of peers, in the partitions that this process has now. */
export function observeDetection(
  metrics: Metrics,
  { detecting, active }: { readonly detecting: Iterable<Detection>; readonly active: () => readonly Alert[] }
): void {
  metrics.observe(catalogue.alertsActive, tell => {
    tellCounts(active(), tell)
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

export const activeIn = (books: Iterable<{ readonly book: AlertBook }>): Alert[] =>
  Array.from(books, ({ book }) => [...book.active()]).flat()

type Labels = Pick<Alert, 'kind' | 'peer' | 'severity'>

function tellCounts(alerts: readonly Alert[], tell: (count: number, labels: Labels) => void): void {
  const byLabels = Map.groupBy(alerts, ({ kind, peer, severity }) => JSON.stringify([kind, peer, severity]))
  for (const [first, ...others] of byLabels.values()) {
    const { kind, peer, severity } = first!
    tell(1 + others.length, { kind, peer, severity })
  }
}
