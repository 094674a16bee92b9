import { crc32 } from 'node:zlib'
import { between } from '@earshot/units'
import { originLine, type SipMessage } from '@earshot/sip'
import { bounded } from './bounded.ts'
import { isProgress } from './early-media.ts'
import { REFRESH, SAME_PACKET, type Limits } from './limits.ts'
import type { Observed } from './observed.ts'
import type { CopyCounts, Sighting, Transaction } from './state.ts'

/** More distinct finals than a real transaction has. */
const MOST_FINALS = 8

/**
 * Notes a message in its transaction. Returns its sighting when it says something new, otherwise the name of
 * the count that this copy adds to (TX-3, TX-4), or nothing when there was no room to keep it.
 */
export function sight(
  transaction: Transaction,
  observed: Observed,
  limits: Limits,
  { hasRoom, isLate }: { readonly hasRoom: boolean; readonly isLate: boolean }
): Sighting | keyof CopyCounts | undefined {
  const { message, at } = observed
  const variant = message.isRequest ? 0 : variantOf(message)
  const toTag = message.isRequest ? '' : bounded(message.toTag)
  const rseq = message.isRequest ? 0 : (message.rseq ?? 0)
  const { seen, late } = transaction
  const known =
    sightingOf(seen, message.status, toTag, rseq, variant) ?? sightingOf(late, message.status, toTag, rseq, variant)
  if (known) return copyOf(known, observed, limits)
  if (!hasRoom && !mustBeKept(message.status, transaction)) return undefined
  const sighting: Sighting = {
    status: message.status,
    toTag,
    rseq,
    described: !message.isRequest && message.description !== undefined,
    variant,
    at,
    cause: message.isRequest ? 0 : causeOf(message, 'q.850'),
    primaryAt: at,
    agent: bounded(observed.agent),
    bytes: checksum(message.bytes)
  }
  if (isLate) late.push(sighting)
  else seen.push(sighting)
  return sighting
}

/** The same message in all that makes it one (TX-3). */
function sightingOf(
  sightings: readonly Sighting[],
  status: number,
  toTag: string,
  rseq: number,
  variant: number
): Sighting | undefined {
  for (const each of sightings) {
    if (each.status === status && each.variant === variant && each.rseq === rseq && each.toTag === toTag) return each
  }
  return undefined
}

/** Whatever else is not kept of a flood: the request, and the finals that decide. */
const mustBeKept = (status: number, { seen }: Transaction): boolean =>
  status === 0 || (status >= 200 && seen.filter(each => each.status >= 200).length < MOST_FINALS)

/** The first cause of this protocol in Reason; 0 without one that can be read. */
export const causeOf = (message: SipMessage, protocol: 'q.850' | 'sip'): number =>
  message.reasons.find(reason => reason.protocol === protocol && reason.cause > 0)?.cause ?? 0

function copyOf(known: Sighting, { at, agent, message }: Observed, limits: Limits): keyof CopyCounts {
  const sincePrimary = between(known.primaryAt, at)
  const bytes = checksum(message.bytes)
  const duplicate =
    agent !== known.agent ? sincePrimary <= limits.lateness : sincePrimary <= SAME_PACKET && bytes === known.bytes
  if (duplicate) return 'duplicates'
  known.primaryAt = at
  known.agent = agent
  known.bytes = bytes
  return isProgress(known.status) && known.rseq === 0 && sincePrimary >= REFRESH ? 'refreshes' : 'retransmissions'
}

const checksum = (bytes: Buffer): number => crc32(bytes) | 0

/** Whatever beside status, To-tag and RSeq makes a response another message and not a copy (TX-3). */
function variantOf(message: SipMessage): number {
  const description = message.description
  const { reasons, pEarlyMedia } = message
  if (!description && reasons.length === 0 && pEarlyMedia === undefined) return 0
  const origin = description ? `sdp ${originLine(description) ?? ''}` : ''
  const reason = reasons.map(({ protocol, cause, text }) => `${protocol} ${cause} ${text}`).join()
  return crc32(`${origin}\n${pEarlyMedia ?? '-'}\n${reason}`) | 1
}
