import type { Alerts } from './api.ts'
import { AlertItem } from './alert-item.tsx'
import { timeOn } from './format.ts'
import { Link } from './link.tsx'
import { SilenceList } from './silence-list.tsx'

/** Ended ones that are shown: the page of alerts has all. */
const mostEnded = 5

/** What lasts, silenced alerts last; what is over since shortly, and the silences. Nothing where there is none of it. */
export function AlertList({ alerts }: { readonly alerts: Alerts }) {
  const { silences } = alerts
  const active = [...alerts.active].sort((a, b) => Number(a.silence !== undefined) - Number(b.silence !== undefined))
  const recent = alerts.recent.slice(0, mostEnded)
  if (active.length === 0 && recent.length === 0 && silences.length === 0) return undefined
  const now = new Date(alerts.now ?? Date.now())
  return (
    <section className="alerts" aria-label="Alerts">
      <h2>{active.length === 0 ? 'No alert lasts' : active.length === 1 ? '1 alert' : `${active.length} alerts`}</h2>
      <ul>
        {active.map(alert => (
          <AlertItem key={alert.id} alert={alert} now={now} />
        ))}
        {recent.map(alert => (
          <li key={alert.id} className="over">
            <span>
              <Link page="alerts" query={{ id: alert.id }}>
                {alert.summary}
              </Link>
              ; over since {timeOn(new Date(alert.endedAt!), now)}
            </span>
          </li>
        ))}
      </ul>
      {silences.length > 0 && <SilenceList silences={silences} />}
    </section>
  )
}
