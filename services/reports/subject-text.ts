import type { Side } from '@earshot/store'
import type { LocalTime } from './local-time.ts'
import type { ReportRange } from './range.ts'
import type { Column } from './sheet.ts'
import type { Subject } from './subjects.ts'

/** As in a table or below a chart. */
export const subjectText = (subject: Subject): string => {
  if (subject.kind === 'all') return 'all peers'
  return subject.kind === 'group' ? `group ${subject.name}` : subject.name
}

export const subjectColumn = <Row extends { readonly subject: Subject }>(): Column<Row> => ({
  key: 'peer',
  head: 'peer',
  value: ({ subject }) => subjectText(subject)
})

export const subjectColumns = <
  Row extends { readonly subject: Subject; readonly direction: Side }
>(): Column<Row>[] => [subjectColumn(), { key: 'direction', head: 'direction', value: ({ direction }) => direction }]

export const aboutRange = ({ from, to }: ReportRange, local: LocalTime): string[] => [
  `${local.text(from)} to ${local.text(to)}, ${local.timeZone}`
]
