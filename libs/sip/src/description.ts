import { parse } from 'sdp-transform'
import type { SessionDescription } from 'sdp-transform'
import { CR, EQUALS, LF } from './octets.ts'

export type { SessionDescription }

/**
 * Parses a session description; undefined when it has no `v=` line. Total, but 20 times the cost of scanning the
 * message: only where the content decides something. Every field may be missing, whatever the type says.
 */
export function parseDescription(bytes: Buffer): Partial<SessionDescription> | undefined {
  try {
    const description: Partial<SessionDescription> = parse(bytes.toString('utf8'))
    return description.version === undefined ? undefined : description
  } catch {
    // Hostile input must not end the process, and sdp-transform promises nothing.
    return undefined
  }
}

/** The `o=` line of the session part without its line end, octets as characters; undefined when there is none. */
export function originLine(bytes: Buffer): string | undefined {
  for (let line = 0; line < bytes.length;) {
    const lineEnd = endOfLine(bytes, line)
    const isField = bytes[line + 1] === EQUALS
    if (isField && bytes[line] === ORIGIN) return bytes.toString('latin1', line, withoutCr(bytes, lineEnd))
    if (isField && bytes[line] === MEDIA) return undefined
    line = lineEnd + 1
  }
  return undefined
}

const ORIGIN = 0x6f
const MEDIA = 0x6d

function endOfLine(bytes: Buffer, at: number): number {
  const lineEnd = bytes.indexOf(LF, at)
  return lineEnd < 0 ? bytes.length : lineEnd
}

const withoutCr = (bytes: Buffer, end: number): number => (bytes[end - 1] === CR ? end - 1 : end)
