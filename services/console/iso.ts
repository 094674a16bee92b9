/** Epoch µs as ISO 8601, UTC; null for no time and for one that no calendar has. */
export function iso(time: number | undefined): string | null {
  const date = new Date(time === undefined ? NaN : time / 1e3)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}
