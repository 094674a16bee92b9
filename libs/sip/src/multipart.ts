import { CONTENT_TYPE } from './header-names.ts'
import { scanHeaders } from './headers.ts'
import { CR, LF, SLASH, equalsIgnoringCase, isBlank, octetSet, skipSpace, skipTo } from './octets.ts'
import { findParameter, unquoted } from './parameters.ts'
import type { Range } from './parameters.ts'

/** A body in [at, end) whose Content-Type value is in [typeAt, typeEnd). */
export type Body = Range & { readonly typeAt: number; readonly typeEnd: number }

/**
 * The first session description in a body: all of it when it is application/sdp, or that part of a multipart, nested
 * ones too (RFC 5621 §3). Undefined when there is none or it holds nothing but white space.
 */
export function findDescription(bytes: Buffer, body: Body, depth = 0): Range | undefined {
  const { typeAt, typeEnd } = body
  const afterType = typeTokenEnd(bytes, typeAt, typeEnd)
  const subtypeAt = skipSpace(bytes, after(SLASH, bytes, afterType, typeEnd), typeEnd)
  if (equalsIgnoringCase(bytes, typeAt, afterType, 'application')) {
    const isSdp = equalsIgnoringCase(bytes, subtypeAt, typeTokenEnd(bytes, subtypeAt, typeEnd), 'sdp')
    return isSdp && skipSpace(bytes, body.at, body.end) < body.end ? { at: body.at, end: body.end } : undefined
  }
  if (!equalsIgnoringCase(bytes, typeAt, afterType, 'multipart') || depth === MAX_DEPTH) return undefined
  const boundary = findParameter(bytes, typeAt, typeEnd, 'boundary')
  if (boundary === undefined || boundary.end === boundary.at) return undefined
  const delimiter = `--${unquoted(bytes.toString('latin1', boundary.at, boundary.end))}`
  for (const part of parts(bytes, body, delimiter)) {
    const headers = scanHeaders(bytes, part.at, part.end)
    if (!headers.has(CONTENT_TYPE)) continue
    const { contentTypeAt, contentTypeEnd } = headers
    const inner = { at: headers.end, end: part.end, typeAt: contentTypeAt, typeEnd: contentTypeEnd }
    const description = findDescription(bytes, inner, depth + 1)
    if (description !== undefined) return description
  }
  return undefined
}

/** Deeper nesting than any peer sends; bounds the work on hostile bodies. */
const MAX_DEPTH = 4

/** Between the delimiter lines (RFC 2046 §5.1.1); a missing closing one leaves the last part open to the end. */
function* parts(bytes: Buffer, { at, end }: Range, delimiter: string): Generator<Range> {
  let partAt = -1
  for (let line = at; line < end; line = after(LF, bytes, line, end)) {
    const afterDelimiter = line + delimiter.length
    if (!startsWith(bytes, line, end, delimiter) || !endsDelimiter(bytes, afterDelimiter, end)) continue
    if (partAt >= 0) yield { at: partAt, end: Math.max(partAt, beforeLineEnd(bytes, at, line)) }
    if (bytes[afterDelimiter] === HYPHEN) return
    partAt = after(LF, bytes, afterDelimiter, end)
  }
  if (partAt >= 0) yield { at: partAt, end }
}

const HYPHEN = 0x2d

function startsWith(bytes: Buffer, at: number, end: number, prefix: string): boolean {
  if (at + prefix.length > end) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix.charCodeAt(i)) return false
  return true
}

/** `--` of the closing delimiter or blanks, then the line end: a longer boundary with this prefix is another one. */
function endsDelimiter(bytes: Buffer, at: number, end: number): boolean {
  if (at + 1 < end && bytes[at] === HYPHEN && bytes[at + 1] === HYPHEN) at += 2
  while (at < end && (isBlank(bytes[at]) || bytes[at] === CR)) at++
  return at >= end || bytes[at] === LF
}

/** The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1). */
function beforeLineEnd(bytes: Buffer, at: number, line: number): number {
  if (line - 1 > at && bytes[line - 2] === CR) return line - 2
  return line > at ? line - 1 : line
}

const typeTokenEnd = (bytes: Buffer, at: number, end: number): number => skipTo(endsTypeToken, bytes, at, end)

const endsTypeToken = octetSet('/; \t\r\n')

function after(octet: number, bytes: Buffer, at: number, end: number): number {
  while (at < end && bytes[at] !== octet) at++
  return at < end ? at + 1 : end
}
