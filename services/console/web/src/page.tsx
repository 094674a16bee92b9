import { useMemo, useState } from 'react'
import { AlertList } from './alert-list.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Empty } from './empty.tsx'
import { rejectedMethods, sumOf } from './figures.ts'
import { Header } from './header.tsx'
import { Health } from './health.tsx'
import { MethodMatrix } from './method-matrix.tsx'
import { matching, sorted } from './order.ts'
import { PeerTable } from './peer-table.tsx'
import { Toolbar } from './toolbar.tsx'
import { Totals } from './totals.tsx'
import { useAgents, useAlerts, useHistory, useLive } from './use-live.ts'
import { useView } from './use-view.ts'

/** More rows at once make a browser slow, and nobody reads them. */
const rowsAtFirst = 250

export function Page() {
  const { snapshot, rows, lost, retry } = useLive()
  const history = useHistory()
  const agents = useAgents()
  const { alerts, decided } = useAlerts()
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
    <div className={lost ? 'page stale' : 'page'}>
      {lost && <ConnectionBanner lost={lost} now={snapshot?.now} retry={retry} />}
      <Header snapshot={snapshot} lost={lost !== undefined} />
      {snapshot && <Health snapshot={snapshot} agents={agents ?? snapshot.agents} />}
      <main>
        {snapshot && rows.length === 0 && <Empty snapshot={snapshot} />}
        {snapshot && rows.length > 0 && (
          <>
            <Totals rows={counted} calls={snapshot.calls} />
            {alerts && <AlertList alerts={alerts} decided={decided} />}
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
      </main>
    </div>
  )
}
