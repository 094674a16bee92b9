import type { Alert, Alerts } from './api.ts'
import { timeOn, words } from './format.ts'
import { SeverityMark } from './severity-mark.tsx'

/** Ended ones that are shown: the topic of alerts has all. */
const mostEnded = 5

/** What lasts, and what is over since shortly. Nothing where there is neither. */
export function AlertList({ alerts }: { readonly alerts: Alerts }) {
  const { active } = alerts
  const recent = alerts.recent.slice(0, mostEnded)
  if (active.length === 0 && recent.length === 0) return undefined
  const now = new Date(alerts.now ?? Date.now())
  return (
    <section className="alerts" aria-label="Alerts">
      <h2>{active.length === 0 ? 'No alert lasts' : active.length === 1 ? '1 alert' : `${active.length} alerts`}</h2>
      <ul>
        {active.map(alert => (
          <Entry key={alert.id} alert={alert} now={now} />
        ))}
        {recent.map(alert => (
          <Entry key={alert.id} alert={alert} now={now} />
        ))}
      </ul>
    </section>
  )
}

function Entry({ alert, now }: { readonly alert: Alert; readonly now: Date }) {
  const { severity, summary, advice, endedAt, callIds } = alert
  if (endedAt !== undefined) {
    return (
      <li className="over">
        <span>
          {summary}; over since {timeOn(new Date(endedAt), now)}
        </span>
      </li>
    )
  }
  const mark = severity === 'critical' ? 'alarm' : 'warning'
  return (
    <li className={mark}>
      <SeverityMark severity={mark} label={words(severity)} />
      <details>
        <summary>{summary}</summary>
        <p>{advice}</p>
        {callIds.length > 0 && (
          <p>
            Calls to look at: <code>{callIds.join(' ')}</code>
          </p>
        )}
      </details>
    </li>
  )
}
