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

/**
 * Steps over quoted strings and `<…>`, where separators do not separate. One that is never closed (RFC 4475 quotbal)
 * is an ordinary character, and so are all of its kind after it: each octet is looked at a bounded number of times.
 */
class Enclosures {
  #unclosedQuote = false
  #unclosedBracket = false

  /** The position after what the quote or `<` at `at` opens; `at` + 1 when it opens nothing. */
  after(bytes: Buffer, at: number, end: number): number {
    const isQuote = bytes[at] === QUOTE
    if (isQuote ? this.#unclosedQuote : this.#unclosedBracket) return at + 1
    const close = isQuote ? closingQuote(bytes, at + 1, end) : closingBracket(bytes, at + 1, end)
    if (close < end) return close + 1
    if (isQuote) this.#unclosedQuote = true
    else this.#unclosedBracket = true
    return at + 1
  }
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
  #enclosures: Enclosures | undefined

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
        at = (this.#enclosures ??= new Enclosures()).after(bytes, at, end)
        at = skipTo(endsListValue, bytes, at, end)
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
  let enclosures: Enclosures | undefined
  while (at < end) {
    at = skipTo(beginsParameter, bytes, at, end)
    if (at < end && bytes[at] !== SEMICOLON) {
      at = (enclosures ??= new Enclosures()).after(bytes, at, end)
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
