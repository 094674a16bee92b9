import { between, inSeconds, type EpochMicros } from '@earshot/units'
import type { EarlyMedia } from './early-media.ts'
import { isProgress } from './progress.ts'
import type { Final, Transaction } from './state.ts'

/** Finals that do not tell what becomes of the session (RFC 6076 §4.3); neither does any 3xx. */
const untelling: ReadonlySet<number> = new Set([401, 402, 407])

/**
 * Session request delay in seconds: from the INVITE that got it to the first 18x or 2xx of the attempt; where there was
 * none, to the 4xx, 5xx or 6xx that decided. Undefined without either, and where clocks differ so that it is negative.
 *
 * Source: RFC 6076 §4.3 (SRD), as semantics K-1 has it.
 */
export function requestDelayOf(
  transactions: readonly Transaction[],
  final: Final | undefined,
  { firstCode }: Pick<EarlyMedia, 'firstCode'>
): number | undefined {
  let told: { at: EpochMicros; invitedAt: EpochMicros } | undefined
  for (const { seen, success, startedAt: invitedAt } of transactions) {
    for (const { status, at } of firstCode > 0 ? seen : []) {
      if (isProgress(status) && !(told && told.at <= at)) told = { at, invitedAt }
    }
    if (success && !(told && told.at <= success.at)) told = { at: success.at, invitedAt }
  }
  if (!told && final && final.status >= 400 && !untelling.has(final.status)) {
    const decider = transactions.find(({ failure }) => failure === final)
    if (decider) told = { at: final.at, invitedAt: decider.startedAt }
  }
  if (!told || told.at < told.invitedAt) return undefined
  return inSeconds(between(told.invitedAt, told.at))
}
