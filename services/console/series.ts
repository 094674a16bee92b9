import { Figures, type PeerRow } from '@earshot/peers'
import type { SeriesRow } from '@earshot/store'
import type { EpochMicros } from '@earshot/units'
import { earlyMediaParts, type Series } from './answers/series.ts'

type Range = { readonly from: EpochMicros; readonly to: EpochMicros }

/** What the page draws of the rows of one peer in one direction: a value for each step, also for those without a row. */
export function seriesOf(
  rows: readonly SeriesRow[],
  { from, to }: Range,
  step: number
): Omit<Series, 'peer' | 'direction'> {
  const length = Math.round((to - from) / 1e6 / step)
  const at = new Map(rows.map(row => [Math.round((row.at - from) / 1e6 / step), row]))
  const stored = Array.from({ length }, (_, index) => at.get(index))
  const figured = stored.map(row => row && figuresOf([row], step))
  const of = (value: (row: PeerRow) => number): number[] => figured.map(row => (row ? value(row) : 0))
  const share = (value: (row: PeerRow) => number | null): (number | null)[] =>
    figured.map(row => (row ? value(row) : null))
  const phase = (name: keyof SeriesRow['concurrent'], what: 'peak' | 'erlangs'): number[] =>
    stored.map(row => {
      const { peak = 0, seconds = 0 } = row?.concurrent[name] ?? {}
      return what === 'peak' ? peak : seconds / step
    })
  return {
    step,
    times: Array.from({ length }, (_, index) => from / 1e6 + index * step),
    attempts: of(row => row.attempts),
    answered: of(row => row.outcomes.answered ?? 0),
    earlyMedia: {
      answered: of(row => earlyMediaPart(row, 'answered')),
      busy: of(row => earlyMediaPart(row, 'busy')),
      no_answer: of(row => earlyMediaPart(row, 'no_answer')),
      cancelled: of(row => earlyMediaPart(row, 'cancelled')),
      failed: of(row => earlyMediaPart(row, 'failed')),
      open: of(row => earlyMediaPart(row, 'open'))
    },
    earlyMediaSeconds: of(row => row.earlyMedia.seconds),
    earlyMediaAsr: share(row => row.figures.earlyMediaAsr),
    asr: share(row => row.figures.asr),
    requestDelay: { p50: share(row => row.figures.srd.success.p50), p95: share(row => row.figures.srd.success.p95) },
    rejections: byName(figured, row =>
      row.rejections.map(({ method, code, transactions }) => [`${method} ${code}`, transactions])
    ),
    diagnoses: byName(figured, row => row.diagnoses.map(({ code, attempts }) => [code, attempts])),
    busySecond: stored.map(row => row?.busySecond?.attempts ?? 0),
    peaks: {
      setup: phase('setup', 'peak'),
      earlyMedia: phase('earlyMedia', 'peak'),
      established: phase('established', 'peak'),
      total: phase('total', 'peak')
    },
    erlangs: {
      setup: phase('setup', 'erlangs'),
      earlyMedia: phase('earlyMedia', 'erlangs'),
      established: phase('established', 'erlangs')
    },
    total: totalOf(rows, (to - from) / 1e6)
  }
}

function totalOf(rows: readonly SeriesRow[], spanSeconds: number): Series['total'] {
  const { attempts, outcomes, classes, earlyMedia, responses183, rejections, diagnoses, figures } = figuresOf(
    rows,
    spanSeconds
  )
  return { attempts, outcomes, classes, earlyMedia, responses183, rejections, diagnoses, figures }
}

/** Of several rows of one peer and direction together; whatever their sums say of the direction is not asked. */
function figuresOf(rows: readonly SeriesRow[], spanSeconds: number): PeerRow {
  const figures = new Figures()
  figures.merge([nobody, ...rows.map(({ sums }) => ({ ...sums, peer: nobody.peer, direction: nobody.direction }))])
  return figures.rows(spanSeconds)[0]!
}

const nobody = {
  peer: '',
  direction: 'outbound',
  attempts: {},
  earlyMediaMicros: 0,
  withSdp: 0,
  withoutSdp: 0,
  rejections: {}
} as const satisfies SeriesRow['sums']

function earlyMediaPart(
  { earlyMedia: { attempts, outcomes } }: PeerRow,
  part: (typeof earlyMediaParts)[number]
): number {
  if (part !== 'failed') return outcomes[part] ?? 0
  return earlyMediaParts.reduce((left, each) => (each === 'failed' ? left : left - (outcomes[each] ?? 0)), attempts)
}

function byName(
  rows: readonly (PeerRow | undefined)[],
  countsOf: (row: PeerRow) => readonly (readonly [string, number])[]
): Record<string, number[]> {
  const series: Record<string, number[]> = Object.create(null)
  for (const [index, row] of rows.entries()) {
    for (const [name, count] of row ? countsOf(row) : []) {
      const values = (series[name] ??= Array.from({ length: rows.length }, () => 0))
      values[index] = count
    }
  }
  return series
}
