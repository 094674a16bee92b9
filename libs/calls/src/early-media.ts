import { inSeconds, between, type EpochMicros } from '@earshot/units'
import { courseOf, isHigher, type Course, type EarlyDialog } from './early-dialog.ts'
import type { Exchange } from './exchanges.ts'
import { none } from './grown.ts'
import { isProgress, countsAs183 } from './progress.ts'
import type { EarlyClass, Span, Transitions } from './records.ts'
import type { Attempt, Sighting, Transaction } from './state.ts'

export type EarlyMedia = {
  readonly class: EarlyClass
  readonly firstCode: number
  readonly alerted: boolean
  /** When early media could play, over all dialogs; none unless that is the class. */
  readonly spans: readonly Span[]
  readonly clockSkew: boolean
  readonly responses183: { readonly withSdp: number; readonly withoutSdp: number }
  readonly dialogs: readonly Course[]
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
  exchanges: readonly Exchange[],
  { end, lastAt, skew }: Bounds
): EarlyMedia {
  const dialogs: EarlyDialog[] = []
  let responses183: Map<string, boolean> | undefined
  let first: Sighting | undefined
  let alerted = false

  for (const transaction of transactions) {
    const stop = Math.min(end, transaction.success?.at ?? Infinity, transaction.failure?.at ?? Infinity)
    for (const seen of transaction.seen) {
      if (!isProgress(seen.status) || seen.at > end || seen.at > stop + skew) continue
      if (!first || seen.at < first.at) first = seen
      alerted ||= seen.status === 180
      if (countsAs183(seen.status)) {
        const key = `${transaction.cseq} ${seen.rseq} ${seen.toTag}`
        responses183 ??= new Map()
        responses183.set(key, seen.media !== '' || responses183.get(key) === true)
      }
      const dialog = dialogAt(dialogs, transaction, seen.toTag)
      dialog.progress.push(seen)
      dialog.endedAt = Math.min(dialog.endedAt, stop)
    }
  }
  for (const dialog of dialogs) {
    cut(dialog, Math.min(terminatedAt(dialog, transactions), releasedAt(dialog, attempt)), skew)
  }

  const followed = dialogs.map(dialog => courseOf(dialog, exchanges, lastAt))
  let highest: EarlyClass = 'none'
  for (const course of followed) if (isHigher(course.class, highest)) highest = course.class
  return {
    class: highest,
    firstCode: first?.status ?? 0,
    alerted,
    spans: highest === 'early_media' ? unionOf(followed) : none,
    clockSkew: followed.some(({ clockSkew }) => clockSkew),
    responses183: responses183 ? countsOf(responses183) : no183,
    dialogs: followed
  }
}

const no183 = { withSdp: 0, withoutSdp: 0 }

/** @param described whether each 183 had a description */
function countsOf(described: ReadonlyMap<string, boolean>): EarlyMedia['responses183'] {
  let withSdp = 0
  for (const each of described.values()) if (each) withSdp++
  return { withSdp, withoutSdp: described.size - withSdp }
}

/** Hops of one INVITE share a dialog; another try of the caller has another, even with the same To-tag. */
function dialogAt(dialogs: EarlyDialog[], transaction: Transaction, toTag: string): EarlyDialog {
  const { cseq, startedAt } = transaction
  const offer = transaction.requested ? offerIn(transaction) : undefined
  for (const known of dialogs) {
    if (known.cseq !== cseq || known.toTag !== toTag) continue
    known.offer ??= offer
    return known
  }
  const dialog: EarlyDialog = { cseq, toTag, offer, invitedAt: startedAt, progress: [], endedAt: Infinity }
  dialogs.push(dialog)
  return dialog
}

function offerIn({ seen }: Transaction): string | undefined {
  for (const { status, media } of seen) if (status === 0) return media
  return undefined
}

/** The dialog is over at `at`: what follows is of none (EM-2), unless it only seems to. */
function cut(dialog: EarlyDialog, at: number, skew: number): void {
  if (at === Infinity) return
  dialog.endedAt = Math.min(dialog.endedAt, at)
  dialog.progress = dialog.progress.filter(seen => seen.at <= at + skew)
}

/** 199 ends the early dialog of its To-tag (RFC 6228). */
function terminatedAt({ cseq, toTag }: EarlyDialog, transactions: readonly Transaction[]): number {
  let ended = Infinity
  for (const transaction of transactions) {
    if (transaction.cseq !== cseq) continue
    for (const { status, toTag: tag, at } of transaction.seen) {
      if (status === 199 && tag === toTag) ended = Math.min(ended, at)
    }
  }
  return ended
}

/** When a BYE ended the early dialog. */
function releasedAt({ toTag }: EarlyDialog, { byes }: Attempt): number {
  let ended = Infinity
  for (const bye of byes) if (bye.toTag === toTag) ended = Math.min(ended, bye.at)
  return ended
}

function unionOf(courses: readonly Course[]): Span[] {
  const intervals = courses.flatMap(course => course.intervals) as Span[]
  if (intervals.length > 1) intervals.sort((a, b) => a[0] - b[0])
  const union: Span[] = []
  for (const [from, to] of intervals) {
    const last = union.at(-1)
    if (last && from <= last[1]) union[union.length - 1] = [last[0], to > last[1] ? to : last[1]]
    else if (to > from) union.push([from, to])
  }
  return union
}

export const secondsIn = (spans: readonly Span[]): number => {
  let total = 0
  for (const [from, to] of spans) total += to - from
  return inSeconds(between(0 as EpochMicros, total as EpochMicros))
}

/** When early media could play first, and the INVITE that got it; undefined when it never could. */
export function firstMediaIn({ dialogs }: EarlyMedia): { readonly at: number; readonly invitedAt: number } | undefined {
  let first: { at: number; invitedAt: number } | undefined
  for (const { intervals, dialog } of dialogs) {
    const at = intervals[0]?.[0]
    if (at !== undefined && (!first || at < first.at)) first = { at, invitedAt: dialog.invitedAt }
  }
  return first
}

/** How often a dialog went from 183 to 180 and back (EM-13). */
export function transitionsIn({ dialogs }: EarlyMedia): Transitions {
  let [from183To180, from180To183] = [0, 0]
  for (const { dialog } of dialogs) {
    if (dialog.progress.length < 2) continue
    const steps = dialog.progress.toSorted((a, b) => a.at - b.at)
    for (const [index, { status }] of steps.entries()) {
      const next = steps[index + 1]?.status ?? 0
      if (countsAs183(status) && next === 180) from183To180++
      if (status === 180 && countsAs183(next)) from180To183++
    }
  }
  return { from183To180, from180To183 }
}
