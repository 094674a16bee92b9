import type { Alert } from '@earshot/peers'
import type { EpochMicros } from '@earshot/units'

type Times = 'startedAt' | 'raisedAt' | 'endedAt'

/** An alert as people and their programs are shown it: times as ISO 8601, UTC. */
export type AlertRow = Omit<Alert, Times> & {
  readonly startedAt: string
  readonly raisedAt: string
  readonly endedAt?: string
}

export const alertRow = ({ startedAt, raisedAt, endedAt, ...alert }: Alert): AlertRow => ({
  ...alert,
  startedAt: iso(startedAt),
  raisedAt: iso(raisedAt),
  ...(endedAt !== undefined && { endedAt: iso(endedAt) })
})

/** Of a time that no calendar has, its number. */
const iso = (time: EpochMicros): string => {
  const date = new Date(time / 1e3)
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString()
}
