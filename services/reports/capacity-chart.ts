import { epochMicros } from '@earshot/units'
import type { CapacityReport, CapacityReportRow, ReportHour } from './capacity.ts'
import type { Chart } from './document.ts'
import { countText } from './formats.ts'
import type { LocalTime } from './local-time.ts'
import { palette } from './palette.ts'
import { HOUR } from './range.ts'
import { subjectText } from './subject-text.ts'
import { timeAxis } from './time-axis.ts'

/** Of more hours than that only the busiest of each day is drawn. */
const MOST_HOURS = 15 * 24

/** A contract that is so many times higher would leave nothing to see of what is below. */
const LARGEST_GAP = 3

const phases = [
  { phase: 'established', text: 'talk', colour: palette.blue },
  { phase: 'earlyMedia', text: 'early media', colour: palette.orange },
  { phase: 'setup', text: 'setup', colour: palette.grey }
] as const

const MOST_CALLS = 'most calls at a time'

type Point = { readonly at: string; readonly phase: string; readonly order: number; readonly erlangs: number }
type Peak = { readonly at: string; readonly calls: number }

/** Erlangs over time, with the most calls at a time and what was contracted; undefined of rows without hours. */
export function capacityChart(
  row: CapacityReportRow,
  range: Pick<CapacityReport, 'from' | 'to'>,
  local: LocalTime
): Chart | undefined {
  if (!row.hours) return undefined
  const byDay = (range.to - range.from) / HOUR > MOST_HOURS
  const hours = byDay ? busiestOfDays(row.hours, local) : everyHour(row.hours, range)
  const at = (hour: ReportHour): string => {
    const { day, clock } = local.momentOf(hour.at)
    return byDay ? `${day}T00:00Z` : `${day}T${clock}Z`
  }
  const points = hours.flatMap(hour =>
    phases.map(({ phase, text }, order): Point => ({ at: at(hour), phase: text, order, erlangs: hour[phase] }))
  )
  const peaks = hours.flatMap((hour): Peak[] => (hour.peak === null ? [] : [{ at: at(hour), calls: hour.peak }]))
  const highest = Math.max(
    ...hours.map(({ setup, earlyMedia, established, peak }) => peak ?? setup + earlyMedia + established)
  )
  const calls = row.contract?.calls
  const isNear = calls !== undefined && calls <= LARGEST_GAP * highest
  const x = {
    field: 'at',
    type: 'temporal',
    ...(byDay && { timeUnit: 'utcyearmonthdate' }),
    scale: { type: 'utc' },
    axis: timeAxis(range),
    title: null
  } as const
  return {
    title: [
      `${subjectText(row.subject)}: erlangs ${byDay ? 'in the busiest hour of each day' : 'by the hour'}`,
      ...(calls === undefined || isNear ? [] : [`contracted: ${countText(calls)}`])
    ].join('; '),
    spec: {
      width: 900,
      height: 220,
      layer: [
        {
          data: { values: points },
          mark: byDay ? { type: 'bar', width: { band: 0.8 } } : { type: 'area', interpolate: 'step-after' },
          encoding: {
            x,
            y: { field: 'erlangs', type: 'quantitative', stack: 'zero', title: 'erlangs, calls' },
            color: {
              field: 'phase',
              type: 'nominal',
              title: null,
              scale: {
                domain: [...phases.map(({ text }) => text), MOST_CALLS],
                range: [...phases.map(({ colour }) => colour), palette.vermilion]
              }
            },
            order: { field: 'order', type: 'quantitative' }
          }
        },
        {
          data: { values: peaks },
          mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.5 },
          encoding: { x, y: { field: 'calls', type: 'quantitative' }, color: { datum: MOST_CALLS } }
        },
        ...(isNear ? [contractLine(calls)] : [])
      ]
    }
  }
}

const contractLine = (calls: number) => ({
  data: { values: [{ calls, text: `contracted: ${countText(calls)}` }] },
  encoding: { y: { field: 'calls', type: 'quantitative' as const } },
  layer: [
    { mark: { type: 'rule' as const, strokeDash: [6, 4], color: palette.vermilion } },
    {
      mark: { type: 'text' as const, align: 'left' as const, baseline: 'bottom' as const, x: 4, dy: -2 },
      encoding: { text: { field: 'text', type: 'nominal' as const } }
    }
  ]
})

/** With those in which nothing was under way. */
function everyHour(hours: readonly ReportHour[], { from, to }: Pick<CapacityReport, 'from' | 'to'>): ReportHour[] {
  const known = new Map(hours.map(hour => [hour.at, hour]))
  return Array.from({ length: Math.ceil((to - from) / HOUR) }, (_, index) => {
    const at = epochMicros(from + index * HOUR)
    return known.get(at) ?? { at, setup: 0, earlyMedia: 0, established: 0, peak: 0 }
  })
}

function busiestOfDays(hours: readonly ReportHour[], local: LocalTime): ReportHour[] {
  const erlangs = ({ setup, earlyMedia, established }: ReportHour): number => setup + earlyMedia + established
  const days = Map.groupBy(hours, ({ at }) => local.momentOf(at).day)
  return Array.from(days.values(), day => ({
    ...day.reduce((a, b) => (erlangs(b) > erlangs(a) ? b : a)),
    peak: day.some(({ peak }) => peak === null) ? null : Math.max(...day.map(({ peak }) => peak ?? 0))
  }))
}
