import { increase } from './increase.ts'

/**
 * How values lie: their sum, and how many there are between one power of 2^(1/4) and the next. Plain data, and additive:
 * of two the sums and counts are added, and a value can be taken away again. A percentile of it is off by 19 % at most, and mostly by far less,
 * whatever the number of values; what it takes is bounded by the range of the values alone.
 */
export type Spread = {
  micros: number
  /** Values by bucket: n holds those above 2^((n - 1) / 4) ms, up to 2^(n / 4) ms; the first and last have the rest. */
  readonly buckets: Record<number, number>
}

/** Up to 1 ms, and up to 28 hours. */
const FIRST = 0
const LAST = 106

export const noSpread = (): Spread => ({ micros: 0, buckets: {} })

/** Adds a value, or takes one away. */
export function addValue(spread: Spread, seconds: number, by: 1 | -1): void {
  spread.micros += by * Math.round(seconds * 1e6)
  increase(spread.buckets, bucketOf(seconds), by)
}

export function addSpread(spread: Spread, other: Spread): void {
  spread.micros += other.micros
  for (const [bucket, count] of Object.entries(other.buckets)) increase(spread.buckets, Number(bucket), count)
}

export function countIn({ buckets }: Spread): number {
  let count = 0
  for (const each of Object.values(buckets)) count += each
  return count
}

/** The value in seconds that `share` of the values do not exceed; null without any. */
export function percentileOf(spread: Spread, share: number): number | null {
  let rank = share * countIn(spread)
  const buckets = Object.entries(spread.buckets).map(([bucket, count]) => [Number(bucket), count] as const)
  for (const [bucket, count] of buckets.sort(([a], [b]) => a - b)) {
    // In proportion between the bounds, as those are: what a bucket adds is a factor.
    if (rank <= count) return 2 ** ((bucket - 1 + rank / count) / 4) / 1e3
    rank -= count
  }
  return null
}

export const isEmptySpread = ({ buckets }: Spread): boolean => Object.keys(buckets).length === 0

const bucketOf = (seconds: number): number =>
  Math.min(Math.max(Math.ceil(4 * Math.log2(Math.max(seconds * 1e3, 1e-3))), FIRST), LAST)
