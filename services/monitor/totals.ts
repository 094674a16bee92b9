import { noCounts } from '@earshot/calls'
import type { CountsRecord } from '../pipeline.ts'

/** Counts of messages and calls, summed. */
export type Totals = CountsRecord['counts']

export const noTotals = (): Totals => ({ ...noCounts(), notSip: 0 })

export function increase(totals: Totals, by: Totals): void {
  // A record of an earlier version lacks the counts that are new.
  for (const name of Object.keys(totals) as (keyof Totals)[]) totals[name] += by[name] ?? 0
}
