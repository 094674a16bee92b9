import Table from 'cli-table3'
import type { GroupRow, PeerRow, RatioRow } from '@earshot/peers'
import { printable } from '../printable.ts'

/** The ratios and times of peers, then of groups; nothing where there are none. */
export function figureTable(peers: readonly PeerRow[], groups: readonly GroupRow[]): string {
  const rows = [
    ...peers.map(({ peer, direction, figures }) => [printable(peer), direction, ...cells(figures)]),
    ...groups.map(({ group, direction, figures }) => [`group ${printable(group)}`, direction, ...cells(figures)])
  ]
  const table = new Table({
    head: ['peer', '', ...columns.map(({ head }) => head)],
    colAligns: ['left', 'left', ...columns.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true }
  })
  table.push(...rows)
  return rows.length > 0 ? table.toString() : ''
}

const columns: readonly { readonly head: string; readonly of: (figures: RatioRow) => string }[] = [
  { head: 'calls', of: ({ calls }) => String(calls.judged || '') },
  { head: 'seizures', of: ({ seizures }) => String(seizures || '') },
  { head: 'ASR', of: ({ asr }) => percent(asr) },
  { head: 'NER', of: ({ ner }) => percent(ner) },
  { head: 'SER', of: ({ ser }) => percent(ser) },
  { head: 'EM-ASR', of: ({ earlyMediaAsr }) => percent(earlyMediaAsr) },
  { head: 'ACD', of: ({ acd }) => seconds(acd) },
  { head: 'SRD p50', of: ({ srd }) => seconds(srd.success.p50) },
  { head: 'SDD p50', of: ({ sdd }) => seconds(sdd.p50) }
]

const cells = (figures: RatioRow): string[] => columns.map(({ of }) => of(figures))

const percent = (ratio: number | null): string => (ratio === null ? '' : `${(100 * ratio).toFixed(1)} %`)

const seconds = (time: number | null): string => (time === null ? '' : `${time.toFixed(time < 10 ? 2 : 0)} s`)
