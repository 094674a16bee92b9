import { setTimeout as pause } from 'node:timers/promises'
import { ladder } from '@earshot/traffic'
import type { Captured, EpochMicros } from '@earshot/units'
import type { RunningEarshot } from '../earshot.ts'

/** So many UPDATEs, a second apart, from so many seconds after the start on. */
export const updates = (start: EpochMicros, count: number, from: number, answer: string): Captured[] =>
  Array.from({ length: count }, (_, index) => (from + index) * 1000).flatMap(at =>
    ladder(`${at} a>b UPDATE call=${at} tt=x\n${at + 20} b>a ${answer} UPDATE call=${at}`, { start })
  )

/** Twenty that work, then some that do not, for long enough that an alert is raised. */
export const regression = (start: EpochMicros): Captured[] => [
  ...updates(start, 20, 0, '200'),
  ...updates(start, 30, 60, '501')
]

export type Alerts = {
  readonly active: readonly { readonly id: string; readonly peer: string; readonly kind: string }[]
  readonly recent: readonly object[]
  readonly silences: readonly object[]
}

/** Once they are as wanted. */
export async function alertsOf({ url }: RunningEarshot, wanted: (alerts: Alerts) => boolean): Promise<Alerts> {
  for (;;) {
    const alerts = JSON.parse(await (await fetch(`${url}/api/alerts`)).text()) as Alerts
    if (wanted(alerts)) return alerts
    await pause(50)
  }
}

/** @returns the status of the answer */
export async function post({ url }: RunningEarshot, path: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).status
}
