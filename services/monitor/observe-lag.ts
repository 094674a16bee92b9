import { setTimeout as pause } from 'node:timers/promises'
import type { Lag, Log } from '@earshot/bus'
import { catalogue, type Metrics } from '@earshot/telemetry'

/** A log that is away must not hold back the other metrics. */
const LONGEST_WAIT_MS = 1000

/**
 * Shows how far the groups have come with the log, over all partitions that the log tells of now. While it cannot be
 * asked, nothing is shown of it.
 *
 * @returns what reads that from the log: to be awaited before the metrics are collected; never rejects
 */
export function observeLag(
  metrics: Metrics,
  log: Pick<Log, 'lag'>,
  { longestWaitMs = LONGEST_WAIT_MS }: { readonly longestWaitMs?: number } = {}
): () => Promise<void> {
  let lags: readonly Lag[] = []
  let reading: Promise<void> | undefined
  metrics.observe(catalogue.logLag, tell => {
    for (const { group, topic, records } of lags) tell(records, { group, topic })
  })
  metrics.observe(catalogue.logLost, tell => {
    for (const { group, lost } of lags) tell(lost, { group })
  })
  const read = async (): Promise<void> => {
    try {
      lags = await log.lag()
    } catch {
      lags = []
    } finally {
      reading = undefined
    }
  }
  return async () => {
    reading ??= read()
    const waiting = new AbortController()
    const longest = pause(longestWaitMs, undefined, { signal: waiting.signal }).then(
      () => (lags = []),
      () => undefined
    )
    await Promise.race([reading, longest])
    waiting.abort()
  }
}
