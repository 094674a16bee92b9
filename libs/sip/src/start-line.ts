import { CR, COLON, LF, SP, decimal, isBlank, isDigit, octetSet, skipTo } from './octets.ts'

/** The first line of a message; offsets are into the bytes it was read from. */
export type StartLine = {
  readonly isRequest: boolean
  /** Method in [at, methodEnd), Request-URI in [uriAt, uriEnd); empty ranges for a response. */
  readonly at: number
  readonly methodEnd: number
  readonly uriAt: number
  readonly uriEnd: number
  /** 0 for a request. */
  readonly status: number
  /** Where the headers begin. */
  readonly next: number
}

/**
 * Reads the start line that begins exactly at `at`; undefined when there is none.
 *
 * Accepted beyond the grammar of RFC 3261 §7.1 and §7.2, because peers send it and RFC 4475 (lwsruri, trws, lwsstart)
 * allows it: more than one blank between the parts, blanks at the end and inside the Request-URI, `sip/2.0` in any
 * case, a status line without the blank before an empty reason. Refused: another version, a method that is no token,
 * a Request-URI without scheme, a status that is not three digits from 100 (RFC 4475 bigcode).
 */
export function readStartLine(bytes: Buffer, at: number, end: number): StartLine | undefined {
  return isVersion(bytes, at, end) ? readStatusLine(bytes, at, end) : readRequestLine(bytes, at, end)
}

/** Whether a SIP start line begins at `offset`, after line ends. Cheap on anything else: a few octets decide. */
export function looksLikeSip(bytes: Buffer, offset = 0): boolean {
  return readStartLine(bytes, skipLineEnds(bytes, offset, bytes.length), bytes.length) !== undefined
}

/** Line ends before a start line are ignored (RFC 3261 §7.5) or keep a flow alive (RFC 5626 §3.5.1). */
export function skipLineEnds(bytes: Buffer, at: number, end: number): number {
  while (at < end && (bytes[at] === CR || bytes[at] === LF)) at++
  return at
}

function readStatusLine(bytes: Buffer, at: number, end: number): StartLine | undefined {
  let digits = at + VERSION_LENGTH
  if (!isBlank(bytes[digits])) return undefined
  while (digits < end && isBlank(bytes[digits])) digits++
  const afterDigits = digits + 3
  if (afterDigits > end || !isDigit(bytes[digits]) || !isDigit(bytes[digits + 1]) || !isDigit(bytes[digits + 2])) {
    return undefined
  }
  if (afterDigits < end && !isBlank(bytes[afterDigits]) && !isLineEnd(bytes[afterDigits])) return undefined
  const status = decimal(bytes, digits, afterDigits)
  if (status < 100) return undefined
  const next = afterLine(bytes, afterDigits, end)
  return { isRequest: false, at, methodEnd: at, uriAt: at, uriEnd: at, status, next }
}

function readRequestLine(bytes: Buffer, at: number, end: number): StartLine | undefined {
  const methodEnd = skipTo(endsToken, bytes, at, end)
  if (methodEnd === at || methodEnd === end || !isBlank(bytes[methodEnd])) return undefined

  const next = afterLine(bytes, methodEnd, end)
  let versionEnd = next
  while (versionEnd > methodEnd && (isBlank(bytes[versionEnd - 1]) || isLineEnd(bytes[versionEnd - 1]))) versionEnd--
  const versionAt = versionEnd - VERSION_LENGTH
  if (versionAt <= methodEnd || !isVersion(bytes, versionAt, versionEnd) || !isBlank(bytes[versionAt - 1])) {
    return undefined
  }
  let uriAt = methodEnd
  while (uriAt < versionAt && isBlank(bytes[uriAt])) uriAt++
  let uriEnd = versionAt
  while (uriEnd > uriAt && isBlank(bytes[uriEnd - 1])) uriEnd--
  if (!hasColon(bytes, uriAt, uriEnd)) return undefined
  return { isRequest: true, at, methodEnd, uriAt, uriEnd, status: 0, next }
}

const VERSION_LENGTH = 7

/** `SIP/2.0` in any case. */
function isVersion(bytes: Buffer, at: number, end: number): boolean {
  return (
    at + VERSION_LENGTH <= end &&
    (bytes[at]! | SP) === 0x73 &&
    (bytes[at + 1]! | SP) === 0x69 &&
    (bytes[at + 2]! | SP) === 0x70 &&
    bytes[at + 3] === 0x2f &&
    bytes[at + 4] === 0x32 &&
    bytes[at + 5] === 0x2e &&
    bytes[at + 6] === 0x30
  )
}

const isLineEnd = (octet: number | undefined): boolean => octet === LF || octet === CR

function afterLine(bytes: Buffer, at: number, end: number): number {
  while (at < end && bytes[at] !== LF) at++
  return at < end ? at + 1 : end
}

function hasColon(bytes: Buffer, at: number, end: number): boolean {
  while (at < end && bytes[at] !== COLON) at++
  return at < end
}

/** Everything but the token characters of RFC 3261 §25.1. */
const endsToken = octetSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~").map(
  member => 1 - member
)
