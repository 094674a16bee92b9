import { none } from './grown.ts'
import type { EarlyDialog } from './early-dialog.ts'
import type { Exchange } from './exchanges.ts'
import { PRACK_REPEATS, PRACK_WAIT } from './limits.ts'
import type { Sighting } from './state.ts'

export const reliabilityFlags = ['prack_missing', 'prack_rejected', 'rseq_gap', 'glare'] as const
export type ReliabilityFlag = (typeof reliabilityFlags)[number]

/** What went wrong with reliable responses and the exchanges of a dialog (EM-5, EM-6). */
export function reliabilityOf(dialog: EarlyDialog, exchanges: readonly Exchange[]): readonly ReliabilityFlag[] {
  const reliable = dialog.progress.filter(seen => seen.reliable)
  if (reliable.length === 0 && exchanges.length === 0) return none
  const found = {
    prack_missing: reliable.some(isRepeated) && !exchanges.some(({ method }) => method === 'PRACK'),
    prack_rejected: exchanges.some(isRejectedPrack),
    rseq_gap: hasGap(reliable),
    glare: exchanges.some(isGlare)
  }
  return reliabilityFlags.filter(flag => found[flag])
}

/** The callee gets no PRACK: it sends the response again and again (RFC 3262 §3). */
export const isRepeated = ({ repeats, at, primaryAt }: Sighting): boolean =>
  repeats >= PRACK_REPEATS || (repeats > 0 && primaryAt - at >= PRACK_WAIT)

/** A challenge is no rejection: the PRACK comes again. */
export const isRejectedPrack = ({ method, final }: Exchange): boolean =>
  method === 'PRACK' && final !== undefined && final.status >= 300 && final.status !== 401 && final.status !== 407

/** Within a dialog each reliable response has the next number (RFC 3262 §3). */
function hasGap(reliable: readonly Sighting[]): boolean {
  const numbers = [...new Set(reliable.map(({ rseq }) => rseq))].sort((a, b) => a - b)
  return numbers.some((number, index) => index > 0 && number !== numbers[index - 1]! + 1)
}

/** Both sides made an offer at once (RFC 3261 §14.2, RFC 3311 §5.2). */
const isGlare = ({ request, final }: Exchange): boolean =>
  request?.media !== '' && final !== undefined && (final.status === 491 || (final.status === 500 && final.retryAfter))
