import { HOP_SKEW } from './limits.ts'
import type { Final, Transaction } from './state.ts'

/**
 * Whether both have the same request (TX-2), as far as is known: CSeq numbers belong to a dialog, so that those of two
 * early dialogs may be the same. To-tags are held against one another where both have any.
 */
export function haveSameRequest(one: Transaction, other: Transaction): boolean {
  if (one.cseq !== other.cseq || one.method !== other.method || one.fromTag !== other.fromTag) return false
  const [tags, others] = [toTagsOf(one), toTagsOf(other)]
  return tags.length === 0 || others.length === 0 || tags.some(tag => others.includes(tag))
}

/**
 * Whether `next` is the hop behind `own`: its responder sent the same request on, while it was asked itself. What is
 * answered comes with more Vias from there. A fork of the same requester, or its next try elsewhere, is no hop.
 */
export function isNextHop(own: Transaction, next: Transaction): boolean {
  if (next === own || next.requester.address !== own.responder.address || !haveSameRequest(own, next)) return false
  const [final, nextFinal] = [finalOf(own), finalOf(next)]
  if (final && nextFinal ? nextFinal.vias <= final.vias : next.startedAt <= own.startedAt) return false
  return next.startedAt >= own.startedAt - HOP_SKEW && next.startedAt <= (final?.at ?? Infinity) + HOP_SKEW
}

/** The 2xx, else the first other final. */
export const finalOf = ({ success, failure }: Transaction): Final | undefined => success ?? failure

/** Of the final, else of all messages. */
function toTagsOf(transaction: Transaction): readonly string[] {
  const tag = finalOf(transaction)?.toTag
  if (tag) return [tag]
  return transaction.seen.flatMap(({ toTag }) => (toTag === '' ? [] : [toTag]))
}
