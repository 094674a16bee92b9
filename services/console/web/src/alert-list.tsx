import { useState, type ComponentProps } from 'react'
import { AlertActions } from './alert-actions.tsx'
import type { Alerts } from './api.ts'
import { timeOn, words } from './format.ts'
import { storedName, storeName } from './own-name.ts'
import { SeverityMark } from './severity-mark.tsx'
import { SilenceList } from './silence-list.tsx'

/** Ended ones that are shown: the topic of alerts has all. */
const mostEnded = 5

type Props = {
  readonly alerts: Alerts
  /** Told when somebody has acknowledged or silenced something. */
  readonly decided: () => void
}

/** What lasts, silenced alerts last; what is over since shortly, and the silences. Nothing where there is none of it. */
export function AlertList({ alerts, decided }: Props) {
  const { silences } = alerts
  const [by, setBy] = useState(storedName)
  const name = (text: string) => {
    setBy(text)
    storeName(text)
  }
  const active = [...alerts.active].sort((a, b) => Number(a.silence !== undefined) - Number(b.silence !== undefined))
  const recent = alerts.recent.slice(0, mostEnded)
  if (active.length === 0 && recent.length === 0 && silences.length === 0) return undefined
  const now = new Date(alerts.now ?? Date.now())
  return (
    <section className="alerts" aria-label="Alerts">
      <h2>{active.length === 0 ? 'No alert lasts' : active.length === 1 ? '1 alert' : `${active.length} alerts`}</h2>
      <ul>
        {active.map(alert => (
          <Lasting key={alert.id} alert={alert} now={now} by={by} name={name} decided={decided} />
        ))}
        {recent.map(alert => (
          <li key={alert.id} className="over">
            <span>
              {alert.summary}; over since {timeOn(new Date(alert.endedAt!), now)}
            </span>
          </li>
        ))}
      </ul>
      {silences.length > 0 && <SilenceList silences={silences} decided={decided} />}
    </section>
  )
}

type LastingProps = ComponentProps<typeof AlertActions> & { readonly now: Date }

function Lasting({ alert, now, ...actions }: LastingProps) {
  const { severity, summary, advice, callIds, runbook, acknowledged, silence } = alert
  const mark = severity === 'critical' ? 'alarm' : 'warning'
  return (
    <li className={silence ? 'silenced' : mark}>
      <SeverityMark severity={mark} label={words(severity)} />
      <details>
        <summary>
          {summary}
          {acknowledged && <span className="decision"> · acknowledged by {acknowledged.by}</span>}
          {silence && (
            <span className="decision"> · silenced until {timeOn(new Date(silence.until), new Date())} UTC</span>
          )}
        </summary>
        <p>{advice}</p>
        {callIds.length > 0 && (
          <p>
            Calls to look at: <code>{callIds.join(' ')}</code>
          </p>
        )}
        <p>
          <a href={`runbooks/${encodeURIComponent(runbook)}`}>Runbook</a>
          {acknowledged && ` · acknowledged ${timeOn(new Date(acknowledged.at), now)} UTC`}
          {acknowledged?.note !== undefined && `: ${acknowledged.note}`}
        </p>
        <AlertActions alert={alert} {...actions} />
      </details>
    </li>
  )
}
