import { SEMICOLON, decimal, digitsEnd, element, isSpace, text } from './octets.ts'
import { findParameter, unquoted } from './parameters.ts'

/** One value of Reason (RFC 3326). */
export type Reason = {
  /** In lower case: `q.850`, `sip`. */
  readonly protocol: string
  /** -1 when missing or malformed. */
  readonly cause: number
  readonly text: string
}

export function readReason(bytes: Buffer, at: number, end: number): Reason {
  let protocolEnd = at
  while (protocolEnd < end && bytes[protocolEnd] !== SEMICOLON && !isSpace(bytes[protocolEnd])) protocolEnd++
  const cause = findParameter(bytes, protocolEnd, end, 'cause')
  const words = findParameter(bytes, protocolEnd, end, 'text')
  return {
    protocol: element(bytes, at, protocolEnd).toLowerCase(),
    cause: cause && digitsEnd(bytes, cause.at, cause.end) === cause.end ? decimal(bytes, cause.at, cause.end) : -1,
    text: words === undefined ? '' : unquoted(text(bytes, words.at, words.end))
  }
}
