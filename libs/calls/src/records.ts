import type { EpochMicros } from '@earshot/units'
import type { Direction } from './party.ts'
import { faults } from './usable.ts'

export const outcomes = [
  'answered',
  'redirected',
  'busy',
  'cancelled',
  'no_answer',
  'unavailable',
  'timeout',
  'not_found',
  'incompatible',
  'declined',
  'congestion',
  'server_error',
  'rejected',
  'open'
] as const
export type Outcome = (typeof outcomes)[number]

/** From the least to the most that was heard of the callee before the answer (EM-2). */
export const earlyClasses = [
  'none',
  'ringing',
  'progress',
  'precondition',
  'vetoed',
  'unusable',
  'early_media'
] as const
export type EarlyClass = (typeof earlyClasses)[number]

export type CancelKind = 'elsewhere' | 'rejected_elsewhere' | 'caller' | 'unseen'

/** Where figures are summed: the peer, or the group of peers that the registry puts it in. */
export type CallScope = 'peer' | 'group'

/** How often early dialogs went from one to the other (EM-13). */
export type Transitions = { readonly from183To180: number; readonly from180To183: number }

/** What a diagnosis can say (EM-12). */
export const diagnosisCodes = [
  ...faults,
  'offer_unanswered',
  'illegal_offer_unreliable',
  'precondition_unmet',
  'p_early_media_inactive',
  'prack_missing',
  'prack_rejected',
  'announced_cause',
  'silence_risk',
  'no_ringing_no_media_evidence'
] as const
export type DiagnosisCode = (typeof diagnosisCodes)[number]

/** What to check, and the facts of both sides that say so (EM-12). */
export type Diagnosis = {
  readonly codes: readonly DiagnosisCode[]
  /** For people: what was offered, what was answered, and what follows. */
  readonly text: string
}

/** The message that a code of the diagnosis judges: the first of its copies. */
export type AtFault = {
  readonly code: DiagnosisCode
  readonly at: EpochMicros
  /** Of the transaction, and 0 where it is the request. */
  readonly method: string
  readonly status: number
}

/** From, to. */
export type Span = readonly [from: EpochMicros, to: EpochMicros]

/** What RFC 3398 §7.2.4.1 makes of the final's own cause. */
export type CauseMapping = {
  readonly status: number
  /** The final has that status, or another one that the RFC permits for the cause. */
  readonly followed: boolean
}

/** Everything the product says of one call attempt. Emitted once, when its end has passed (TX-8). */
export type AttemptRecord = {
  readonly kind: 'attempt'
  /** Hash of the attempt's key and its first INVITE's time: the same from any replay. */
  readonly id: string
  readonly callId: string
  readonly peer: string
  readonly direction: Direction
  /** Address of the responder. */
  readonly responder: string
  readonly from: string
  readonly to: string
  readonly startedAt: EpochMicros
  /** The final that decided, else the attempt's last message. */
  readonly endedAt: EpochMicros
  /**
   * When the clock closed it, as nothing could follow any more (TX-8, TX-10): never before that of a record given out
   * earlier, so that the sums of a minute are complete once the watermark has passed it. Absent in older records.
   */
  readonly closedAt?: EpochMicros
  readonly class: EarlyClass
  readonly outcome: Outcome
  /** Status of the final that decided; 0 without one. */
  readonly status: number
  readonly cancel?: CancelKind
  /** First 18x, 0 without one. */
  readonly firstCode: number
  /** A 180 was seen. */
  readonly alerted: boolean
  readonly earlyMediaSeconds: number
  /** When that was, in order and apart from each other; absent where there was none. */
  readonly earlyMediaSpans?: readonly Span[]
  readonly responses183: { readonly withSdp: number; readonly withoutSdp: number }
  /** INVITE transactions seen, and the finals that the caller answered with another INVITE. */
  readonly transactions: number
  readonly retries: readonly number[]
  readonly earlyCause?: number
  readonly finalCause?: number
  readonly cancelCause?: number
  readonly effectiveCause?: number
  /** Absent where the final has no cause that the RFC maps. */
  readonly causeMapping?: CauseMapping
  /** A hint: SIP cannot prove sound (EM-10). */
  readonly announcement?: 'probable' | 'possible'
  /** Whether RTP was seen (EM-11); absent where no early media could play. */
  readonly mediaEvidence?: 'unverified' | 'seen' | 'none_seen'
  /** Seconds from the INVITE that got it to the first 183, and to the moment when early media could play (EM-13). */
  readonly timeTo183?: number
  readonly timeToEarlyMedia?: number
  /** From the first 180 to the end. */
  readonly ringSeconds?: number
  /** Seconds to the first 18x or 2xx, without one to the failure; SRD of RFC 6076 §4.3. */
  readonly sessionRequestDelay?: number
  /** Where an earlier attempt of the call stands for the call, and where one for its answer (K-5); absent if nowhere. */
  readonly repeats?: readonly CallScope[]
  readonly answerRepeats?: readonly CallScope[]
  /** Absent where there were none. */
  readonly transitions?: Transitions
  readonly diagnosis?: Diagnosis
  /** Of each code of the diagnosis, where there is one. */
  readonly atFault?: readonly AtFault[]
  /** By what its INVITEs can be told to belong to other legs of the call (LG-1); absent where they do not say. */
  readonly legKeys?: readonly string[]
  readonly flags: readonly string[]
  readonly registry: string
}

