import { CALL_ID, headerId } from './header-names.ts'
import { HeaderCursor, scanHeaders } from './headers.ts'
import type { HeaderIndex } from './headers.ts'
import { SipMessage } from './message.ts'
import { isSpace } from './octets.ts'
import { readStartLine, skipLineEnds } from './start-line.ts'

/** Bytes of a payload that are no SIP message, from `offset` to its end. */
export type NotSip = {
  readonly kind: 'not-sip'
  /**
   * `keep-alive`: nothing but line ends, blanks and zeros, as peers send to hold a NAT binding open;
   * `no-start-line`: another protocol; `trailing-bytes`: something after a whole message that begins no other one.
   */
  readonly code: 'keep-alive' | 'no-start-line' | 'trailing-bytes'
  readonly offset: number
}

/** What one payload holds. `rest` is set when something was left over; padding after a message is not. */
export type SipPayload = { readonly messages: readonly SipMessage[]; readonly rest: NotSip | undefined }

/**
 * All messages of one datagram or reassembled run, in order. Total; cost is linear in the payload.
 *
 * A message ends where its Content-Length says; when that is missing, malformed, contradictory or larger than the
 * payload it ends with the payload (RFC 3261 §18.3). What follows a shorter one is read as a further message, where
 * RFC 4475 §3.1.1.8 (dblreq) would have a UDP receiver drop it: an observer reports what was sent.
 */
export function readSip(payload: Buffer): SipPayload {
  let messages: SipMessage[] | undefined
  let at = skipLineEnds(payload, 0, payload.length)
  while (at < payload.length) {
    const line = readStartLine(payload, at, payload.length)
    if (line === undefined) break
    const index = scanHeaders(payload, line.next, payload.length)
    const end = messageEnd(payload, index)
    const message = new SipMessage(payload, line, index, end)
    // A list made with its one element is a third as large as one that was pushed to.
    if (messages) messages.push(message)
    else messages = [message]
    at = skipLineEnds(payload, end, payload.length)
  }
  return { messages: messages ?? [], rest: restFrom(payload, at, messages !== undefined) }
}

function messageEnd(payload: Buffer, index: HeaderIndex): number {
  const end = index.end + index.contentLength
  return index.contentLength < 0 || end > payload.length ? payload.length : end
}

function restFrom(payload: Buffer, at: number, hasMessages: boolean): NotSip | undefined {
  let next = at
  while (next < payload.length && (isSpace(payload[next]) || payload[next] === 0)) next++
  if (next === payload.length) return hasMessages ? undefined : { kind: 'not-sip', code: 'keep-alive', offset: 0 }
  return { kind: 'not-sip', code: hasMessages ? 'trailing-bytes' : 'no-start-line', offset: at }
}

/** The Call-ID of the first message, a view of its value as `SipMessage.callId` reads it; undefined without one. */
export function findCallId(payload: Buffer): Buffer | undefined {
  const line = readStartLine(payload, skipLineEnds(payload, 0, payload.length), payload.length)
  if (line === undefined) return undefined
  const header = new HeaderCursor(payload, line.next, payload.length)
  while (header.next()) {
    if (headerId(payload, header.nameAt, header.nameEnd) !== CALL_ID) continue
    return header.valueAt < header.valueEnd ? payload.subarray(header.valueAt, header.valueEnd) : undefined
  }
  return undefined
}
