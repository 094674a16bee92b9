/** Octets of RFC 3261 §25.1, and the few steps over them that every reader below takes. Ranges are [at, end). */
export const HT = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const QUOTE = 0x22
export const COMMA = 0x2c
export const SLASH = 0x2f
export const ZERO = 0x30
export const COLON = 0x3a
export const SEMICOLON = 0x3b
export const LESS = 0x3c
export const EQUALS = 0x3d
export const GREATER = 0x3e
export const AT = 0x40
export const LEFT_BRACKET = 0x5b
export const BACKSLASH = 0x5c
export const RIGHT_BRACKET = 0x5d

export const isBlank = (octet: number | undefined): boolean => octet === SP || octet === HT

/** Linear white space with the line ends of folded values (LWS). One comparison for almost every octet. */
export const isSpace = (octet: number | undefined): boolean =>
  octet !== undefined && octet <= SP && (octet === SP || octet === CR || octet === LF || octet === HT)

export const isDigit = (octet: number | undefined): boolean => octet !== undefined && octet >= 0x30 && octet <= 0x39

const lowerCase = (octet: number): number => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet)

/** A set of octets, 1 for each member. */
export function octetSet(members: string): Uint8Array {
  const set = new Uint8Array(256)
  for (let i = 0; i < members.length; i++) set[members.charCodeAt(i)] = 1
  return set
}

/** Where the first octet of `set` stands, or `end`. */
export function skipTo(set: Uint8Array, bytes: Buffer, at: number, end: number): number {
  while (at < end && set[bytes[at]!] === 0) at++
  return at
}

export function skipSpace(bytes: Buffer, at: number, end: number): number {
  while (at < end && isSpace(bytes[at])) at++
  return at
}

export function trimEnd(bytes: Buffer, at: number, end: number): number {
  while (end > at && isSpace(bytes[end - 1])) end--
  return end
}

/** Where the next white space begins, or `end`. */
export const wordEnd = (bytes: Buffer, at: number, end: number): number => skipTo(space, bytes, at, end)

const space = octetSet(' \t\r\n')

/** Whether the range reads as `lower`, which is ASCII in lower case, in any case. */
export function equalsIgnoringCase(bytes: Buffer, at: number, end: number, lower: string): boolean {
  if (end - at !== lower.length) return false
  for (let i = 0; i < lower.length; i++) if (lowerCase(bytes[at + i]!) !== lower.charCodeAt(i)) return false
  return true
}

/** The number that starts at `at`, or -1 when there is no digit. Large ones lose precision but stay large. */
export function decimal(bytes: Buffer, at: number, end: number): number {
  if (at >= end || !isDigit(bytes[at])) return -1
  let value = 0
  while (at < end && isDigit(bytes[at])) value = value * 10 + bytes[at++]! - 0x30
  return value
}

export function digitsEnd(bytes: Buffer, at: number, end: number): number {
  while (at < end && isDigit(bytes[at])) at++
  return at
}

/** A protocol element (Call-ID, tag, branch…): one character an octet, so that different octets stay different. */
export const element = (bytes: Buffer, at: number, end: number): string => unfolded(bytes.toString('latin1', at, end))

/** Text for people (RFC 3261 §7.3.1 says UTF-8); what is not UTF-8 becomes U+FFFD. */
export const text = (bytes: Buffer, at: number, end: number): string => unfolded(bytes.toString('utf8', at, end))

/** A value without its line folds: each becomes one space (RFC 3261 §7.3.1). So no value contains LF. */
function unfolded(value: string): string {
  if (!value.includes('\n')) return value
  return value
    .split('\n')
    .map(line => line.trim())
    .join(' ')
}
