/** A, B, … Z, then numbers: what the legs of a call are called beside the ladder. */
export const legName = (index: number): string =>
  index < 0 ? '?' : index < 26 ? String.fromCharCode(65 + index) : String(index + 1)
