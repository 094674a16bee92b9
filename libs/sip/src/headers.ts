import {
  ALLOW,
  CALL_ID,
  CONTENT_LENGTH,
  CONTENT_TYPE,
  CSEQ,
  FROM,
  SERVER,
  TO,
  USER_AGENT,
  VIA,
  headerId
} from './header-names.ts'
import { COLON, COMMA, CR, LF, decimal, digitsEnd, isBlank, skipSpace, trimEnd } from './octets.ts'
import { ListCursor } from './parameters.ts'

/**
 * Walks the header lines in [at, end) up to the blank line, never past it. A folded line is one header; a line without
 * colon is passed over. After `next` has said false, `at` is where the body begins and `complete` tells whether the
 * blank line was there or the bytes just ended.
 */
export class HeaderCursor {
  nameAt = 0
  nameEnd = 0
  /** The value without the white space around it; folds inside it remain. */
  valueAt = 0
  valueEnd = 0
  complete = false
  at: number
  readonly #bytes: Buffer
  readonly #end: number

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes
    this.at = at
    this.#end = end
  }

  next(): boolean {
    const bytes = this.#bytes
    const end = this.#end
    for (let line = this.at; line < end; line = this.at) {
      const first = bytes[line]
      if (first === CR || first === LF) {
        const body = afterBlankLine(bytes, line, end)
        if (body > 0) {
          this.at = body
          this.complete = true
          return false
        }
      }
      const lineEnd = foldedLineEnd(bytes, line, end)
      const colon = colonIn(bytes, line, lineEnd)
      this.at = lineEnd
      if (colon < lineEnd) {
        this.nameAt = line
        this.nameEnd = trimEnd(bytes, line, colon)
        this.valueAt = skipSpace(bytes, colon + 1, lineEnd)
        this.valueEnd = trimEnd(bytes, this.valueAt, lineEnd)
        return true
      }
    }
    return false
  }
}

/** The position after an empty line at `at`, or 0 when the line is not empty. */
function afterBlankLine(bytes: Buffer, at: number, end: number): number {
  while (at < end && bytes[at] === CR) at++
  return at < end && bytes[at] === LF ? at + 1 : 0
}

/** Where the line after `at` begins that is no continuation (a line beginning with a blank), or `end`. */
function foldedLineEnd(bytes: Buffer, at: number, end: number): number {
  do {
    at = bytes.indexOf(LF, at) + 1
    if (at === 0 || at >= end) return end
  } while (isBlank(bytes[at]))
  return at
}

/** The colon of a header, which stands in its first line, or `end`. */
function colonIn(bytes: Buffer, at: number, end: number): number {
  for (; at < end; at++) {
    const octet = bytes[at]
    if (octet === COLON) return at
    if (octet === LF) return end
  }
  return end
}

/**
 * Where the headers that decide about a message are. The first of several headers with one name rules, as RFC 4475
 * §3.3.8 (multi01) leaves it open; Content-Length values that disagree are no value at all (§3.3.9, mcl01).
 */
export class HeaderIndex {
  /** One bit for each header id that occurs. */
  seen = 0
  callIdAt = 0
  callIdEnd = 0
  cseqAt = 0
  cseqEnd = 0
  fromAt = 0
  fromEnd = 0
  toAt = 0
  toEnd = 0
  contentTypeAt = 0
  contentTypeEnd = 0
  /** From the first Allow value to the end of the last one. */
  allowAt = 0
  allowEnd = 0
  serverAt = 0
  serverEnd = 0
  userAgentAt = 0
  userAgentEnd = 0
  /** The top Via value, and the number of all of them: repeated and comma-joined. */
  topViaAt = 0
  topViaEnd = 0
  viaCount = 0
  /** -1 when missing, malformed or contradictory. */
  contentLength = -1
  readonly at: number
  /** Where the body begins. */
  end = 0
  complete = false

  constructor(at: number) {
    this.at = at
  }

  has(id: number): boolean {
    return (this.seen & (1 << id)) !== 0
  }
}

/** One pass over the header lines of a message; cost is that of reading each header octet once. */
export function scanHeaders(bytes: Buffer, at: number, end: number): HeaderIndex {
  const index = new HeaderIndex(at)
  const header = new HeaderCursor(bytes, at, end)
  while (header.next()) {
    const id = headerId(bytes, header.nameAt, header.nameEnd)
    if (id !== 0) note(index, id, header, bytes)
  }
  index.end = header.at
  index.complete = header.complete
  return index
}

function note(index: HeaderIndex, id: number, header: HeaderCursor, bytes: Buffer): void {
  const isFirst = !index.has(id)
  index.seen |= 1 << id
  if (id === VIA) return noteVias(index, bytes, header.valueAt, header.valueEnd)
  if (id === CONTENT_LENGTH) {
    const length = readLength(bytes, header.valueAt, header.valueEnd)
    index.contentLength = isFirst || index.contentLength === length ? length : -1
    return
  }
  if (id === ALLOW) {
    if (isFirst) index.allowAt = header.valueAt
    index.allowEnd = header.valueEnd
    return
  }
  if (!isFirst) return
  switch (id) {
    case CALL_ID:
      index.callIdAt = header.valueAt
      index.callIdEnd = header.valueEnd
      return
    case CSEQ:
      index.cseqAt = header.valueAt
      index.cseqEnd = header.valueEnd
      return
    case FROM:
      index.fromAt = header.valueAt
      index.fromEnd = header.valueEnd
      return
    case TO:
      index.toAt = header.valueAt
      index.toEnd = header.valueEnd
      return
    case CONTENT_TYPE:
      index.contentTypeAt = header.valueAt
      index.contentTypeEnd = header.valueEnd
      return
    case SERVER:
      index.serverAt = header.valueAt
      index.serverEnd = header.valueEnd
      return
    case USER_AGENT:
      index.userAgentAt = header.valueAt
      index.userAgentEnd = header.valueEnd
  }
}

function noteVias(index: HeaderIndex, bytes: Buffer, at: number, end: number): void {
  if (!hasComma(bytes, at, end)) return noteVia(index, at, end)
  const values = new ListCursor(bytes, at, end)
  while (values.next()) noteVia(index, values.valueAt, values.valueEnd)
}

function noteVia(index: HeaderIndex, at: number, end: number): void {
  if (at === end) return
  if (index.viaCount === 0) {
    index.topViaAt = at
    index.topViaEnd = end
  }
  index.viaCount++
}

function hasComma(bytes: Buffer, at: number, end: number): boolean {
  while (at < end && bytes[at] !== COMMA) at++
  return at < end
}

const readLength = (bytes: Buffer, at: number, end: number): number =>
  digitsEnd(bytes, at, end) === end ? decimal(bytes, at, end) : -1
