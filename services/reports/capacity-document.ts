import { capacityChart } from './capacity-chart.ts'
import type { CapacityReport, CapacityReportRow } from './capacity.ts'
import type { ReportDocument } from './document.ts'
import { changeText, countText, durationText, erlangsText, percentText } from './formats.ts'
import type { LocalTime } from './local-time.ts'
import { sheetOf, type Column } from './sheet.ts'
import { aboutRange, subjectColumns } from './subject-text.ts'

export function capacityDocument(report: CapacityReport, local: LocalTime): ReportDocument {
  const { rows, blocking } = report
  return {
    title: 'Capacity',
    about: aboutRange(report, local),
    sheets: [sheetOf('By peer', columnsOf(local), rows)],
    charts: rows.flatMap(row => capacityChart(row, report, local) ?? []),
    notes: [
      'Carried: calls in setup, early media and talk, each of which takes a channel, in erlangs over the whole report. Early media is the part of it that nobody is billed for.',
      'Busy hour: the time-consistent one (ITU-T E.600), the hour of the clock with the most traffic on average over the days with any; the daily peak is the mean of what each day had in its own busiest hour (E.500, ADPFH).',
      `Channels: so many that no more than ${percentText(blocking)} of what is offered in that hour is refused (Erlang B). Offered is what was carried and what was refused with 503 before anything rang, each as long as the others; who tries again counts again.`,
      'Growth: of the daily peak from week to week, the median over all pairs of days that are whole weeks apart.'
    ]
  }
}

const columnsOf = (local: LocalTime): readonly Column<CapacityReportRow>[] => [
  ...subjectColumns<CapacityReportRow>(),
  { key: 'attempts', head: 'attempts', value: row => row.attempts, format: countText },
  { key: 'blocked', head: 'blocked', value: row => row.blocked, format: countText, isDetail: true },
  { key: 'busySecondAttempts', head: 'busy second', value: row => row.busySecond?.attempts, format: countText },
  { key: 'busySecondAt', head: 'at', value: row => row.busySecond && local.text(row.busySecond.at), isDetail: true },
  { key: 'peakCalls', head: 'peak calls', value: row => row.peaks.total?.calls, format: countText },
  {
    key: 'peakHour',
    head: 'in the hour',
    value: row => row.peaks.total && local.text(row.peaks.total.hour),
    isDetail: true
  },
  { key: 'peakSetup', head: 'in setup', value: row => row.peaks.setup?.calls, format: countText, isDetail: true },
  {
    key: 'peakEarlyMedia',
    head: 'in early media',
    value: row => row.peaks.earlyMedia?.calls,
    format: countText,
    isDetail: true
  },
  {
    key: 'peakEstablished',
    head: 'established',
    value: row => row.peaks.established?.calls,
    format: countText,
    isDetail: true
  },
  { key: 'contractedCalls', head: 'contracted', value: row => row.contract?.calls, format: countText },
  { key: 'headroomCalls', head: 'headroom', value: row => row.contract?.headroom.calls, format: countText },
  {
    key: 'contractedCps',
    head: 'contracted per second',
    value: row => row.contract?.cps,
    format: countText,
    isDetail: true
  },
  {
    key: 'headroomCps',
    head: 'headroom per second',
    value: row => row.contract?.headroom.cps,
    format: countText,
    isDetail: true
  },
  { key: 'offeredErlangs', head: 'offered E', value: row => row.erlangs.offered, format: erlangsText },
  { key: 'carriedErlangs', head: 'carried E', value: row => row.erlangs.carried, format: erlangsText },
  { key: 'earlyMediaErlangs', head: 'early media E', value: row => row.erlangs.earlyMedia, format: erlangsText },
  { key: 'setupErlangs', head: 'setup E', value: row => row.erlangs.setup, format: erlangsText, isDetail: true },
  {
    key: 'establishedErlangs',
    head: 'talk E',
    value: row => row.erlangs.established,
    format: erlangsText,
    isDetail: true
  },
  { key: 'setupSeconds', head: 'setup', value: row => row.seconds.setup, format: durationText, isDetail: true },
  { key: 'earlyMediaSeconds', head: 'unbilled', value: row => row.seconds.earlyMedia, format: durationText },
  {
    key: 'establishedSeconds',
    head: 'talk',
    value: row => row.seconds.established,
    format: durationText,
    isDetail: true
  },
  { key: 'busyHour', head: 'busy hour', value: row => row.busyHour?.timeConsistent.clock },
  { key: 'busyHourErlangs', head: 'its E', value: row => row.busyHour?.timeConsistent.erlangs, format: erlangsText },
  {
    key: 'busyHourOfferedErlangs',
    head: 'its offered E',
    value: row => row.busyHour?.timeConsistent.offered,
    format: erlangsText,
    isDetail: true
  },
  {
    key: 'dailyPeakErlangs',
    head: 'daily peak E',
    value: row => row.busyHour?.dailyPeak.erlangs,
    format: erlangsText,
    isDetail: true
  },
  {
    key: 'highestHour',
    head: 'highest hour',
    value: row => row.busyHour && local.text(row.busyHour.highest.at),
    isDetail: true
  },
  {
    key: 'highestHourErlangs',
    head: 'its E',
    value: row => row.busyHour?.highest.erlangs,
    format: erlangsText,
    isDetail: true
  },
  { key: 'channels', head: 'channels', value: row => row.channels.timeConsistent, format: countText },
  {
    key: 'channelsHighestHour',
    head: 'for the highest hour',
    value: row => row.channels.highest,
    format: countText,
    isDetail: true
  },
  {
    key: 'contractedBlocking',
    head: 'blocking',
    value: row => row.contract?.blocking,
    format: percentText,
    isDetail: true
  },
  { key: 'growthErlangsPerWeek', head: 'growth E/week', value: row => row.growth?.perWeek, format: changeText },
  {
    key: 'growthErlangsPerMonth',
    head: 'E/month',
    value: row => row.growth?.perMonth,
    format: changeText,
    isDetail: true
  },
  {
    key: 'growthPerWeek',
    head: 'per week',
    value: row => row.growth?.perWeekShare,
    format: percentText,
    isDetail: true
  }
]
