/** Below that, a week that was odd would be a trend. */
const FEWEST_DAYS = 14

/**
 * By how much a daily figure rises from week to week: the median over all pairs of days that are whole weeks apart, so
 * that neither the days of the week nor a few odd days matter (Theil 1950, Sen 1968, with the seasons of Hirsch 1982).
 *
 * @param days one after the other, null where nothing is known of one
 * @returns null for less than two weeks
 */
export function weeklySlope(days: readonly (number | null)[]): number | null {
  if (days.length < FEWEST_DAYS) return null
  const slopes: number[] = []
  for (let later = 7; later < days.length; later++) {
    for (let earlier = later - 7; earlier >= 0; earlier -= 7) {
      const [to, from] = [days[later] ?? null, days[earlier] ?? null]
      if (to !== null && from !== null) slopes.push((to - from) / ((later - earlier) / 7))
    }
  }
  return medianOf(slopes)
}

/** Null of nothing. */
export function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
