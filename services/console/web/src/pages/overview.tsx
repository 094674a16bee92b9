import { useMemo, useState } from 'react'
import { AlertList } from '../alert-list.tsx'
import { Empty } from '../empty.tsx'
import { rejectedMethods, sumOf } from '../figures.ts'
import { Health } from '../health.tsx'
import { MethodMatrix } from '../method-matrix.tsx'
import { matching, sorted } from '../order.ts'
import { PeerTable } from '../peer-table.tsx'
import { Toolbar } from '../toolbar.tsx'
import { Totals } from '../totals.tsx'
import { useLive } from '../use-live.tsx'
import { useView } from '../use-view.ts'

/** More rows at once make a browser slow, and nobody reads them. */
const rowsAtFirst = 250

export function Overview() {
  const { snapshot, rows, alerts, agents, history, lost } = useLive()
  const [view, change] = useView()
  const [all, setAll] = useState(false)

  const counted = useMemo(() => rows.filter(row => row.peer.direction !== 'internal'), [rows])
  const candidates = view.internal ? rows : counted
  const shown = useMemo(
    () => sorted(matching(candidates, view.filter), view.sort),
    [candidates, view.filter, view.sort]
  )
  // The columns stay while a filter hides the rows that need them.
  const methodList = rejectedMethods(candidates.map(row => row.peer)).join(' ')
  const methods = useMemo(() => rejectedMethods(candidates.map(row => row.peer)), [methodList])

  return (
    <>
      {snapshot && <Health snapshot={snapshot} agents={agents?.agents ?? snapshot.agents} />}
      {snapshot && rows.length === 0 && <Empty snapshot={snapshot} />}
      {snapshot && rows.length > 0 && (
        <>
          <Totals rows={counted} calls={snapshot.calls} />
          {alerts && <AlertList alerts={alerts} />}
          <Toolbar
            view={view}
            change={change}
            shown={shown.length}
            all={candidates.length}
            internal={rows.length - counted.length}
          />
          <PeerTable
            rows={all ? shown : shown.slice(0, rowsAtFirst)}
            sum={sumOf(shown.map(row => row.peer))}
            methods={methods}
            history={history}
            view={view}
            change={change}
          />
          {!all && shown.length > rowsAtFirst && (
            <button type="button" className="more" onClick={() => setAll(true)}>
              Show all {shown.length} rows
            </button>
          )}
          <MethodMatrix peers={shown.map(row => row.peer)} />
        </>
      )}
      {!snapshot && !lost && <p className="connecting">Connecting …</p>}
    </>
  )
}
