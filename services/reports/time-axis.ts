import { HOUR, type ReportRange } from './range.ts'

/** Labels of local time that is drawn as if it were UTC: hours of a day or two, else days. */
export const timeAxis = ({ from, to }: ReportRange) =>
  to - from <= 48 * HOUR
    ? ({ format: '%H:%M', labelOverlap: true } as const)
    : ({ format: '%a %d %b', tickCount: 'day', labelOverlap: true } as const)
