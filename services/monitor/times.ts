import type { AttemptRecord, CallEndRecord, Outcome } from '@earshot/calls'
import { requestSucceeded } from '@earshot/peers'
import { catalogue, type Metrics } from '@earshot/telemetry'

/** How an attempt ended, as far as a histogram tells outcomes apart. */
const endings: Partial<Record<Outcome, string>> = {
  answered: 'answered',
  no_answer: 'no_answer',
  busy: 'busy',
  cancelled: 'cancelled'
}

/** Shows the times of an attempt in the histograms; those between our own equipment are left out (PA-2). */
export function recordAttemptTimes(metrics: Metrics, attempt: AttemptRecord): void {
  const { peer, direction, outcome, sessionRequestDelay, timeTo183, timeToEarlyMedia, earlyMediaSeconds } = attempt
  if (direction === 'internal') return
  const side = { peer, direction }
  if (sessionRequestDelay !== undefined) {
    const result = requestSucceeded(attempt) ? 'success' : 'failed'
    metrics.record(catalogue.sessionRequestDelay, sessionRequestDelay, { ...side, result })
  }
  if (timeTo183 !== undefined) metrics.record(catalogue.timeTo183, timeTo183, side)
  if (timeToEarlyMedia !== undefined) metrics.record(catalogue.timeToEarlyMedia, timeToEarlyMedia, side)
  if (attempt.class === 'early_media') {
    metrics.record(catalogue.earlyMediaDuration, earlyMediaSeconds, { ...side, outcome: endings[outcome] ?? 'failed' })
  }
}

/** The same of the end of a call. */
export function recordEndTimes(
  metrics: Metrics,
  { peer, direction, talkSeconds, disconnectDelay }: CallEndRecord
): void {
  if (direction === 'internal') return
  const side = { peer, direction }
  if (talkSeconds !== undefined) metrics.record(catalogue.sessionDuration, talkSeconds, side)
  if (disconnectDelay !== undefined) metrics.record(catalogue.sessionDisconnectDelay, disconnectDelay, side)
}
