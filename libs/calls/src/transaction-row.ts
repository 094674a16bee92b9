import { epochMicros, type Transport } from '@earshot/units'
import { endpointRow, readEndpoint, type EndpointRow } from './endpoint-row.ts'
import { NO_MEDIA, UNKNOWN_MEDIA } from './media-text.ts'
import type { Cancel, CopyCounts, Final, Role, Sighting, Transaction } from './state.ts'

/** What most messages do not have stands last and is left out from where nothing follows. */
type SightingRow = [
  status: number,
  toTag: string,
  rseq: number,
  /** In version 1 whether there was a description: 0 or 1. */
  media: string | number,
  variant: number,
  at: number,
  cause: number,
  primaryAfter: number,
  agent: string,
  bytes: number,
  body?: number,
  repeats?: number,
  marks?: number,
  directions?: string,
  rackCseq?: number,
  allow?: string
]

type FinalRow = [status: number, at: number, toTag: string, cause: number, vias: number]

type CancelRow = [at: number, cause: number, sipCause: number]

type CopiesRow = [duplicates: number, retransmissions: number, refreshes: number]

/** A transaction as part of its call's text. */
export type TransactionRow = [
  branch: string,
  sentBy: string,
  method: string,
  cseq: number,
  fromTag: string,
  requester: EndpointRow,
  transport: Transport,
  responder: EndpointRow,
  startedAt: number,
  flags: number,
  touchedAt: number,
  progressAt: number,
  role: Role,
  seen: SightingRow[],
  failure: FinalRow | 0,
  success: FinalRow | 0,
  cancel: CancelRow | 0,
  unclaimed: CopiesRow | 0,
  late: SightingRow[],
  responses: number,
  /** Left out where there are none, as before there were any. */
  legKeys?: readonly string[],
  /** Where the descriptions in `seen` want media sent; absent where none says it. */
  mediaAt?: string
]

/** @param base what times are told as differences to */
export function transactionRow(own: Transaction, base: number): TransactionRow {
  const { cancel, unclaimed } = own
  const row: TransactionRow = [
    own.branch,
    own.sentBy,
    own.method,
    own.cseq,
    own.fromTag,
    endpointRow(own.requester),
    own.transport,
    endpointRow(own.responder),
    own.startedAt - base,
    flagsOf(own),
    own.touchedAt - base,
    own.progressAt - base,
    own.role,
    own.seen.map(each => sightingRow(each, base)),
    own.failure ? finalRow(own.failure, base) : 0,
    own.success ? finalRow(own.success, base) : 0,
    cancel ? [cancel.at - base, cancel.cause, cancel.sipCause] : 0,
    unclaimed ? [unclaimed.duplicates, unclaimed.retransmissions, unclaimed.refreshes] : 0,
    own.late.map(each => sightingRow(each, base)),
    own.responses
  ]
  if (own.seen.some(({ mediaAt }) => mediaAt !== '')) {
    row.push(own.legKeys, own.seen.map(({ mediaAt }) => mediaAt).join())
  } else if (own.legKeys.length > 0) row.push(own.legKeys)
  return row
}

export function readTransaction(row: TransactionRow, base: number): Transaction {
  const [
    branch,
    sentBy,
    method,
    cseq,
    fromTag,
    requesterRow,
    transport,
    responderRow,
    startedAt,
    flags,
    touchedAt,
    progressAt,
    role,
    seen,
    failure,
    success,
    cancel,
    unclaimed,
    late,
    responses,
    legKeys = [],
    mediaAt = ''
  ] = row
  const endpoints = mediaAt.split(',')
  return {
    branch,
    sentBy,
    method,
    cseq,
    fromTag,
    requester: readEndpoint(requesterRow),
    transport,
    responder: readEndpoint(responderRow),
    startedAt: epochMicros(base + startedAt),
    requested: (flags & REQUESTED) !== 0,
    answered: (flags & ANSWERED) !== 0,
    expired: (flags & EXPIRED) !== 0,
    touchedAt: epochMicros(base + touchedAt),
    seen: seen.map((each, index) => readSighting(each, base, endpoints[index])),
    responses,
    late: late.map(each => readSighting(each, base)),
    progressAt: epochMicros(base + progressAt),
    failure: failure === 0 ? undefined : readFinal(failure, base),
    success: success === 0 ? undefined : readFinal(success, base),
    cancel: cancel === 0 ? undefined : readCancel(cancel, base),
    role,
    unclaimed: unclaimed === 0 ? undefined : readCopies(unclaimed),
    legKeys
  }
}

function sightingRow(seen: Sighting, base: number): SightingRow {
  const row: SightingRow = [
    seen.status,
    seen.toTag,
    seen.rseq,
    seen.media,
    seen.variant,
    seen.at - base,
    seen.cause,
    seen.primaryAt - seen.at,
    seen.agent,
    seen.bytes
  ]
  const { directions, rackCseq, allow } = seen
  if (allow !== '') row.push(seen.body, seen.repeats, marksOf(seen), directions, rackCseq, allow)
  else if (rackCseq !== 0 || directions !== '') {
    row.push(seen.body, seen.repeats, marksOf(seen), directions, rackCseq)
  } else if (seen.repeats !== 0 || marksOf(seen) !== 0) row.push(seen.body, seen.repeats, marksOf(seen))
  else if (seen.body !== 0) row.push(seen.body)
  return row
}

function readSighting(row: SightingRow, base: number, mediaAt = ''): Sighting {
  const [status, toTag, rseq, media, variant, after, cause, primary, agent, bytes, ...rare] = row
  const [body = 0, repeats = 0, marks = 0, directions = '', rackCseq = 0, allow = ''] = rare
  const at = epochMicros(base + after)
  return {
    status,
    toTag,
    rseq,
    media: typeof media === 'string' ? media : mediaOfFirstVersion(status, media),
    variant,
    at,
    cause,
    primaryAt: epochMicros(at + primary),
    agent,
    bytes,
    body,
    directions,
    reliable: typeof media === 'string' ? (marks & RELIABLE) !== 0 : rseq > 0,
    retryAfter: (marks & RETRY_AFTER) !== 0,
    rackCseq,
    allow,
    repeats,
    mediaAt
  }
}

const finalRow = ({ status, at, toTag, cause, vias }: Final, base: number): FinalRow => [
  status,
  at - base,
  toTag,
  cause,
  vias
]

const readFinal = ([status, at, toTag, cause, vias]: FinalRow, base: number): Final => ({
  status,
  at: epochMicros(base + at),
  toTag,
  cause,
  vias
})

const readCancel = ([at, cause, sipCause]: CancelRow, base: number): Cancel => ({
  at: epochMicros(base + at),
  cause,
  sipCause
})

const readCopies = ([duplicates, retransmissions, refreshes]: CopiesRow): CopyCounts => ({
  duplicates,
  retransmissions,
  refreshes
})

const REQUESTED = 1
const ANSWERED = 2
const EXPIRED = 4

const RELIABLE = 1
const RETRY_AFTER = 2

const marksOf = ({ reliable, retryAfter }: Sighting): number =>
  (reliable ? RELIABLE : 0) | (retryAfter ? RETRY_AFTER : 0)

/** Version 1 kept of a response only that it was described, and of a request not even that. */
const mediaOfFirstVersion = (status: number, described: number): string =>
  status === 0 || described === 1 ? UNKNOWN_MEDIA : NO_MEDIA

const flagsOf = ({ requested, answered, expired }: Transaction): number =>
  (requested ? REQUESTED : 0) | (answered ? ANSWERED : 0) | (expired ? EXPIRED : 0)
