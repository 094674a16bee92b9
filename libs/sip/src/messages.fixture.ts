import { readSip } from './index.ts'
import type { SipMessage } from './index.ts'

/** A message as it goes over the wire: lines end with CRLF, each character is one octet, an empty line ends it. */
export const wire = (...lines: readonly string[]): Buffer => Buffer.from([...lines, '', ''].join('\r\n'), 'latin1')

/** The one message of a payload. */
export function only(payload: Buffer): SipMessage {
  const { messages } = readSip(payload)
  if (messages.length !== 1) throw new Error(`expected one message, found ${messages.length}`)
  return messages[0]!
}

/** An INVITE with these headers added, read. */
export const invite = (...headers: readonly string[]): SipMessage =>
  only(wire('INVITE sip:bob@example.org SIP/2.0', 'Call-ID: c1', 'CSeq: 1 INVITE', ...headers))

/** A 183 with these headers added, read. */
export const progress = (...headers: readonly string[]): SipMessage =>
  only(wire('SIP/2.0 183 Session Progress', 'Call-ID: c1', 'CSeq: 1 INVITE', ...headers))
