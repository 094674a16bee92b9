import { hash } from 'node:crypto'

/** Longer than any real tag, branch, Call-ID or method. */
const LONGEST = 256
const SHOWN = 64

/**
 * Text of the wire as it is kept: a longer one is known by its beginning and its hash, so that no message can make the
 * state of a call, or a record, as large as it likes.
 */
export const bounded = (text: string): string =>
  text.length <= LONGEST ? text : `${text.slice(0, SHOWN)}…${hash('sha1', text, 'base64url')}`
