import { crc32 } from 'node:zlib'
import { between } from '@earshot/units'
import { earlyMediaDirections, originLine, type SipMessage } from '@earshot/sip'
import { bounded } from './bounded.ts'
import { grown } from './grown.ts'
import { isProgress } from './progress.ts'
import { REFRESH, SAME_PACKET, type Limits } from './limits.ts'
import { endpointIn } from './media-endpoint.ts'
import { mediaTextOf, NO_MEDIA } from './media-text.ts'
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
  const { message } = observed
  const { seen, late } = transaction
  const mark = message.isRequest ? request : markOf(message)
  const known = markedIn(seen, mark) ?? markedIn(late, mark)
  if (known) return copyOf(known, observed, limits)
  if (!hasRoom && !mustBeKept(message.status, transaction)) return undefined
  const sighting = message.isRequest ? requestSighting(observed) : responseSighting(observed, mark)
  if (isLate) transaction.late = grown(late, sighting)
  else transaction.seen = grown(seen, sighting)
  return sighting
}

/** All that makes two messages of a transaction the same (TX-3). */
type Mark = {
  readonly status: number
  readonly toTag: string
  readonly rseq: number
  readonly variant: number
  readonly description: Buffer | undefined
}

const request: Mark = { status: 0, toTag: '', rseq: 0, variant: 0, description: undefined }

function markOf(response: SipMessage): Mark {
  const { description } = response
  return {
    status: response.status,
    toTag: bounded(response.toTag),
    rseq: response.rseq ?? 0,
    variant: variantOf(response, description),
    description
  }
}

function markedIn(sightings: readonly Sighting[], { status, toTag, rseq, variant }: Mark): Sighting | undefined {
  for (const each of sightings) {
    if (each.status !== status) continue
    if (status === 0 || (each.variant === variant && each.rseq === rseq && each.toTag === toTag)) return each
  }
  return undefined
}

/** What a request says that may decide something: an offer, or what belongs to an early dialog. */
function requestSighting({ message, at, agent }: Observed): Sighting {
  const { method } = message
  const inDialog = method === 'PRACK' || method === 'UPDATE'
  const rack = method === 'PRACK' ? message.rack : undefined
  const isBye = method === 'BYE'
  const description = inDialog || (method === 'INVITE' && message.toTag === '') ? message.description : undefined
  return {
    status: 0,
    toTag: inDialog || isBye ? bounded(message.toTag) : '',
    rseq: rack?.rseq ?? 0,
    media: description ? mediaTextOf(description) : NO_MEDIA,
    variant: 0,
    at,
    cause: isBye ? causeOf(message, 'q.850') : 0,
    primaryAt: at,
    agent: bounded(agent),
    bytes: checksum(message.bytes),
    body: description && inDialog ? checksum(description) : 0,
    directions: inDialog ? directionsOf(message) : '',
    reliable: false,
    retryAfter: false,
    rackCseq: rack?.method === 'INVITE' ? rack.cseq : 0,
    allow: '',
    repeats: 0,
    mediaAt: description ? endpointIn(description) : ''
  }
}

function responseSighting({ message, at, agent }: Observed, mark: Mark): Sighting {
  const { status, toTag, rseq, variant, description } = mark
  const { cseqMethod } = message
  const inDialog = cseqMethod === 'PRACK' || cseqMethod === 'UPDATE'
  const settles = inDialog && status >= 200 && status < 300
  const progresses = cseqMethod === 'INVITE' && isProgress(status)
  const media = description && (progresses || settles) ? description : undefined
  const refuses = inDialog && (status === 405 || status === 501)
  return {
    status,
    toTag,
    rseq,
    media: media ? mediaTextOf(media) : NO_MEDIA,
    variant,
    at,
    cause: causeOf(message, 'q.850'),
    primaryAt: at,
    agent: bounded(agent),
    bytes: checksum(message.bytes),
    body: description ? checksum(description) : 0,
    directions: progresses || settles ? directionsOf(message) : '',
    reliable: progresses && rseq > 0 && message.requires('100rel'),
    retryAfter: status === 500 && message.retryAfter !== undefined,
    rackCseq: 0,
    allow: refuses ? allowOf(message) : '',
    repeats: 0,
    mediaAt: media ? endpointIn(media) : ''
  }
}

/** Characters of Allow that are kept: more than all methods there are. */
const MOST_ALLOW = 200

/** For people to read, so that what is no method (RFC 3261 §25.1) has no place in it. */
const allowOf = ({ allow = [] }: SipMessage): string =>
  allow
    .filter(method => /^[\w.!%*+`'~-]+$/.test(method))
    .join(' ')
    .slice(0, MOST_ALLOW)

function directionsOf({ pEarlyMedia }: SipMessage): string {
  return pEarlyMedia === undefined ? '' : earlyMediaDirections(pEarlyMedia).join(' ')
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
  if (isProgress(known.status) && known.rseq === 0 && sincePrimary >= REFRESH) return 'refreshes'
  known.repeats++
  return 'retransmissions'
}

const checksum = (bytes: Buffer): number => crc32(bytes) | 0

/** Whatever beside status, To-tag and RSeq makes a response another message and not a copy (TX-3). */
function variantOf({ reasons, pEarlyMedia }: SipMessage, description: Buffer | undefined): number {
  if (!description && reasons.length === 0 && pEarlyMedia === undefined) return 0
  const origin = description ? `sdp ${originLine(description) ?? ''}` : ''
  const reason = reasons.map(({ protocol, cause, text }) => `${protocol} ${cause} ${text}`).join()
  return crc32(`${origin}\n${pEarlyMedia ?? '-'}\n${reason}`) | 1
}
