import { useEffect, useRef } from 'react'
import type { Alert } from './api.ts'
import { AlertActions } from './alert-actions.tsx'
import { Evidence } from './evidence.tsx'
import { timeOn, words } from './format.ts'
import { Link } from './link.tsx'
import { SeverityMark } from './severity-mark.tsx'

type Props = { readonly alert: Alert; readonly now: Date; readonly open?: boolean }

/** An alert in a line, and behind it why, what to do, and the calls to look at. */
export function AlertItem({ alert, now, open = false }: Props) {
  const { severity, summary, advice, evidence, runbook, acknowledged, silence, startedAt, endedAt, peer } = alert
  const mark = severity === 'critical' ? 'alarm' : 'warning'
  const item = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (open) item.current?.scrollIntoView({ block: 'nearest' })
  }, [open])
  return (
    <li ref={item} className={endedAt !== undefined ? 'ended' : silence ? 'silenced' : mark}>
      <SeverityMark severity={mark} label={words(severity)} />
      <details open={open}>
        <summary>
          {summary}
          {acknowledged && <span className="decision"> · acknowledged by {acknowledged.by}</span>}
          {silence && (
            <span className="decision"> · silenced until {timeOn(new Date(silence.until), new Date())} UTC</span>
          )}
          {endedAt !== undefined && (
            <span className="decision"> · over since {timeOn(new Date(endedAt), now)} UTC</span>
          )}
        </summary>
        <p>{advice}</p>
        <SampleCalls callIds={sampleCalls(evidence)} />
        <Evidence evidence={evidence} />
        <p>
          Since {timeOn(new Date(startedAt), now)} UTC ·{' '}
          <Link page="peer" query={{ name: peer }}>
            {peer}
          </Link>{' '}
          · <a href={`runbooks/${encodeURIComponent(runbook)}`}>Runbook</a> ·{' '}
          <Link page="alerts" query={{ id: alert.id }}>
            Link to this alert
          </Link>
          {acknowledged && ` · acknowledged ${timeOn(new Date(acknowledged.at), now)} UTC`}
          {acknowledged?.note !== undefined && `: ${acknowledged.note}`}
        </p>
        {endedAt === undefined && <AlertActions alert={alert} />}
      </details>
    </li>
  )
}

export const sampleCalls = ({ callIds }: Alert['evidence']): readonly string[] =>
  Array.isArray(callIds) ? (callIds as readonly string[]) : []

function SampleCalls({ callIds }: { readonly callIds: readonly string[] }) {
  if (callIds.length === 0) return undefined
  return (
    <p>
      Calls to look at:{' '}
      {callIds.map(callId => (
        <Link key={callId} page="call" query={{ id: callId }} className="call-id">
          {callId}
        </Link>
      ))}
    </p>
  )
}
