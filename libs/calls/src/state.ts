import type { MediaReport } from '@earshot/rtp'
import type { Endpoint, EpochMicros, Transport } from '@earshot/units'
import type { Direction } from './party.ts'
import type { RejectionRecord } from './records.ts'
import type { Standing } from './attempt.ts'

/*
 * What is kept of a call while it is open. All of it is plain data, so that a snapshot is its JSON.
 * Facts stand in the transactions; attempts only group them, and whatever a record says is derived from
 * the facts when it is asked for. That keeps the order in which they came out of the figures.
 */

/** One distinct message of a transaction (TX-3); its copies only move `primaryAt`. */
export type Sighting = {
  /** 0 for the request. */
  readonly status: number
  /** Of a request only where it is a PRACK, UPDATE or BYE, which belong to a dialog. */
  readonly toTag: string
  /** RSeq; of a PRACK that of its RAck. */
  readonly rseq: number
  /** What its description says of media (`media-text.ts`), where that may decide something: not in a re-INVITE. */
  readonly media: string
  /** Checksum over what else tells two messages of a kind apart: o= line, P-Early-Media, Reason. */
  readonly variant: number
  readonly at: EpochMicros
  /** Q.850 cause of its Reason, 0 without one. */
  readonly cause: number
  /** The last copy that was not a duplicate, and who saw it with which bytes (checksum). */
  primaryAt: EpochMicros
  agent: string
  bytes: number
  /** Checksum of the description; 0 without one. */
  readonly body: number
  /** Directions of P-Early-Media, joined by blanks; '' without one. */
  readonly directions: string
  /** A response that asks for a PRACK: Require: 100rel and RSeq (RFC 3262 §3). */
  readonly reliable: boolean
  /** It says when to try again. */
  readonly retryAfter: boolean
  /** CSeq number in the RAck of a PRACK for an INVITE; 0 elsewhere. */
  readonly rackCseq: number
  /** Allow of a 405 or 501 to PRACK or UPDATE, as written. */
  readonly allow: string
  /** How often it was retransmitted. */
  repeats: number
  /** Where its description wants audio sent (`endpointText`); '' without one, or where it was not kept. */
  readonly mediaAt: string
}

export type Final = {
  readonly status: number
  readonly at: EpochMicros
  readonly toTag: string
  /** Q.850 cause of its Reason, 0 without one. */
  readonly cause: number
  readonly vias: number
}

export type Cancel = {
  readonly at: EpochMicros
  /** Q.850 and SIP causes of its Reason, 0 without one. */
  readonly cause: number
  readonly sipCause: number
}

export type CopyCounts = { duplicates: number; retransmissions: number; refreshes: number }

/** Made by `newTransaction` and `readCall`, with the fields in this order: one shape is read faster than several. */
export type Transaction = {
  readonly branch: string
  readonly sentBy: string
  readonly method: string
  readonly cseq: number
  readonly fromTag: string
  readonly requester: Endpoint
  readonly transport: Transport
  /** Where the request went, until the first response tells who answers. */
  responder: Endpoint
  /** Time of the request, or of the first response where the request was not seen. */
  startedAt: EpochMicros
  requested: boolean
  answered: boolean
  /** Its attempt ended while it had no final: a final is late now (TX-10). */
  expired: boolean
  touchedAt: EpochMicros
  seen: readonly Sighting[]
  /** Responses seen, copies included. */
  responses: number
  /** What came after its limit: known, so that a copy is a copy, and otherwise without meaning (TX-10). */
  late: readonly Sighting[]
  /** Last 18x or refresh (TX-10). */
  progressAt: EpochMicros
  /** The first final other than 2xx, and the first 2xx. */
  failure: Final | undefined
  success: Final | undefined
  cancel: Cancel | undefined
  role: Role
  /** Copies counted while `role` is 'unclaimed': they become orphans or are added when the attempt is found. */
  unclaimed: CopyCounts | undefined
  /** What an initial INVITE says of the other legs of its call (`leg-keys.ts`). */
  legKeys: readonly string[]
}

/**
 * What a transaction is to the call: part of the open attempt of that number; of one that has ended; an INVITE
 * response that still waits for its request or attempt; one that waited in vain; or not an attempt's at all.
 */
export type Role = number | 'ended' | 'unclaimed' | 'orphan' | 'other'

export type Attempt = {
  readonly id: number
  readonly fromTag: string
  readonly peer: string
  readonly direction: Direction
  readonly from: string
  readonly to: string
  /** BYEs inside its early dialogs: To-tag and time. */
  byes: readonly { readonly toTag: string; readonly at: EpochMicros }[]
  /** To-tags of dialogs in which a PRACK or UPDATE has settled descriptions. */
  settled: readonly string[]
  /** How it stood when last told (see Standings). */
  shown: Standing | undefined
  /** It was told to occupy its peer (see Occupancy). */
  occupies: boolean
}

/** Media on its way from one endpoint to another, as reports and packets told of it (EM-11). */
export type Flow = {
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly from: MediaReport['from']
  /** When packets had been seen first; Infinity while none had. */
  packetsAt: number
  /** When it was told last that there had been none; -Infinity where nobody said so. */
  silentAt: number
}

export type PendingRejection = {
  /** Method, CSeq, From-tag and status: with its record, what tells its transaction. */
  readonly hop: string
  readonly due: EpochMicros
  /** Server of the answer, where it was known. */
  readonly agent?: string
  readonly record: RejectionRecord
}

/** An answered attempt whose call has not ended: all that its end needs to know of it. */
export type Established = {
  /** Of the attempt's record. */
  readonly id: string
  readonly fromTag: string
  readonly toTag: string
  readonly peer: string
  readonly direction: Direction
  readonly answeredAt: EpochMicros
  readonly registry: string
  /** Told of its attempt (see Occupancy). */
  readonly occupies: boolean
  /** Infinity while no BYE was seen; see `call-end.ts`. */
  endKnownAt: number
}

/** An attempt that figures have counted, so that its call is not counted twice (K-5). */
export type CountedAttempt = {
  readonly fromTag: string
  readonly peer: string
  readonly direction: Direction
  readonly group: string
  readonly answered: boolean
}

/** All that shares a Call-ID. */
export type Call = {
  readonly callId: string
  transactions: readonly Transaction[]
  attempts: readonly Attempt[]
  rejections: readonly PendingRejection[]
  /** Forgotten when no attempt is open. */
  flows: readonly Flow[]
  nextAttempt: number
  /** From-tags that made a call, and those of them that were answered. */
  fromTags: readonly string[]
  answered: readonly string[]
  /** Answered attempts whose call goes on. */
  established: readonly Established[]
  counted: readonly CountedAttempt[]
  touchedAt: EpochMicros
  /** About how many characters all this has; see `room.ts`. */
  weight: number
  /** When the call wants to be looked at; see CallStore. */
  dueAt: number
}
