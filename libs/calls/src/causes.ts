import type { CauseMapping } from './records.ts'
import type { Final } from './state.ts'

/** Names of Q.850 causes (ITU-T Q.850 table 1) that carriers meet before an answer. */
const names: Readonly<Record<number, string>> = {
  1: 'unallocated number',
  2: 'no route to transit network',
  3: 'no route to destination',
  16: 'normal call clearing',
  17: 'user busy',
  18: 'no user responding',
  19: 'no answer from user',
  20: 'subscriber absent',
  21: 'call rejected',
  22: 'number changed',
  23: 'redirection to new destination',
  26: 'non-selected user clearing',
  27: 'destination out of order',
  28: 'invalid number format',
  29: 'facility rejected',
  31: 'normal, unspecified',
  34: 'no circuit available',
  38: 'network out of order',
  41: 'temporary failure',
  42: 'switching equipment congestion',
  47: 'resource unavailable',
  55: 'incoming calls barred within CUG',
  57: 'bearer capability not authorized',
  58: 'bearer capability not available',
  63: 'service not available',
  65: 'bearer capability not implemented',
  69: 'facility not implemented',
  70: 'only restricted digital available',
  79: 'service not implemented',
  87: 'user not member of CUG',
  88: 'incompatible destination',
  102: 'recovery on timer expiry',
  111: 'protocol error',
  127: 'interworking'
}

/** `34 (no circuit available)` */
export const causeText = (cause: number): string =>
  names[cause] === undefined ? String(cause) : `${cause} (${names[cause]})`

/**
 * The status that a cause becomes in a gateway, and what it may become instead: 603 where the user himself rejected, 301
 * where the new number is known. Without 16, which becomes a BYE or CANCEL. Source: RFC 3398 §7.2.4.1.
 */
const statuses: Readonly<Record<number, readonly number[]>> = {
  1: [404],
  2: [404],
  3: [404],
  17: [486],
  18: [408],
  19: [480],
  20: [480],
  21: [403, 603],
  22: [410, 301],
  23: [410],
  26: [404],
  27: [502],
  28: [484],
  29: [501],
  31: [480],
  34: [503],
  38: [503],
  41: [503],
  42: [503],
  47: [503],
  55: [403],
  57: [403],
  58: [503],
  65: [488],
  70: [488],
  79: [501],
  87: [403],
  88: [503],
  102: [504],
  111: [500],
  127: [500]
}

/** A 487 answers a CANCEL whatever the cause says, and a success has none to map. */
export function causeMappingOf(final: Final | undefined): CauseMapping | undefined {
  const mapped = final && final.status >= 300 && final.status !== 487 ? statuses[final.cause] : undefined
  return mapped && { status: mapped[0]!, followed: mapped.includes(final!.status) }
}
