import type { SipMessage } from './message.ts'

/**
 * Key of a transaction among the messages of one requester address (RFC 3261 §17.1.3, §17.2.3; the address itself is
 * the caller's part). Request and responses have the same key; give `INVITE` as `method` to an ACK for a non-2xx, or to
 * a CANCEL, for the key of the INVITE that it belongs to.
 *
 * With the magic cookie: branch, sent-by, method, CSeq number, Call-ID. The cookie matches in any case; the branch
 * counts octet by octet, since a response copies it and only broken peers differ in case alone.
 *
 * Without (RFC 2543 peers, or a cookie with nothing behind it, RFC 4475 §3.2.1): Call-ID, From tag, CSeq number, method,
 * and of the top Via the sent-by and the branch. Of the fields that §17.2.3 lists it leaves out what a response does
 * not share with its request: the Request-URI, the To tag (a response adds it, an ACK repeats it) and the rest of the
 * top Via (the responder adds `received` and `rport`).
 *
 * The parts are separated by LF, which no header value contains.
 */
export function transactionKey(message: TransactionFields, method = message.cseqMethod): string {
  const { branch, sentBy, cseq, callId } = message
  return hasCookie(branch)
    ? `${branch}\n${sentBy}\n${method}\n${cseq}\n${callId}`
    : `\n${callId}\n${message.fromTag}\n${cseq}\n${method}\n${sentBy}\n${branch}`
}

/** What a transaction is known by. */
export type TransactionFields = Pick<SipMessage, 'branch' | 'sentBy' | 'cseq' | 'cseqMethod' | 'callId' | 'fromTag'>

const COOKIE = 'z9hg4bk'

/** Whether the branch identifies a transaction by itself (RFC 3261 §8.1.1.7). */
export const hasCookie = (branch: string): boolean =>
  branch.length > COOKIE.length && (branch.startsWith('z9hG4bK') || branch.slice(0, 7).toLowerCase() === COOKIE)
