import type { EpochMicros } from '@earshot/units'

export const alertKinds = ['method_regression', 'allow_drop', 'spike', 'drop', 'absence', 'headroom'] as const
export type AlertKind = (typeof alertKinds)[number]

/** What the operations centre is told: since when something is not as it was at a peer, and what to do. */
export type Alert = {
  /** Hash of kind, peer, method or signal, and start: the same from any replay. */
  readonly id: string
  readonly kind: AlertKind
  readonly peer: string
  /** A capture agent that it is about, whose name then stands as `peer` as well. */
  readonly agent?: string
  readonly method?: string
  readonly signal?: string
  readonly severity: 'warning' | 'critical'
  readonly startedAt: EpochMicros
  /** When the records said so, in event time. */
  readonly raisedAt: EpochMicros
  /** Absent while it lasts. */
  readonly endedAt?: EpochMicros
  /** One sentence for people. */
  readonly summary: string
  readonly evidence: Readonly<Record<string, string | number | readonly string[]>>
  readonly advice: string
  /** Path below docs/runbooks, without its ending. */
  readonly runbook: string
}
