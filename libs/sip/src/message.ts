import { readParty, readTag } from './address.ts'
import {
  ALLOW,
  CSEQ,
  P_CHARGING_VECTOR,
  P_EARLY_MEDIA,
  RACK,
  REASON,
  REQUIRE,
  RETRY_AFTER,
  RSEQ,
  SERVER,
  SESSION_ID,
  SUPPORTED,
  USER_AGENT,
  headerName
} from './header-names.ts'
import { linesNamed, linesOf, splitLines } from './header-lines.ts'
import type { HeaderIndex } from './headers.ts'
import { readIcid, readSessionIds } from './leg-headers.ts'
import { readMethod } from './methods.ts'
import { findDescription } from './multipart.ts'
import { element, equalsIgnoringCase, text } from './octets.ts'
import type { Range } from './parameters.ts'
import { readReason } from './reason.ts'
import type { Reason } from './reason.ts'
import { readCSeq, readRAck, readRSeq } from './sequence.ts'
import type { CSeq, RAck } from './sequence.ts'
import type { StartLine } from './start-line.ts'
import { readVia } from './via.ts'
import type { Via } from './via.ts'

/** Why a message with a SIP start line cannot be counted and correlated; `offset` is into its bytes. */
export type SipProblem = {
  readonly code: 'missing-call-id' | 'missing-cseq' | 'bad-cseq' | 'cseq-method-mismatch'
  readonly offset: number
}

/**
 * A message with a SIP start line. Total: whatever the bytes are, every getter has a value, and none is read past the
 * blank line but `body` and `description`. Getters scan on first use; the strings are copies that keep no packet alive,
 * while `bytes`, `body` and `description` are views of it.
 *
 * Of headers that may occur once and occur twice (RFC 4475 §3.3.8) the first rules; of lists the first 128 values count.
 */
export class SipMessage {
  readonly isRequest: boolean
  /** 0 for a request. */
  readonly status: number
  /** All ranges below are into this payload, which may hold other messages too. */
  readonly #payload: Buffer
  readonly #end: number
  readonly #line: StartLine
  readonly #index: HeaderIndex
  #method: string | undefined
  #callId: string | undefined
  #cseq: CSeq | undefined
  #fromTag: string | undefined
  #toTag: string | undefined
  #via: Via | undefined
  #allowText: string | undefined

  /** `line` and `index` are what was read of `payload`, `end` is where the body ends; made by `readSip`. */
  constructor(payload: Buffer, line: StartLine, index: HeaderIndex, end: number) {
    this.isRequest = line.isRequest
    this.status = line.status
    this.#payload = payload
    this.#end = end
    this.#line = line
    this.#index = index
  }

  /** From the start line to the end of the body. */
  get bytes(): Buffer {
    return this.#view(this.#line.at, this.#end)
  }

