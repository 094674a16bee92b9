import {
  AT,
  BACKSLASH,
  COLON,
  GREATER,
  LEFT_BRACKET,
  LESS,
  QUOTE,
  RIGHT_BRACKET,
  SEMICOLON,
  element,
  equalsIgnoringCase,
  isSpace,
  skipSpace,
  text
} from './octets.ts'
import { findParameter } from './parameters.ts'

/** The tag of a From or To value, '' when it has none. */
export function readTag(bytes: Buffer, at: number, end: number): string {
  const tag = findParameter(bytes, at, end, 'tag')
  return tag === undefined ? '' : element(bytes, tag.at, tag.end)
}

/**
 * Who a From or To value names: `user@host`, or the host alone, or the number of a tel URI. The scheme, a password,
 * the port and parameters are left out, and the host is in lower case. '' for other schemes and what cannot be read.
 */
export function readParty(bytes: Buffer, at: number, end: number): string {
  const bracket = openingBracket(bytes, at, end)
  const uriAt = skipSpace(bytes, bracket < end ? bracket + 1 : at, end)
  const uriEnd = bracket < end ? bracketedEnd(bytes, uriAt, end) : bareEnd(bytes, uriAt, end)
  let colon = uriAt
  while (colon < uriEnd && bytes[colon] !== COLON) colon++
  if (equalsIgnoringCase(bytes, uriAt, colon, 'tel')) return text(bytes, colon + 1, bareEnd(bytes, colon, uriEnd))
  if (!equalsIgnoringCase(bytes, uriAt, colon, 'sip') && !equalsIgnoringCase(bytes, uriAt, colon, 'sips')) return ''
  return userAndHost(bytes, colon + 1, uriEnd)
}

function userAndHost(bytes: Buffer, at: number, end: number): string {
  let hostAt = at
  while (hostAt < end && bytes[hostAt] !== AT) hostAt++
  const hasUser = hostAt < end
  hostAt = hasUser ? hostAt + 1 : at
  const host = text(bytes, hostAt, hostEnd(bytes, hostAt, end)).toLowerCase()
  if (host === '' || !hasUser) return host
  let userEnd = at
  while (bytes[userEnd] !== COLON && bytes[userEnd] !== AT) userEnd++
  return `${text(bytes, at, userEnd)}@${host}`
}

/** The `<` outside of a quoted display name, or `end`. */
function openingBracket(bytes: Buffer, at: number, end: number): number {
  let quoted = false
  let firstInside = end
  for (; at < end; at++) {
    if (bytes[at] === QUOTE) quoted = !quoted
    else if (bytes[at] === BACKSLASH && quoted) at++
    else if (bytes[at] === LESS && !quoted) return at
    else if (bytes[at] === LESS && firstInside === end) firstInside = at
  }
  // A quote that is never closed quotes nothing (RFC 4475 quotbal).
  return quoted ? firstInside : end
}

function bracketedEnd(bytes: Buffer, at: number, end: number): number {
  while (at < end && bytes[at] !== GREATER && !isSpace(bytes[at])) at++
  return at
}

/** Without brackets a semicolon begins the header's parameters (RFC 3261 §20.10). */
function bareEnd(bytes: Buffer, at: number, end: number): number {
  while (at < end && bytes[at] !== SEMICOLON && !isSpace(bytes[at])) at++
  return at
}

function hostEnd(bytes: Buffer, at: number, end: number): number {
  const isReference = at < end && bytes[at] === LEFT_BRACKET
  while (at < end) {
    const octet = bytes[at]
    if (isReference && octet === RIGHT_BRACKET) return at + 1
    if (octet === SEMICOLON || octet === QUESTION_MARK || (octet === COLON && !isReference)) return at
    at++
  }
  return end
}

const QUESTION_MARK = 0x3f
