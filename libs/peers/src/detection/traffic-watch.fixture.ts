import type { Alert } from '../alert.ts'
import { epochMicros, type EpochMicros } from '@earshot/units'
import { TrafficWatch } from './traffic-watch.ts'
import type { MinuteCounts } from './minute-counts.ts'

/** A Monday, 00:00 UTC. */
export const monday = Date.UTC(2026, 0, 5) / 60e3

export const timeOf = (minute: number, second = 0): EpochMicros => epochMicros((minute * 60 + second) * 1e6)

/** The time at which a minute has been judged. */
export const after = (minute: number): EpochMicros => timeOf(minute + 1, 3)

/** What of a peer came in a minute since `monday`. */
export type Traffic = (minute: number) => MinuteCounts | undefined

/** A peer whose every minute is the same, up to a little that comes and goes. */
export const steady =
  (perMinute: number): Traffic =>
  minute => {
    const attempts = perMinute + [0, 2, -1, 1, -2][minute % 5]!
    const earlyMedia = Math.round(attempts / 2)
    return {
      attempts,
      seizures: attempts,
      answered: Math.round(attempts / 2),
      earlyMedia,
      answeredEarlyMedia: Math.round(earlyMedia / 2)
    }
  }

const TICKS = 6

/** Counts a minute of the peer `far`, evenly. */
export function addMinute(detector: TrafficWatch, minute: number, counts: MinuteCounts): void {
  for (let tick = 0; tick < TICKS; tick++) {
    detector.add('far', 'outbound', timeOf(minute, 10 * tick), partOf(counts, tick))
  }
}

const partOf = (counts: MinuteCounts, tick: number): MinuteCounts =>
  JSON.parse(JSON.stringify(counts), (_, value: unknown) =>
    typeof value === 'number' ? Math.floor(((tick + 1) * value) / TICKS) - Math.floor((tick * value) / TICKS) : value
  ) as MinuteCounts

/** The alerts of minutes, each judged when it is over. */
export function alertsOf(traffic: Traffic, minutes: number, detector = new TrafficWatch()): Alert[] {
  const alerts: Alert[] = []
  for (let minute = 0; minute < minutes; minute++) {
    const counts = traffic(minute)
    if (counts) addMinute(detector, monday + minute, counts)
    detector.advance(after(monday + minute))
    alerts.push(...detector.alerts())
  }
  return alerts
}

/** As one reads it: minutes are those since `monday`. */
export const inShort = ({ kind, signal, severity, startedAt, raisedAt, endedAt }: Alert) => ({
  kind,
  signal,
  severity,
  from: minuteOf(startedAt),
  told: minuteOf(raisedAt),
  ...(endedAt !== undefined && { over: minuteOf(endedAt) })
})

const minuteOf = (time: EpochMicros): number => Math.floor(time / 60e6) - monday
