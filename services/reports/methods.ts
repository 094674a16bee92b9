import type { Alert } from '@earshot/peers'
import type { AlertQuery, SeriesRow, Store } from '@earshot/store'
import type { EpochMicros } from '@earshot/units'
import { everyRow } from './pages.ts'
import type { ReportRange } from './range.ts'
import { sidesOf } from './sides.ts'
import { subjectsOf, type ReportQuery, type ReportSource, type Subject } from './subjects.ts'

/** Which peer rejected which method how often, and since when it does what it did not do before. */
export type MethodsReport = ReportRange & {
  readonly kind: 'methods'
  readonly timeZone: string
  readonly rows: readonly MethodsReportRow[]
  /** That lasted within the range, or a part of it, oldest first. */
  readonly regressions: readonly Regression[]
}

/** In directions together: a method is rejected by a peer, whoever called whom. */
export type MethodsReportRow = {
  readonly subject: Subject
  readonly method: string
  /** 501 or 405. */
  readonly code: number
  readonly transactions: number
  /** The hours in which the first and the last of them were. */
  readonly firstHour: EpochMicros
  readonly lastHour: EpochMicros
}

/** A method that worked and is rejected, or that a peer's Allow listed and does not any more. */
export type Regression = {
  readonly kind: 'method_regression' | 'allow_drop'
  readonly peer: string
  readonly method: string
  readonly startedAt: EpochMicros
  /** Absent where it lasts. */
  readonly endedAt?: EpochMicros
  readonly summary: string
}

export async function methodsReport(source: ReportSource, query: ReportQuery): Promise<MethodsReport> {
  const { from, to } = query
  const rows: MethodsReportRow[] = []
  const peers = new Set<string>()
  for await (const { subject, rows: hours } of subjectsOf(source, query)) {
    if (subject.kind === 'peer') peers.add(subject.name)
    rows.push(...rejectionsOf(subject, hours))
  }
  const regressions = await regressionsOf(source.store, query)
  return {
    kind: 'methods',
    from,
    to,
    timeZone: source.local.timeZone,
    rows,
    regressions: regressions.filter(({ peer }) => query.group === undefined || peers.has(peer))
  }
}

function rejectionsOf(subject: Subject, hours: readonly SeriesRow[]): MethodsReportRow[] {
  const rows = new Map<string, { transactions: number; readonly firstHour: EpochMicros; lastHour: EpochMicros }>()
  const all = sidesOf(hours).find(({ isWhole }) => isWhole)?.rows ?? []
  for (const { at, sums } of all) {
    for (const [rejection, transactions] of Object.entries(sums.rejections)) {
      const row = rows.get(rejection) ?? { transactions: 0, firstHour: at, lastHour: at }
      rows.set(rejection, { ...row, transactions: row.transactions + transactions, lastHour: at })
    }
  }
  return Array.from(rows, ([rejection, row]) => {
    const [method = '', code] = rejection.split(' ')
    return { subject, method, code: Number(code), ...row }
  }).sort((a, b) => b.transactions - a.transactions || (a.method < b.method ? -1 : 1) || a.code - b.code)
}

/** Alerts tell of them, those too that began before. */
async function regressionsOf(store: Pick<Store, 'alerts'>, { from, to, peer }: ReportQuery): Promise<Regression[]> {
  const kinds = ['method_regression', 'allow_drop'] as const
  const query: AlertQuery = { to, kinds, ...(peer !== undefined && { peers: [peer] }) }
  const found: Regression[] = []
  for await (const alert of everyRow(each => store.alerts(each), query)) {
    if ((alert.endedAt ?? Infinity) > from) found.unshift(regressionOf(alert))
  }
  return found
}

const regressionOf = ({ kind, peer, method = '', startedAt, endedAt, summary }: Alert): Regression => ({
  kind: kind as Regression['kind'],
  peer,
  method,
  startedAt,
  ...(endedAt !== undefined && { endedAt }),
  summary
})
