import { epochMicros } from '@earshot/units'
import { alertId } from './alert-id.ts'
import type { Alert } from './alert.ts'
import type { Signal } from './capacity-limits.ts'
import { secondText } from './second-text.ts'

/** A figure of a peer that came too near to what was contracted. */
type Reached = {
  readonly peer: string
  readonly signal: Signal
  readonly value: number
  readonly contracted: number
  readonly severity: Alert['severity']
  readonly second: number
}

const at = (second: number) => epochMicros(second * 1e6)

const units: Readonly<Record<Signal, string>> = { calls: 'concurrent calls', cps: 'call attempts per second' }

const advices: Readonly<Record<Signal, string>> = {
  calls: 'Send calls over another route before the peer refuses them, or have more concurrent calls contracted.',
  cps: 'Spread or limit the attempts before the peer refuses them, or have more attempts per second contracted.'
}

export function headroomAlert({ peer, signal, value, contracted, severity, second }: Reached): Alert {
  const about = { kind: 'headroom', peer, signal, startedAt: at(second) } as const
  const share = severity === 'critical' ? 'more than' : 'more than 80 % of'
  return {
    id: alertId(about),
    ...about,
    severity,
    raisedAt: at(second),
    summary: `${peer} has ${share} the ${contracted} ${units[signal]} contracted, since ${secondText(second)}`,
    evidence: { [signal]: value, contracted },
    advice: advices[signal],
    runbook: 'headroom'
  }
}

export const headroomEnded = (alert: Alert, second: number): Alert => ({ ...alert, endedAt: at(second) })
