import type { Course } from './early-dialog.ts'
import type { EarlyMedia } from './early-media.ts'
import type { MediaEvidence } from './media-evidence.ts'
import { reliabilityFlags } from './reliability.ts'
import type { Final, Sighting, Transaction } from './state.ts'
import { faults } from './usable.ts'

type Ending = { readonly final?: Final; readonly finalMissing?: true }

/** All codes that hold for an attempt, in one order. Those of EM-4 and EM-5 only where early media could never play. */
export function flagsOf(
  { final, finalMissing }: Ending,
  decider: Transaction | undefined,
  early: EarlyMedia,
  evidence: MediaEvidence | undefined
): string[] {
  const { dialogs } = early
  const found: string[] = []
  const answered = final !== undefined && final.status < 300
  if (answered && dialogs.some(({ dialog }) => isOther(dialog, decider!, final))) found.push('fork_lost')
  if (answered && dialogs.some(({ dialog }) => hasChanged(dialog, decider!, final))) found.push('answer_changed')
  for (const course of dialogs) {
    if (early.class === 'unusable' && course.class === 'unusable')
      found.push(...course.faults.map(({ fault }) => fault))
    if (course.calleeHeld) found.push('hold_address')
    if (course.offerUnseen) found.push('offer_unseen')
    found.push(...course.reliability)
  }
  if (finalMissing) found.push('final_missing')
  if (final?.status === 482 || final?.status === 483) found.push('loop')
  if (early.clockSkew) found.push('clock_skew')
  if (evidence?.silenceRisk) found.push('silence_risk')
  return found.length > 1 ? order.filter(flag => found.includes(flag)) : found
}

const order = [
  'final_missing',
  'loop',
  'clock_skew',
  'fork_lost',
  'answer_changed',
  'silence_risk',
  ...faults,
  'offer_unanswered',
  'illegal_offer_unreliable',
  'offer_unseen',
  ...reliabilityFlags
]

type Dialog = Course['dialog']

/** A dialog of the answered INVITE that another one has won. */
const isOther = (dialog: Dialog, { cseq }: Transaction, { toTag }: Final): boolean =>
  dialog.cseq === cseq && dialog.toTag !== toTag

/** The 2xx has another description than the last 18x of its dialog that had one (EM-13). */
function hasChanged({ progress, ...dialog }: Dialog, { cseq, seen }: Transaction, final: Final): boolean {
  if (dialog.cseq !== cseq || dialog.toTag !== final.toTag) return false
  const described = progress.filter(({ body }) => body !== 0)
  const early = described.reduce<Sighting | undefined>(
    (last, each) => (last && last.at > each.at ? last : each),
    undefined
  )
  const answer = seen.find(({ status, at }) => status === final.status && at === final.at)
  return early !== undefined && answer !== undefined && answer.body !== 0 && answer.body !== early.body
}