/**
 * The end of an answered call, once for each of its answered attempts: when its BYE was answered or could not be any
 * more, or when the call was followed no longer.
 */
export type CallEndRecord = {
  readonly kind: 'call_end'
  /** Of the attempt that was answered. */
  readonly id: string
  readonly callId: string
  readonly peer: string
  readonly direction: Direction
  readonly answeredAt: EpochMicros
  /** The first BYE; without any, when the call was given up. */
  readonly endedAt: EpochMicros
  /** Who sent that BYE. */
  readonly release: 'caller' | 'callee' | 'unseen'
  /** From the 2xx to the BYE; SDT of RFC 6076 §4.5. Absent where no BYE was seen. */
  readonly talkSeconds?: number
  /** From the BYE to its final, challenges included; SDD of RFC 6076 §4.4. Absent where there was none. */
  readonly disconnectDelay?: number
  /** 2xx if any BYE of the dialog got one, of either side; else its final, 0 without one. */
  readonly byeStatus: number
  /** Q.850, of the BYE. */
  readonly cause?: number
  readonly registry: string
}

/** A request answered 501 or 405, once per transaction (MC-1 to MC-5). */
export type RejectionRecord = {
  readonly kind: 'rejection'
  readonly id: string
  readonly at: EpochMicros
  readonly callId: string
  readonly peer: string
  readonly direction: Direction
  readonly requester: string
  readonly responder: string
  readonly method: string
  readonly code: number
  readonly vias: number
  /** Seen nearest to where it was made; only such feed regressions. */
  readonly origin: boolean
  /** An INVITE refused for a reason of the telephone network (MC-3). */
  readonly pstnCause?: number
  readonly registry: string
}

export type AllowSource = 'options' | 'provisional' | 'answer' | '405' | '501'

/** A responder's Allow, where it differs from its last one of the same source (MC-7). */
export type AllowRecord = {
  readonly kind: 'allow'
  readonly at: EpochMicros
  readonly peer: string
  readonly source: AllowSource
  readonly methods: readonly string[]
}

/** How often a peer answered a method so within one second of event time, once per transaction (MC-6). Rows add up. */
export type MethodEvidence = {
  readonly kind: 'method'
  /** Since 1970. */
  readonly second: number
  readonly peer: string
  /** Server or User-Agent of its answers; '' without one. */
  readonly agent: string
  readonly method: string
  readonly code: number
  readonly count: number
  /** The first by name of those counted. */
  readonly callId: string
}

/** How many messages of a peer had this Allow within one second of event time (MC-7). Rows add up. */
export type AllowEvidence = {
  readonly kind: 'allowed'
  /** Since 1970. */
  readonly second: number
  readonly peer: string
  readonly agent: string
  /** Beside an answer's, the Allow of whoever sends a request. */
  readonly source: AllowSource | 'request'
  /** Sorted, each once. */
  readonly methods: readonly string[]
  readonly count: number
}

/** What came and went at a peer within one second of event time (K-4). Rows add up. */
export type LoadEvidence = {
  readonly kind: 'load'
  /** Since 1970. */
  readonly second: number
  readonly peer: string
  readonly direction: Direction
  /** Attempts begun. */
  readonly attempts: number
  /** Calls, in setup or answered, that began to occupy the peer, less those that left it. */
  readonly calls: number
}

export type Evidence = MethodEvidence | AllowEvidence | LoadEvidence

export type CallsRecord = AttemptRecord | CallEndRecord | RejectionRecord | AllowRecord

/** Counts of messages, and of calls (Call-ID + From-tag that made an attempt). */
export type Counts = {
  sip: number
  unparsable: number
  retransmissions: number
  duplicates: number
  refreshes: number
  orphans: number
  late: number
  /** Not looked at, because too much is kept of its Call-ID already (a flood). */
  notKept: number
  calls: number
}

export const noCounts = (): Counts => ({
  sip: 0,
  unparsable: 0,
  retransmissions: 0,
  duplicates: 0,
  refreshes: 0,
  orphans: 0,
  late: 0,
  notKept: 0,
  calls: 0
})
