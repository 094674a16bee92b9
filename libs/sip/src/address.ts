import {
  AT,
  BACKSLASH,
  COLON,
  LEFT_BRACKET,
  LESS,
  QUOTE,
  RIGHT_BRACKET,
  element,
  equalsIgnoringCase,
  octetSet,
  skipSpace,
  skipTo,
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

const bracketedEnd = (bytes: Buffer, at: number, end: number): number => skipTo(endsBracketed, bytes, at, end)

/** Without brackets a semicolon begins the header's parameters (RFC 3261 §20.10). */
const bareEnd = (bytes: Buffer, at: number, end: number): number => skipTo(endsBare, bytes, at, end)

const endsBracketed = octetSet('> \t\r\n')
const endsBare = octetSet('; \t\r\n')
const endsHost = octetSet(':;?')
const endsReference = octetSet('];?')

/** An IPv6 reference ends at its bracket, any other host at its port or parameters. */
function hostEnd(bytes: Buffer, at: number, end: number): number {
  if (at === end || bytes[at] !== LEFT_BRACKET) return skipTo(endsHost, bytes, at, end)
  const bracket = skipTo(endsReference, bytes, at, end)
  return bracket < end && bytes[bracket] === RIGHT_BRACKET ? bracket + 1 : bracket
}
