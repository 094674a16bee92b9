import { useState } from 'react'
import type { PastAlerts } from '../api.ts'
import { AlertItem } from '../alert-item.tsx'
import { SilenceList } from '../silence-list.tsx'
import { useLive } from '../use-live.tsx'
import { useLoaded } from '../use-loaded.ts'

/** What lasts, what is silenced and what was; an alert that the URL names is open. */
export function AlertsPage({ query }: { readonly query: URLSearchParams }) {
  const { alerts } = useLive()
  const id = query.get('id') ?? undefined
  const named = useLoaded<PastAlerts>(id === undefined ? undefined : `api/alerts/past?id=${encodeURIComponent(id)}`)
  if (!alerts) return <p className="connecting">Connecting …</p>
  const now = new Date(alerts.now ?? Date.now())
  const known = [...alerts.active, ...alerts.recent]
  const isKnown = id === undefined || known.some(alert => alert.id === id)
  const others = isKnown ? [] : (named.answer?.rows ?? [])
  return (
    <>
      {others.length > 0 && (
        <section className="alerts" aria-label="The alert of the link">
          <ul>
            {others.map(alert => (
              <AlertItem key={alert.id} alert={alert} now={now} open />
            ))}
          </ul>
        </section>
      )}
      {!isKnown && named.answer?.rows.length === 0 && <p role="alert">The alert of this link is not kept any more.</p>}
      <section className="alerts" aria-label="Alerts that last">
        <h2>{alerts.active.length === 0 ? 'No alert lasts' : 'Alerts that last'}</h2>
        <ul>
          {alerts.active.map(alert => (
            <AlertItem
              key={alert.id}
              alert={alert}
              now={now}
              open={alert.id === id || (id === undefined && !alert.silence)}
            />
          ))}
        </ul>
      </section>
      {alerts.silences.length > 0 && (
        <section className="alerts" aria-label="Silences">
          <h2>Silences</h2>
          <SilenceList silences={alerts.silences} />
        </section>
      )}
      <Past named={id} now={now} />
    </>
  )
}

/** Everything that is kept, page by page. */
function Past({ named, now }: { readonly named: string | undefined; readonly now: Date }) {
  const [cursor, setCursor] = useState<string>()
  const { answer, trouble } = useLoaded<PastAlerts>(
    `api/alerts/past?limit=50${cursor === undefined ? '' : `&cursor=${cursor}`}`,
    cursor === undefined ? 15_000 : undefined
  )
  const over = answer?.rows.filter(({ endedAt }) => endedAt !== undefined) ?? []
  return (
    <section className="alerts" aria-label="Alerts that are over">
      <h2>{over.length === 0 ? 'No alert is over' : 'Alerts that are over'}</h2>
      {trouble !== undefined && <p role="alert">{trouble}</p>}
      <ul>
        {over.map(alert => (
          <AlertItem key={alert.id} alert={alert} now={now} open={alert.id === named} />
        ))}
      </ul>
      <nav className="pager" aria-label="Pages of alerts">
        {cursor !== undefined && (
          <button type="button" onClick={() => setCursor(undefined)}>
            Newest
          </button>
        )}
        {answer?.next !== undefined && (
          <button type="button" onClick={() => setCursor(answer.next)}>
            Older
          </button>
        )}
      </nav>
    </section>
  )
}
