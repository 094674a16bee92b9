import type { Causes } from './attempt.ts'
import { firstMediaIn, secondsIn } from './early-media.ts'
import type { Heard } from './heard.ts'
import type { AttemptRecord, Outcome } from './records.ts'

/** Q.850 causes for which networks play an announcement (EM-10). */
const announced: ReadonlySet<number> = new Set([1, 2, 3, 17, 18, 20, 21, 22, 27, 28, 34, 38, 41, 42])

/** Early media of this before a failure, and before the caller gave up. */
const BEFORE_FAILURE = 1
const BEFORE_CANCEL = 3e6

/** Whether an announcement was likely what the caller heard (EM-10). A hint: SIP alone cannot prove sound. */
export function announcementOf(
  heard: Heard,
  outcome: Outcome,
  { effectiveCause }: Causes
): AttemptRecord['announcement'] | undefined {
  const { early, final } = heard
  if (outcome === 'cancelled') {
    const since = firstMediaIn(early)?.at ?? Infinity
    if (!(cancelledAt(heard) - since >= BEFORE_CANCEL)) return undefined
  } else if (!final || final.status < 400 || secondsIn(early.spans) < BEFORE_FAILURE) return undefined
  if (effectiveCause === undefined) return 'possible'
  return announced.has(effectiveCause) ? 'probable' : undefined
}

/** Its CANCEL, or where nobody saw that its 487. */
function cancelledAt({ transactions, final }: Heard): number {
  const cancels = transactions.flatMap(({ cancel }) => cancel?.at ?? [])
  return cancels.length > 0 ? Math.min(...cancels) : (final?.at ?? -Infinity)
}
