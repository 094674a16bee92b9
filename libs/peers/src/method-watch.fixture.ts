import type { AllowEvidence, MethodEvidence } from '@earshot/calls'
import { epochMicros } from '@earshot/units'
import type { Alert } from './alert.ts'
import { MethodWatch } from './method-watch.ts'

/** Epoch second at which the observations of tests begin: a midnight. */
export const midnight = 1_767_225_600
export const HOUR = 3600
export const DAY = 24 * HOUR

type Answered = Partial<Pick<MethodEvidence, 'method' | 'code' | 'count' | 'agent' | 'peer' | 'callId'>>

/** Answers, so many seconds after midnight. */
export const answered = (after: number, change: Answered = {}): MethodEvidence => ({
  kind: 'method',
  second: midnight + after,
  peer: 'far',
  agent: '',
  method: 'UPDATE',
  code: 200,
  count: 1,
  callId: `${after}@x`,
  ...change
})

export const rejected = (after: number, change: Answered = {}): MethodEvidence =>
  answered(after, { code: 501, ...change })

type Allowed = Partial<Pick<AllowEvidence, 'source' | 'count' | 'agent' | 'peer'>>

export const allowed = (after: number, methods: string, change: Allowed = {}): AllowEvidence => ({
  kind: 'allowed',
  second: midnight + after,
  peer: 'far',
  agent: '',
  source: 'answer',
  count: 1,
  methods: methods.split(' ').sort(),
  ...change
})

/** So many, `apart` seconds from one to the next. */
export const times = <Row>(count: number, from: number, apart: number, row: (after: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(from + index * apart))

/** 20 a minute apart are enough to be learnt. */
export const learnt = (change: Answered = {}): MethodEvidence[] => times(20, 0, 60, after => answered(after, change))

/** The alerts that rows make, in the order of their times, when another hour has passed. */
export function alertsOf(
  rows: readonly (MethodEvidence | AllowEvidence)[],
  watch = new MethodWatch(),
  { hours = 1 }: { readonly hours?: number } = {}
): Alert[] {
  for (const row of rows.toSorted((a, b) => a.second - b.second)) watch.observe(row)
  const last = Math.max(...rows.map(({ second }) => second))
  watch.advance(epochMicros((last + 1 + hours * HOUR) * 1e6))
  return watch.alerts()
}

/** 'start UPDATE +1260' or 'end …', seconds after midnight. */
export const told = (alerts: readonly Alert[]): string[] =>
  alerts
    .toSorted((a, b) => (a.endedAt ?? a.startedAt) - (b.endedAt ?? b.startedAt))
    .map(({ method, startedAt, endedAt }) =>
      endedAt === undefined
        ? `start ${method} +${startedAt / 1e6 - midnight}`
        : `end ${method} +${endedAt / 1e6 - midnight}`
    )
