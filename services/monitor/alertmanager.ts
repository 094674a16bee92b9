import type { Alert } from '@earshot/peers'
import { alertRow } from '../alert-row.ts'

/** An alert as Prometheus' Alertmanager takes it at /api/v2/alerts. */
export type PostableAlert = {
  /** Who it is: an alert with the same labels is the same alert. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  /** Absent while it lasts: Alertmanager then ends it when nobody has repeated it for its `resolve_timeout`. */
  readonly endsAt?: string
  readonly generatorURL?: string
}

/**
 * `pageUrl` is where people reach the page.
 *
 * Source: Alertmanager api/v2/openapi.yaml, postableAlert.
 */
export function postableAlert(alert: Alert, pageUrl?: string): PostableAlert {
  const { id, kind, peer, method, signal, severity, summary, advice, evidence, runbook } = alert
  const { startedAt, endedAt } = alertRow(alert)
  const page = pageUrl?.replace(/\/*$/, '/')
  return {
    labels: {
      alertname: alertNames[kind],
      service: 'earshot',
      kind,
      peer,
      ...(method !== undefined && { method }),
      ...(signal !== undefined && { signal }),
      severity
    },
    annotations: {
      summary,
      description: advice,
      evidence: JSON.stringify(evidence),
      earshot_id: id,
      ...(page !== undefined && { runbook_url: `${page}runbooks/${runbook}` })
    },
    startsAt: startedAt,
    ...(endedAt !== undefined && { endsAt: endedAt }),
    ...(page !== undefined && { generatorURL: page })
  }
}

const alertNames: Readonly<Record<Alert['kind'], string>> = {
  method_regression: 'EarshotMethodRegression',
  allow_drop: 'EarshotAllowDrop',
  spike: 'EarshotSpike',
  drop: 'EarshotDrop',
  absence: 'EarshotAbsence',
  headroom: 'EarshotHeadroom'
}
