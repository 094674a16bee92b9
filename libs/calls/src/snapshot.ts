import type { Endpoint, EpochMicros, Transport } from '@earshot/units'
import { NO_MEDIA, UNKNOWN_MEDIA } from './media-text.ts'
import { readStanding, standingRow, type StandingRow } from './standing-row.ts'
import type { Direction } from './party.ts'
import type {
  Attempt,
  Call,
  Cancel,
  CopyCounts,
  CountedAttempt,
  Established,
  Final,
  Flow,
  Role,
  Sighting,
  ToldRejection,
  Transaction
} from './state.ts'

/**
 * Raised where an older reader would misread; what is new stands behind and is optional. Each version that was ever
 * written stays readable (testdata/state).
 */
const VERSION = 2

/*
 * A call as text: JSON of rows without names, times as differences to the call's newest message, so that a call at
 * rest and a changelog record are small. names that the call has anyway are not repeated.
 */

type EndpointRow = [address: string, port: number]

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

type TransactionRow = [
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
  cancel: [at: number, cause: number, sipCause: number] | 0,
  unclaimed: [duplicates: number, retransmissions: number, refreshes: number] | 0,
  late: SightingRow[],
  responses: number,
  /** Left out where there are none, as before there were any. */
  legKeys?: readonly string[],
  /** Where the descriptions in `seen` want media sent; absent where none says it. */
  mediaAt?: string
]

type AttemptRow = [
  id: number,
  fromTag: string,
  peer: string,
  direction: Attempt['direction'],
  from: string,
  to: string,
  byes: [toTag: string, at: number][],
  shown: StandingRow | 0,
  /** Since version 2. */
  settled?: readonly string[],
  /** 1 where it was told to occupy its peer; absent from the first texts of format 2. */
  occupies?: 1
]

type CallRow = [
  version: number,
  callId: string,
  touchedAt: number,
  dueAfter: number | null,
  nextAttempt: number,
  fromTags: readonly string[],
  answered: readonly string[],
  attempts: AttemptRow[],
  rejections: Call['rejections'],
  told: readonly ToldRejection[],
  transactions: TransactionRow[],
  weight: number,
  /** Absent where there are none, as those of the first format 2 were. */
  established?: EstablishedRow[],
  counted?: CountedRow[],
  flows?: FlowRow[]
]

type FlowRow = [
  source: EndpointRow,
  destination: EndpointRow,
  from: Flow['from'],
  packetsAt: number | null,
  silentAt: number | null
]

type EstablishedRow = [
  id: string,
  fromTag: string,
  toTag: string,
  peer: string,
  direction: Direction,
  answeredAt: number,
  registry: string,
  /** null while no BYE was seen. */
  endKnownAt?: number | null,
  occupies?: 1
]

type CountedRow = [fromTag: string, peer: string, direction: Direction, group: string, answered: 0 | 1]

/** The state of one call as text. */
export function writeCall(call: Call): string {
  const rows = new Writer(call.touchedAt)
  const row: CallRow = [
    VERSION,
    call.callId,
    call.touchedAt,
    call.dueAt - call.touchedAt,
    call.nextAttempt,
    call.fromTags,
    call.answered,
    call.attempts.map(attempt => rows.attempt(attempt)),
    call.rejections,
    call.told,
    call.transactions.map(transaction => rows.transaction(transaction)),
    call.weight
  ]
  const { established, counted, flows } = call
  if (established.length > 0 || counted.length > 0 || flows.length > 0) {
    row.push(established.map(each => rows.established(each)))
  }
  if (counted.length > 0 || flows.length > 0) row.push(counted.map(each => rows.counted(each)))
  if (flows.length > 0) row.push(flows.map(flow => rows.flow(flow)))
  return JSON.stringify(row)
}

/** @throws when a later version wrote it: an older program must not guess. */
export function readCall(text: string): Call {
  const row = JSON.parse(text) as CallRow
  const [version, callId, touchedAt, dueAfter, nextAttempt, fromTags, answered, attempts, ...rest] = row
  const [rejections, told, transactions, weight, established = [], counted = [], flows = []] = rest
  if (version > VERSION) {
    throw new Error(`The state of a call has format ${version}; this version of Earshot reads up to ${VERSION}`)
  }
  const rows = new Reader(touchedAt)
  return {
    callId,
    transactions: transactions.map(each => rows.transaction(each)),
    attempts: attempts.map(each => rows.attempt(each)),
    rejections,
    told: [...told],
    flows: flows.map(flow => rows.flow(flow)),
    nextAttempt,
    fromTags: [...fromTags],
    answered: [...answered],
    established: established.map(each => rows.established(each)),
    counted: counted.map(each => rows.counted(each)),
    touchedAt: touchedAt as EpochMicros,
    weight,
    dueAt: dueAfter === null ? Infinity : touchedAt + dueAfter
  }
}

class Writer {
  readonly #base: number

  constructor(base: number) {
    this.#base = base
  }

