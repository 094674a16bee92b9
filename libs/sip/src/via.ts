import {
  COLON,
  LEFT_BRACKET,
  RIGHT_BRACKET,
  SLASH,
  ZERO,
  decimal,
  digitsEnd,
  element,
  equalsIgnoringCase,
  octetSet,
  skipSpace,
  skipTo,
  wordEnd
} from './octets.ts'
import { findParameter } from './parameters.ts'

/** One Via value, `SIP/2.0/UDP host:port;branch=…` (RFC 3261 §20.42, white space is allowed around every separator). */
export type Via = {
  /** As on the wire, '' when absent. */
  readonly branch: string
  /** Host in lower case, ':' and the port, 5060 (over TLS 5061) where none is written; '' when there is no host. */
  readonly sentBy: string
}

/** Total: what cannot be read is ''. */
export function readVia(bytes: Buffer, at: number, end: number): Via {
  const transport = transportAt(bytes, at, end)
  const transportEnd = wordEnd(bytes, transport, end)
  const hostAt = skipSpace(bytes, transportEnd, end)
  const hostEnd = hostEndAt(bytes, hostAt, end)
  const branch = findParameter(bytes, hostEnd, end, 'branch')
  return {
    branch: branch === undefined ? '' : element(bytes, branch.at, branch.end),
    sentBy: readSentBy(bytes, hostAt, hostEnd, end, isTls(bytes, transport, transportEnd))
  }
}

/** TLS, TLS-SCTP and such: the default port of sips (RFC 3261 §18.2.1, RFC 4168 §9). */
const isTls = (bytes: Buffer, at: number, end: number): boolean =>
  end - at >= 3 && equalsIgnoringCase(bytes, at, at + 3, 'tls')

/** Where the transport begins: after the second slash; `end` when there are not two. */
function transportAt(bytes: Buffer, at: number, end: number): number {
  for (let slashes = 0; slashes < 2; slashes++) {
    while (at < end && bytes[at] !== SLASH) at++
    at++
  }
  return at < end ? skipSpace(bytes, at, end) : end
}

function readSentBy(bytes: Buffer, at: number, hostEnd: number, end: number, tls: boolean): string {
  if (hostEnd === at) return ''
  const colon = skipSpace(bytes, hostEnd, end)
  if (colon < end && bytes[colon] === COLON) {
    const portAt = skipSpace(bytes, colon + 1, end)
    const portEnd = digitsEnd(bytes, portAt, Math.min(end, portAt + 5))
    // As it is mostly written.
    if (portEnd > portAt && portAt === hostEnd + 1 && bytes[portAt] !== ZERO) {
      return element(bytes, at, portEnd).toLowerCase()
    }
    if (portEnd > portAt) return `${hostIn(bytes, at, hostEnd)}:${decimal(bytes, portAt, portEnd)}`
  }
  const host = hostIn(bytes, at, hostEnd)
  return tls ? `${host}:5061` : `${host}:5060`
}

const hostIn = (bytes: Buffer, at: number, end: number): string => element(bytes, at, end).toLowerCase()

/** An IPv6 reference ends at its bracket, any other host at a separator. */
function hostEndAt(bytes: Buffer, at: number, end: number): number {
  if (at === end || bytes[at] !== LEFT_BRACKET) return skipTo(endsHost, bytes, at, end)
  const bracket = skipTo(endsReference, bytes, at, end)
  return bracket < end && bytes[bracket] === RIGHT_BRACKET ? bracket + 1 : bracket
}

const endsHost = octetSet(':;, \t\r\n')
const endsReference = octetSet('];, \t\r\n')
