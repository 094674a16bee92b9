import { Correlator, fold, type AttemptRecord, type LegHeaders, type Limits, type Parties } from '@earshot/calls'
import type { Captured, EpochMicros } from '@earshot/units'

export type Rules = { readonly parties: Parties; readonly limits: Limits; readonly legHeaders: LegHeaders }

/**
 * The attempts that messages make, as the correlator makes them of the same messages; those that are not over are open.
 *
 * @param until how far the clock has come
 */
export function attemptsOf(messages: readonly Captured[], rules: Rules, until: EpochMicros): AttemptRecord[] {
  const attempts: AttemptRecord[] = []
  const correlator = new Correlator({
    ...rules,
    emit(record) {
      if (record.kind === 'attempt') attempts.push(record)
    }
  })
  fold(correlator, messages)
  correlator.advance(until)
  correlator.finish()
  return attempts
}