  attempt({ id, fromTag, peer, direction, from, to, byes, shown, settled, occupies }: Attempt): AttemptRow {
    const standing = shown ? standingRow(shown) : 0
    const row: AttemptRow = [
      id,
      fromTag,
      peer,
      direction,
      from,
      to,
      byes.map(bye => [bye.toTag, bye.at - this.#base]),
      standing
    ]
    if (occupies) row.push(settled, 1)
    else if (settled.length > 0) row.push(settled)
    return row
  }

  established(own: Established): EstablishedRow {
    const { id, fromTag, toTag, peer, direction, answeredAt, registry, endKnownAt } = own
    const row: EstablishedRow = [id, fromTag, toTag, peer, direction, answeredAt - this.#base, registry]
    const known = endKnownAt < Infinity ? endKnownAt - this.#base : null
    if (own.occupies) row.push(known, 1)
    else if (known !== null) row.push(known)
    return row
  }

  counted({ fromTag, peer, direction, group, answered }: CountedAttempt): CountedRow {
    return [fromTag, peer, direction, group, answered ? 1 : 0]
  }

  transaction(own: Transaction): TransactionRow {
    const { cancel, unclaimed } = own
    const row: TransactionRow = [
      own.branch,
      own.sentBy,
      own.method,
      own.cseq,
      own.fromTag,
      [own.requester.address, own.requester.port],
      own.transport,
      [own.responder.address, own.responder.port],
      own.startedAt - this.#base,
      flagsOf(own),
      own.touchedAt - this.#base,
      own.progressAt - this.#base,
      own.role,
      own.seen.map(each => this.#sighting(each)),
      this.#final(own.failure),
      this.#final(own.success),
      cancel ? [cancel.at - this.#base, cancel.cause, cancel.sipCause] : 0,
      unclaimed ? [unclaimed.duplicates, unclaimed.retransmissions, unclaimed.refreshes] : 0,
      own.late.map(each => this.#sighting(each)),
      own.responses
    ]
    if (own.seen.some(({ mediaAt }) => mediaAt !== '')) {
      row.push(own.legKeys, own.seen.map(({ mediaAt }) => mediaAt).join())
    } else if (own.legKeys.length > 0) row.push(own.legKeys)
    return row
  }

  flow({ source, destination, from, packetsAt, silentAt }: Flow): FlowRow {
    const after = (at: number): number | null => (Number.isFinite(at) ? at - this.#base : null)
    return [
      [source.address, source.port],
      [destination.address, destination.port],
      from,
      after(packetsAt),
      after(silentAt)
    ]
  }

  #sighting(seen: Sighting): SightingRow {
    const row: SightingRow = [
      seen.status,
      seen.toTag,
      seen.rseq,
      seen.media,
      seen.variant,
      seen.at - this.#base,
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

  #final(final: Final | undefined): FinalRow | 0 {
    return final ? [final.status, final.at - this.#base, final.toTag, final.cause, final.vias] : 0
  }
}

class Reader {
  readonly #base: number

  constructor(base: number) {
    this.#base = base
  }

  attempt([id, fromTag, peer, direction, from, to, byes, shown, settled = [], occupies]: AttemptRow): Attempt {
    return {
      id,
      fromTag,
      peer,
      direction,
      from,
      to,
      byes: byes.map(([toTag, at]) => ({ toTag, at: this.#time(at) })),
      settled: [...settled],
      shown: shown === 0 ? undefined : readStanding(peer, direction, shown),
      occupies: occupies === 1
    }
  }

  established(row: EstablishedRow): Established {
    const [id, fromTag, toTag, peer, direction, answeredAt, registry, endKnownAt, occupies] = row
    const times = { answeredAt: this.#time(answeredAt), endKnownAt: this.#time(endKnownAt ?? Infinity) }
    return { id, fromTag, toTag, peer, direction, registry, occupies: occupies === 1, ...times }
  }

  counted([fromTag, peer, direction, group, answered]: CountedRow): CountedAttempt {
    return { fromTag, peer, direction, group, answered: answered === 1 }
  }

  transaction([
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
  ]: TransactionRow): Transaction {
    const endpoints = mediaAt.split(',')
    return {
      branch,
      sentBy,
      method,
      cseq,
      fromTag,
      requester: endpoint(requesterRow),
      transport,
      responder: endpoint(responderRow),
      startedAt: this.#time(startedAt),
      requested: (flags & REQUESTED) !== 0,
      answered: (flags & ANSWERED) !== 0,
      expired: (flags & EXPIRED) !== 0,
      touchedAt: this.#time(touchedAt),
      seen: seen.map((each, index) => this.#sighting(each, endpoints[index])),
      responses,
      late: late.map(each => this.#sighting(each)),
      progressAt: this.#time(progressAt),
      failure: failure === 0 ? undefined : this.#final(failure),
      success: success === 0 ? undefined : this.#final(success),
      cancel: cancel === 0 ? undefined : this.#cancel(cancel),
      role,
      unclaimed: unclaimed === 0 ? undefined : copies(unclaimed),
      legKeys
    }
  }

  flow([source, destination, from, packetsAt, silentAt]: FlowRow): Flow {
    return {
      source: endpoint(source),
      destination: endpoint(destination),
      from,
      packetsAt: packetsAt === null ? Infinity : this.#time(packetsAt),
      silentAt: silentAt === null ? -Infinity : this.#time(silentAt)
    }
  }

  #sighting(row: SightingRow, mediaAt = ''): Sighting {
    const [status, toTag, rseq, media, variant, after, cause, primary, agent, bytes, ...rare] = row
    const [body = 0, repeats = 0, marks = 0, directions = '', rackCseq = 0, allow = ''] = rare
    const at = this.#time(after)
    return {
      status,
      toTag,
      rseq,
      media: typeof media === 'string' ? media : mediaOfFirstVersion(status, media),
      variant,
      at,
      cause,
      primaryAt: (at + primary) as EpochMicros,
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

  #final([status, at, toTag, cause, vias]: FinalRow): Final {
    return { status, at: this.#time(at), toTag, cause, vias }
  }

  #cancel([at, cause, sipCause]: [number, number, number]): Cancel {
    return { at: this.#time(at), cause, sipCause }
  }

  #time(after: number): EpochMicros {
    return (this.#base + after) as EpochMicros
  }
}

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

const endpoint = ([address, port]: EndpointRow): Endpoint => ({ address, port })

const copies = ([duplicates, retransmissions, refreshes]: [number, number, number]): CopyCounts => ({
  duplicates,
  retransmissions,
  refreshes
})
