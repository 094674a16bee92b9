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
  27: 'destination out of order',
  28: 'invalid number format',
  29: 'facility rejected',
  31: 'normal, unspecified',
  34: 'no circuit available',
  38: 'network out of order',
  41: 'temporary failure',
  42: 'switching equipment congestion',
  47: 'resource unavailable',
  58: 'bearer capability not available',
  63: 'service not available',
  65: 'bearer capability not implemented',
  69: 'facility not implemented',
  79: 'service not implemented',
  88: 'incompatible destination',
  102: 'recovery on timer expiry',
  111: 'protocol error',
  127: 'interworking'
}

/** `34 (no circuit available)` */
export const causeText = (cause: number): string =>
  names[cause] === undefined ? String(cause) : `${cause} (${names[cause]})`
