import { between, inSeconds, type EpochMicros } from '@earshot/units'
import { firstMediaIn, transitionsIn, type EarlyMedia } from './early-media.ts'
import type { Exchange } from './exchanges.ts'
import { countsAs183 } from './progress.ts'
import type { AttemptRecord } from './records.ts'
import { requestDelayOf } from './request-delay.ts'
import type { Final, Transaction } from './state.ts'

/** What an attempt let be heard of itself before its end. */
export type Heard = {
  readonly transactions: readonly Transaction[]
  readonly exchanges: readonly Exchange[]
  readonly early: EarlyMedia
  readonly final: Final | undefined
  /** The final that decided, else the last message. */
  readonly endedAt: EpochMicros
}

type Timing = Pick<
  AttemptRecord,
  'timeTo183' | 'timeToEarlyMedia' | 'ringSeconds' | 'sessionRequestDelay' | 'transitions'
>

/** EM-13, K-1. A time that would be negative, where clocks differ, is left out. */
export function timingOf({ transactions, early, final, endedAt }: Heard): Timing {
  const media = firstMediaIn(early)
  const timeTo183 = timeToFirst(transactions, countsAs183)
  const timeToEarlyMedia = media && secondsFrom(media.invitedAt, media.at)
  const ringing = firstAt(transactions, status => status === 180)
  const ringSeconds = ringing === undefined ? undefined : secondsFrom(ringing, endedAt)
  const sessionRequestDelay = requestDelayOf(transactions, final, early)
  const transitions = transitionsIn(early)
  return {
    ...(timeTo183 !== undefined && { timeTo183 }),
    ...(timeToEarlyMedia !== undefined && { timeToEarlyMedia }),
    ...(ringSeconds !== undefined && { ringSeconds }),
    ...(sessionRequestDelay !== undefined && { sessionRequestDelay }),
    ...((transitions.from180To183 > 0 || transitions.from183To180 > 0) && { transitions })
  }
}

function timeToFirst(transactions: readonly Transaction[], wanted: (status: number) => boolean): number | undefined {
  let first: { at: number; invitedAt: number } | undefined
  for (const { seen, startedAt: invitedAt } of transactions) {
    for (const { status, at } of seen) if (wanted(status) && (!first || at < first.at)) first = { at, invitedAt }
  }
  return first && secondsFrom(first.invitedAt, first.at)
}

function firstAt(transactions: readonly Transaction[], wanted: (status: number) => boolean): number | undefined {
  let first = Infinity
  for (const { seen } of transactions)
    for (const { status, at } of seen) if (wanted(status)) first = Math.min(first, at)
  return first < Infinity ? first : undefined
}

function secondsFrom(from: number, to: number): number | undefined {
  return to < from ? undefined : inSeconds(between(from as EpochMicros, to as EpochMicros))
}
