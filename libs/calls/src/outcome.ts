import type { Outcome } from './records.ts'

const outcomeOfStatus: Readonly<Record<number, Outcome>> = {
  486: 'busy',
  600: 'busy',
  487: 'cancelled',
  404: 'not_found',
  410: 'not_found',
  484: 'not_found',
  485: 'not_found',
  604: 'not_found',
  405: 'incompatible',
  406: 'incompatible',
  415: 'incompatible',
  416: 'incompatible',
  420: 'incompatible',
  421: 'incompatible',
  422: 'incompatible',
  488: 'incompatible',
  501: 'incompatible',
  505: 'incompatible',
  513: 'incompatible',
  580: 'incompatible',
  606: 'incompatible',
  603: 'declined',
  607: 'declined',
  608: 'declined',
  433: 'declined',
  503: 'congestion',
  504: 'timeout',
  482: 'server_error',
  483: 'server_error'
}

/** The outcome by final status; 408 and 480 mean another thing once the callee was reached (semantics.md §3). */
export function outcomeOf(status: number, progressed: boolean): Outcome {
  if (status < 300) return 'answered'
  if (status < 400) return 'redirected'
  if (status === 480) return progressed ? 'no_answer' : 'unavailable'
  if (status === 408) return progressed ? 'no_answer' : 'timeout'
  return outcomeOfStatus[status] ?? (status >= 500 && status < 600 ? 'server_error' : 'rejected')
}

/** Which final of several parallel ones is the attempt's: the lowest (TX-8). */
export const rankOf = (status: number): number => (status >= 600 ? 0 : status === 487 ? 2 : status === 482 ? 3 : 1)