  /** Case-sensitive; '' for a response. */
  get method(): string {
    return (this.#method ??= readMethod(this.#payload, this.#line.at, this.#line.methodEnd))
  }

  /** '' for a response. */
  get requestUri(): string {
    return element(this.#payload, this.#line.uriAt, this.#line.uriEnd)
  }

  /** '' when missing. */
  get callId(): string {
    return (this.#callId ??= element(this.#payload, this.#index.callIdAt, this.#index.callIdEnd))
  }

  /** -1 when missing, malformed, or 2³¹ and more (RFC 3261 §8.1.1.5). */
  get cseq(): number {
    return this.#readCSeq().number
  }

  /** '' when missing. */
  get cseqMethod(): string {
    return this.#readCSeq().method
  }

  /** '' when absent: a missing tag is the empty tag. */
  get fromTag(): string {
    return (this.#fromTag ??= readTag(this.#payload, this.#index.fromAt, this.#index.fromEnd))
  }

  get toTag(): string {
    return (this.#toTag ??= readTag(this.#payload, this.#index.toAt, this.#index.toEnd))
  }

  /** Via values of all headers together, repeated and comma-joined. */
  get viaCount(): number {
    return this.#index.viaCount
  }

  /** Of the top Via, as on the wire; '' when absent. */
  get branch(): string {
    return this.#readTopVia().branch
  }

  /** Of the top Via: host in lower case, ':' and the port, the transport's default where none is written. */
  get sentBy(): string {
    return this.#readTopVia().sentBy
  }

  /** The top Via value as written, folds apart. */
  get topVia(): string {
    return element(this.#payload, this.#index.topViaAt, this.#index.topViaEnd)
  }

  /** The calling party of From, `user@host` or a number; '' when unreadable. */
  get fromUri(): string {
    return readParty(this.#payload, this.#index.fromAt, this.#index.fromEnd)
  }

  /** The called party of To, as `fromUri`. */
  get toUri(): string {
    return readParty(this.#payload, this.#index.toAt, this.#index.toEnd)
  }

  /** RSeq of a reliable provisional response (RFC 3262 §7.1); undefined when missing or not 1 to 2³²-1. */
  get rseq(): number | undefined {
    const line = this.#first(RSEQ)
    return line && readRSeq(this.#payload, line.at, line.end)
  }

  /** undefined when missing or malformed. */
  get rack(): RAck | undefined {
    const line = this.#first(RACK)
    return line && readRAck(this.#payload, line.at, line.end)
  }

  /** Whether Require names the option tag, in any case. */
  requires(option: string): boolean {
    return this.#names(REQUIRE, option)
  }

  /** Whether Supported names the option tag, in any case. */
  supports(option: string): boolean {
    return this.#names(SUPPORTED, option)
  }

  /** undefined without an Allow header; an empty one is an empty list (RFC 3261 §20.5: absent is not empty). */
  get allow(): readonly string[] | undefined {
    if (!this.#index.has(ALLOW)) return undefined
    return this.#values(ALLOW).map(({ at, end }) => readMethod(this.#payload, at, end))
  }

  get hasAllow(): boolean {
    return this.#index.has(ALLOW)
  }

  /** Where Allow is in the message, to its last value: equal text, equal methods. '' without one. */
  get allowText(): string {
    return (this.#allowText ??= this.#payload.toString('latin1', this.#index.allowAt, this.#index.allowEnd))
  }

  get reasons(): readonly Reason[] {
    if (!this.#index.has(REASON)) return none
    return this.#values(REASON).map(({ at, end }) => readReason(this.#payload, at, end))
  }

  /** P-Early-Media as written (RFC 5009), repeated headers joined by a comma. */
  get pEarlyMedia(): string | undefined {
    if (!this.#index.has(P_EARLY_MEDIA)) return undefined
    return this.#texts(linesOf(this.#payload, this.#index, P_EARLY_MEDIA)).join(', ')
  }

  /** The UUIDs of Session-ID that are known, its sender's first (RFC 7989). */
  get sessionIds(): readonly string[] {
    const value = this.#text(SESSION_ID)
    return value === undefined ? none : readSessionIds(value)
  }

  /** icid-value of P-Charging-Vector (RFC 7315 §5.6), which the legs of a call share; '' without one. */
  get icid(): string {
    return readIcid(this.#text(P_CHARGING_VECTOR) ?? '')
  }

  get retryAfter(): string | undefined {
    return this.#text(RETRY_AFTER)
  }

  /** User-Agent of a request, Server of a response; the other one where a peer sends only that. '' when absent. */
  get agentName(): string {
    const index = this.#index
    const reads = index.has(SERVER) && !(this.isRequest && index.has(USER_AGENT)) ? SERVER : USER_AGENT
    return reads === SERVER
      ? text(this.#payload, index.serverAt, index.serverEnd)
      : text(this.#payload, index.userAgentAt, index.userAgentEnd)
  }

  /** The first header of that name (long or compact, any case), unfolded; undefined when there is none. */
  header(name: string): string | undefined {
    return this.#texts(linesNamed(this.#payload, this.#index, headerName(name)))[0]
  }

  /** All headers of that name, their values split at commas where the header's grammar is a list. */
  headers(name: string): readonly string[] {
    const wanted = headerName(name)
    const lines = linesNamed(this.#payload, this.#index, wanted)
    return this.#texts(wanted.isList ? splitLines(this.#payload, lines) : lines)
  }

  /** Ends with the message: at Content-Length, or the end of the datagram (RFC 3261 §18.3). */
  get body(): Buffer {
    return this.#view(this.#index.end, this.#end)
  }

  /** The bytes of the session description, the body or a part of a multipart one; undefined without one. */
  get description(): Buffer | undefined {
    const { end: at, contentTypeAt: typeAt, contentTypeEnd: typeEnd } = this.#index
    if (typeAt === typeEnd || at === this.#end) return undefined
    const found = findDescription(this.#payload, { at, end: this.#end, typeAt, typeEnd })
    return found && this.#view(found.at, found.end)
  }

  /**
   * What keeps the message from being counted and correlated. A request whose CSeq names another method is one
   * (RFC 4475 §3.1.2.17, §3.1.2.18: answered 400): to believe either would count a call that nobody makes.
   */
  get problem(): SipProblem | undefined {
    const index = this.#index
    if (index.callIdAt === index.callIdEnd) return this.#problem('missing-call-id', index.end)
    if (!index.has(CSEQ)) return this.#problem('missing-cseq', index.end)
    const { number, method } = this.#readCSeq()
    if (number < 0 || method === '') return this.#problem('bad-cseq', index.cseqAt)
    if (this.isRequest && method !== this.method) return this.#problem('cseq-method-mismatch', index.cseqAt)
    return undefined
  }

  #problem(code: SipProblem['code'], offset: number): SipProblem {
    return { code, offset: offset - this.#line.at }
  }

  #view(at: number, end: number): Buffer {
    return at === 0 && end === this.#payload.length ? this.#payload : this.#payload.subarray(at, end)
  }

  #readCSeq(): CSeq {
    return (this.#cseq ??= readCSeq(this.#payload, this.#index.cseqAt, this.#index.cseqEnd))
  }

  #readTopVia(): Via {
    return (this.#via ??= readVia(this.#payload, this.#index.topViaAt, this.#index.topViaEnd))
  }

  #first(id: number): Range | undefined {
    if (!this.#index.has(id)) return undefined
    return linesOf(this.#payload, this.#index, id)[0]
  }

  #values(id: number): Range[] {
    return splitLines(this.#payload, linesOf(this.#payload, this.#index, id), MOST_VALUES)
  }

  #text(id: number): string | undefined {
    const line = this.#first(id)
    return line && text(this.#payload, line.at, line.end)
  }

  #texts(ranges: readonly Range[]): string[] {
    return ranges.map(({ at, end }) => text(this.#payload, at, end))
  }

  #names(id: number, option: string): boolean {
    if (!this.#index.has(id)) return false
    const lower = option.toLowerCase()
    return this.#values(id).some(({ at, end }) => equalsIgnoringCase(this.#payload, at, end, lower))
  }
}

const none: readonly never[] = []

/** Values read of a list: more than any peer sends, so that 64 KiB of them cost no more than these. */
const MOST_VALUES = 128
