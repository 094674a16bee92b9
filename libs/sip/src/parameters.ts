import {
  BACKSLASH,
  COMMA,
  EQUALS,
  GREATER,
  QUOTE,
  SEMICOLON,
  equalsIgnoringCase,
  octetSet,
  skipSpace,
  skipTo,
  trimEnd
} from './octets.ts'

/*
 * Quoted strings and `<…>` are stepped over: separators do not separate there. One that is never closed (RFC 4475
 * quotbal) is an ordinary character, and so are all of its kind after it: each octet is looked at a bounded number of
 * times.
 */
const QUOTES = 1
const BRACKETS = 2

const kindOf = (octet: number | undefined): number => (octet === QUOTE ? QUOTES : BRACKETS)

/** The position after what the quote or `<` at `at` opens; 0 when it is never closed. */
function afterEnclosure(bytes: Buffer, at: number, end: number): number {
  const close = bytes[at] === QUOTE ? closingQuote(bytes, at + 1, end) : closingBracket(bytes, at + 1, end)
  return close < end ? close + 1 : 0
}

function closingQuote(bytes: Buffer, at: number, end: number): number {
  while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}

function closingBracket(bytes: Buffer, at: number, end: number): number {
  while (at < end && bytes[at] !== GREATER) at++
  return at
}

/** Walks the comma-separated values in [at, end); empty ones are passed over. */
export class ListCursor {
  valueAt = 0
  valueEnd = 0
  readonly #bytes: Buffer
  readonly #end: number
  #at: number
  /** Kinds of enclosures of which one is never closed. */
  #unclosed = 0

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  next(): boolean {
    const bytes = this.#bytes
    const end = this.#end
    let at = this.#at
    while (at < end) {
      const valueAt = skipSpace(bytes, at, end)
      at = skipTo(endsListValue, bytes, valueAt, end)
      while (at < end && bytes[at] !== COMMA) {
        const kind = kindOf(bytes[at])
        const after = this.#unclosed & kind ? 0 : afterEnclosure(bytes, at, end)
        if (after === 0) this.#unclosed |= kind
        at = skipTo(endsListValue, bytes, after || at + 1, end)
      }
      const valueEnd = trimEnd(bytes, valueAt, at)
      at++
      if (valueEnd > valueAt) {
        this.#at = at
        this.valueAt = valueAt
        this.valueEnd = valueEnd
        return true
      }
    }
    this.#at = end
    return false
  }
}

export type Range = { readonly at: number; readonly end: number }

/**
 * The value of the first header parameter `name` (lower case) of the header value in [at, end): not one inside a
 * display name or a URI in angle brackets. The name matches in any case; quotes around the value stay. A parameter
 * without value is an empty range, a missing one undefined.
 */
export function findParameter(bytes: Buffer, at: number, end: number, name: string): Range | undefined {
  let unclosed = 0
  while (at < end) {
    at = skipTo(beginsParameter, bytes, at, end)
    if (at < end && bytes[at] !== SEMICOLON) {
      const kind = kindOf(bytes[at])
      const after = unclosed & kind ? 0 : afterEnclosure(bytes, at, end)
      if (after === 0) unclosed |= kind
      at = after || at + 1
      continue
    }
    const nameAt = skipSpace(bytes, at + 1, end)
    at = skipTo(endsParameterName, bytes, nameAt, end)
    if (!equalsIgnoringCase(bytes, nameAt, at, name)) continue
    at = skipSpace(bytes, at, end)
    if (at >= end || bytes[at] !== EQUALS) return { at, end: at }
    at = skipSpace(bytes, at + 1, end)
    return { at, end: parameterValueEnd(bytes, at, end) }
  }
  return undefined
}

function parameterValueEnd(bytes: Buffer, at: number, end: number): number {
  if (bytes[at] === QUOTE) return Math.min(end, closingQuote(bytes, at + 1, end) + 1)
  return skipTo(endsParameterValue, bytes, at, end)
}

const endsListValue = octetSet(',"<')
const beginsParameter = octetSet(';"<')
const endsParameterName = octetSet('=; \t\r\n')
const endsParameterValue = octetSet(';, \t\r\n')

/** A quoted-string's content without its escapes (RFC 3261 §25.1); anything else as it is. */
export function unquoted(value: string): string {
  if (!value.startsWith('"')) return value
  const content = value.slice(1, value.length > 1 && value.endsWith('"') ? -1 : undefined)
  return content.includes('\\') ? content.replace(/\\(.)/g, '$1') : content
}
