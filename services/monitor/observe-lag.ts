import type { Lag, Log } from '@earshot/bus'
import { catalogue, type Metrics } from '@earshot/telemetry'

/**
 * Shows how far the groups have come with the log.
 *
 * @returns what reads that from the log: to be awaited before the metrics are collected
 */
export function observeLag(metrics: Metrics, log: Pick<Log, 'lag'>): () => Promise<void> {
  let lags: readonly Lag[] = []
  metrics.observe(catalogue.logLag, tell => {
    for (const { group, topic, records } of lags) tell(records, { group, topic })
  })
  metrics.observe(catalogue.logLost, tell => {
    for (const { group, lost } of lags) tell(lost, { group })
  })
  return async () => {
    lags = await log.lag()
  }
}
