import { inSeconds, between, type EpochMicros } from '@earshot/units'
import type { EarlyClass } from './records.ts'
import type { Attempt, Sighting, Transaction } from './state.ts'

/** An 18x in the contract's sense: what may tell the caller something before the answer. */
export const isProgress = (status: number): boolean => status > 100 && status < 199

/** 183, and every provisional code that RFC 3261 §8.1.3.2 treats as 183. */
export const countsAs183 = (status: number): boolean => isProgress(status) && (status < 180 || status > 182)

type EarlyDialog = {
  readonly cseq: number
  readonly toTag: string
  /** When it was first described (EM-1), and the earliest of what ends it (EM-8). */
  describedAt: number
  endedAt: number
}

export type EarlyMedia = {
  readonly class: EarlyClass
  readonly firstCode: number
  readonly alerted: boolean
  readonly seconds: number
  readonly clockSkew: boolean
  readonly responses183: { readonly withSdp: number; readonly withoutSdp: number }
  readonly dialogs: readonly Pick<EarlyDialog, 'cseq' | 'toTag'>[]
}

export type Bounds = {
  /** Nothing behind it belongs to the attempt. */
  readonly end: number
  /** Ends the dialogs that nothing else ended. */
  readonly lastAt: EpochMicros
  /** How far behind its final an 18x may seem to be, where the clocks of two agents differ. */
  readonly skew: number
}

/** What the early dialogs of these transactions came to. */
export function earlyMediaOf(
  attempt: Attempt,
  transactions: readonly Transaction[],
  { end, lastAt, skew }: Bounds
): EarlyMedia {
  const dialogs = new Map<string, EarlyDialog>()
  const responses183 = new Map<string, boolean>()
  let rank: EarlyClass = 'none'
  let first: Sighting | undefined
  let alerted = false

  for (const transaction of transactions) {
    const stop = Math.min(end, transaction.success?.at ?? Infinity, transaction.failure?.at ?? Infinity)
    const endings = endingsOf(transaction)
    for (const seen of transaction.seen) {
      if (!isProgress(seen.status) || seen.at > end || seen.at > stop + skew) continue
      if (!first || seen.at < first.at) first = seen
      alerted ||= seen.status === 180
      rank = higher(rank, classOf(seen))
      if (countsAs183(seen.status)) {
        const key = `${transaction.cseq} ${seen.rseq} ${seen.toTag}`
        responses183.set(key, seen.described || responses183.get(key) === true)
      }
      const dialog = dialogAt(dialogs, transaction.cseq, seen.toTag)
      if (seen.described) dialog.describedAt = Math.min(dialog.describedAt, seen.at)
      dialog.endedAt = Math.min(dialog.endedAt, stop, endings.get(seen.toTag) ?? Infinity)
    }
  }
  for (const { toTag, at } of attempt.byes) {
    for (const dialog of dialogs.values()) if (dialog.toTag === toTag) dialog.endedAt = Math.min(dialog.endedAt, at)
  }

  const intervals = [...dialogs.values()]
    .filter(dialog => dialog.describedAt < Infinity)
    .map(dialog => [dialog.describedAt, dialog.endedAt < Infinity ? dialog.endedAt : lastAt] as const)
  const withSdp = [...responses183.values()].filter(Boolean).length
  return {
    class: rank,
    firstCode: first?.status ?? 0,
    alerted,
    seconds: rank === 'early_media' ? secondsOfUnion(intervals) : 0,
    clockSkew: intervals.some(([from, to]) => to < from),
    responses183: { withSdp, withoutSdp: responses183.size - withSdp },
    dialogs: [...dialogs.values()]
  }
}

/** Hops of one INVITE share a dialog; another try of the caller has another, even with the same To-tag. */
function dialogAt(dialogs: Map<string, EarlyDialog>, cseq: number, toTag: string): EarlyDialog {
  const key = `${cseq} ${toTag}`
  const dialog = dialogs.get(key) ?? { cseq, toTag, describedAt: Infinity, endedAt: Infinity }
  dialogs.set(key, dialog)
  return dialog
}

/** 199 ends the early dialog of its To-tag (RFC 6228). */
function endingsOf(transaction: Transaction): Map<string, number> {
  const endings = new Map<string, number>()
  for (const seen of transaction.seen) {
    if (seen.status === 199) endings.set(seen.toTag, Math.min(endings.get(seen.toTag) ?? Infinity, seen.at))
  }
  return endings
}

function classOf(seen: Sighting): EarlyClass {
  if (seen.described) return 'early_media'
  return seen.status === 180 ? 'ringing' : 'progress'
}

const order: Readonly<Record<EarlyClass, number>> = {
  none: 0,
  ringing: 1,
  progress: 2,
  precondition: 3,
  vetoed: 4,
  unusable: 5,
  early_media: 6
}

const higher = (a: EarlyClass, b: EarlyClass): EarlyClass => (order[a] >= order[b] ? a : b)

function secondsOfUnion(intervals: readonly (readonly [number, number])[]): number {
  let total = 0
  let reached = -Infinity
  for (const [from, to] of intervals.filter(([start, stop]) => stop >= start).sort((a, b) => a[0] - b[0])) {
    const start = Math.max(from, reached)
    if (to > start) total += to - start
    reached = Math.max(reached, to)
  }
  return inSeconds(between(0 as EpochMicros, total as EpochMicros))
}
