import { catalogue, type Metrics } from '@earshot/telemetry'
import type { Detection } from './detection.ts'

/** Shows the alerts that last in the partitions that this process has now. */
export function observeDetection(metrics: Metrics, detecting: Iterable<Detection>): void {
  metrics.observe(catalogue.alertsActive, tell => {
    const counts = new Map<string, { readonly labels: Parameters<typeof tell>[1]; count: number }>()
    for (const { book } of detecting) {
      for (const { kind, peer, severity } of book.active()) {
        const name = JSON.stringify([kind, peer, severity])
        const known = counts.get(name)
        if (known) known.count++
        else counts.set(name, { labels: { kind, peer, severity }, count: 1 })
      }
    }
    for (const { labels, count } of counts.values()) tell(count, labels)
  })
  metrics.observe(catalogue.methodRegressed, tell => {
    for (const { methods } of detecting) for (const regressed of methods.regressed()) tell(1, regressed)
  })
}
