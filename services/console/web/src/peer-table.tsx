import { useCallback, useId, useMemo } from 'react'
import type { History, Tally } from './api.ts'
import { ColumnHeads } from './column-head.tsx'
import type { MethodLabel } from './figures.ts'
import { minutesOf } from './history.ts'
import { PeerRow } from './peer-row.tsx'
import type { Row } from './problems.ts'
import { TallyCells } from './tally-cells.tsx'
import type { ChangeView } from './use-view.ts'
import type { View } from './view.ts'

type Props = {
  readonly rows: readonly Row[]
  /** All rows that pass the filter, together. */
  readonly sum: Tally
  readonly methods: readonly MethodLabel[]
  readonly history: History | undefined
  readonly view: View
  readonly change: ChangeView
}

/** The roles are written out because the narrow layout takes the elements out of table display, and their roles with it. */
export function PeerTable({ rows, sum, methods, history, view, change }: Props) {
  const id = useId()
  const toggle = useCallback(
    (key: string) =>
      change(before => ({
        ...before,
        expanded: before.expanded.includes(key)
          ? before.expanded.filter(other => other !== key)
          : [...before.expanded, key]
      })),
    [change]
  )
  const minutes = useMemo(
    () => new Map(rows.map(row => [row.key, minutesOf(history, row.peer)])),
    [history, rows.map(row => row.key).join('\n')]
  )
  return (
    <div className="scroller" role="region" aria-labelledby={id} tabIndex={0}>
      <table role="table" className="peers">
        <caption id={id} className="hidden">
          Peers by outcome after early media, and by method rejected
        </caption>
        <colgroup>
          <col className="state" />
          <col className="peer" />
          <col className="attempts" />
          <col className="em-outcomes" />
          <col className="em-rate" />
          <col className="em-asr" />
          <col className="em-time" />
          <col className="sdp183" />
          {methods.map(method => (
            <col key={method} className="method" />
          ))}
        </colgroup>
        <ColumnHeads methods={methods} sort={view.sort} onSort={sort => change(before => ({ ...before, sort }))} />
        <tbody role="rowgroup">
          {rows.map(row => (
            <PeerRow
              key={row.key}
              row={row}
              methods={methods}
              minutes={minutes.get(row.key)}
              expanded={view.expanded.includes(row.key)}
              toggle={toggle}
            />
          ))}
          {rows.length === 0 && (
            <tr role="row" className="nothing">
              <td role="cell" colSpan={8 + methods.length}>
                No peer matches “{view.filter}”.
              </td>
            </tr>
          )}
        </tbody>
        {rows.length > 1 && (
          <tfoot role="rowgroup">
            <tr role="row">
              <td role="cell" className="state" />
              <th role="rowheader" scope="row" className="peer">
                {view.filter === '' ? 'All together' : 'All that match'}
              </th>
              <TallyCells tally={sum} methods={methods} heated={false} />
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  )
}
