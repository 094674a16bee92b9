/** An epoch second as ISO 8601, UTC; of one that no calendar has, its number. */
export function secondText(second: number): string {
  const date = new Date(second * 1e3)
  return Number.isNaN(date.getTime()) ? String(second) : `${date.toISOString().slice(0, -5)}Z`
}
