/** Of an `a=` line, and of P-Early-Media. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** As many as a description has media lines. */
const MOST_DIRECTIONS = 16

/**
 * The directions that P-Early-Media asks for, by media line (RFC 5009 §8), as seen by the callee: `sendonly` is media
 * towards the caller. `supported`, `gated` and what nobody knows say nothing of a direction.
 */
export function earlyMediaDirections(value: string): Direction[] {
  return value
    .toLowerCase()
    .split(',', 4 * MOST_DIRECTIONS)
    .map(each => each.split(';', 1)[0]!.trim())
    .filter(isDirection)
    .slice(0, MOST_DIRECTIONS)
}

const isDirection = (word: string): word is Direction =>
  word === 'sendrecv' || word === 'sendonly' || word === 'recvonly' || word === 'inactive'
