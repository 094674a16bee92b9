export { TrafficWatch, type TrafficWatchOptions } from './traffic-watch.ts'
export { countedAt } from './minute-counts.ts'
export type { CountedAttempt, CountedRecord, CountedRejection, GivenCounts, MinuteCounts } from './minute-counts.ts'
export { delayBounds, unusableCodes } from './signals.ts'
