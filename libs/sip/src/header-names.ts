import { equalsIgnoringCase } from './octets.ts'

/** The headers that the getters of a message read, as small numbers; 0 is any other header. */
export const CALL_ID = 1
export const CSEQ = 2
export const FROM = 3
export const TO = 4
export const VIA = 5
export const CONTENT_LENGTH = 6
export const CONTENT_TYPE = 7
export const REQUIRE = 8
export const SUPPORTED = 9
export const ALLOW = 10
export const REASON = 11
export const RSEQ = 12
export const RACK = 13
export const P_EARLY_MEDIA = 14
export const RETRY_AFTER = 15
export const SERVER = 16
export const USER_AGENT = 17
export const SESSION_ID = 18
export const P_CHARGING_VECTOR = 19
/** Any name that begins with X-: not one header, but without it in a message no such name need be looked for. */
export const EXTENSION = 20

const ids: readonly (readonly [name: string, id: number])[] = [
  ['call-id', CALL_ID],
  ['cseq', CSEQ],
  ['from', FROM],
  ['to', TO],
  ['via', VIA],
  ['content-length', CONTENT_LENGTH],
  ['content-type', CONTENT_TYPE],
  ['require', REQUIRE],
  ['supported', SUPPORTED],
  ['allow', ALLOW],
  ['reason', REASON],
  ['rseq', RSEQ],
  ['rack', RACK],
  ['p-early-media', P_EARLY_MEDIA],
  ['retry-after', RETRY_AFTER],
  ['server', SERVER],
  ['user-agent', USER_AGENT],
  ['session-id', SESSION_ID],
  ['p-charging-vector', P_CHARGING_VECTOR]
]

/** IANA registry "SIP Parameters", table Header Fields, column Compact. */
const compactForms: readonly (readonly [compact: string, name: string])[] = [
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity']
]

/** Headers whose grammar is a comma-separated list, so that a line may hold several values (RFC 3261 §7.3.1). */
const lists: ReadonlySet<string> = new Set([
  'accept',
  'accept-contact',
  'accept-encoding',
  'accept-language',
  'accept-resource-priority',
  'alert-info',
  'allow',
  'allow-events',
  'call-info',
  'contact',
  'content-encoding',
  'content-language',
  'diversion',
  'error-info',
  'feature-caps',
  'geolocation',
  'history-info',
  'identity',
  'in-reply-to',
  'p-access-network-info',
  'p-asserted-identity',
  'p-associated-uri',
  'p-early-media',
  'p-media-authorization',
  'p-preferred-identity',
  'p-visited-network-id',
  'path',
  'privacy',
  'proxy-require',
  'reason',
  'record-route',
  'recv-info',
  'reject-contact',
  'request-disposition',
  'require',
  'resource-priority',
  'route',
  'security-client',
  'security-server',
  'security-verify',
  'service-route',
  'supported',
  'unsupported',
  'user-to-user',
  'via',
  'warning'
])

/** A header by its long name in lower case, with what finds it in a message. */
export type HeaderName = {
  readonly long: string
  /** '' when it has none. */
  readonly compact: string
  readonly id: number
  readonly isList: boolean
}

const idOf = new Map(ids)
const longOf = new Map(compactForms)
const compactOf = new Map(compactForms.map(([compact, long]) => [long, compact]))

/** Whether the long name, in lower case, is one of those that `EXTENSION` stands for. */
export const isExtension = (long: string): boolean => long.startsWith('x-')

export function headerName(name: string): HeaderName {
  const lower = name.toLowerCase()
  const long = longOf.get(lower) ?? lower
  return { long, compact: compactOf.get(long) ?? '', id: idOf.get(long) ?? 0, isList: lists.has(long) }
}

const HYPHEN = 0x2d
const LETTER_X = 0x78

/** The names by length and first letter: at most two share both, so most headers cost one look. */
const byShape: { readonly name: string; readonly id: number }[][] = []
for (const [name, id] of ids) (byShape[shape(name.length, name.charCodeAt(0))] ??= []).push({ name, id })
const longest = Math.max(...ids.map(([name]) => name.length))

function shape(length: number, first: number): number {
  return (length << 5) | (first & 31)
}

const compactIds = new Uint8Array(256)
for (const [compact, long] of compactForms) {
  compactIds[compact.charCodeAt(0)] = idOf.get(long) ?? 0
  compactIds[compact.toUpperCase().charCodeAt(0)] = idOf.get(long) ?? 0
}

/** Which of the headers above has its name in [at, end): long or compact, any case. */
export function headerId(bytes: Buffer, at: number, end: number): number {
  const length = end - at
  if (length === 1) return compactIds[bytes[at]!]!
  if (bytes[at + 1] === HYPHEN && (bytes[at]! | 0x20) === LETTER_X) return EXTENSION
  if (length > longest) return 0
  const candidates = byShape[shape(length, bytes[at]!)]
  if (candidates === undefined) return 0
  for (const { name, id } of candidates) if (equalsIgnoringCase(bytes, at, end, name)) return id
  return 0
}
