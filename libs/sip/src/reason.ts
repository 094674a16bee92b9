import { decimal, digitsEnd, element, octetSet, skipTo, text } from './octets.ts'
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
  const protocolEnd = skipTo(endsProtocol, bytes, at, end)
  const cause = findParameter(bytes, protocolEnd, end, 'cause')
  const words = findParameter(bytes, protocolEnd, end, 'text')
  return {
    protocol: element(bytes, at, protocolEnd).toLowerCase(),
    cause: cause && digitsEnd(bytes, cause.at, cause.end) === cause.end ? decimal(bytes, cause.at, cause.end) : -1,
    text: words === undefined ? '' : unquoted(text(bytes, words.at, words.end))
  }
}

const endsProtocol = octetSet('; \t\r\n')
