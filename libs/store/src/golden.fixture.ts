import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { epochMicros } from '@earshot/units'
import type { Store } from './store.ts'

/* Stores that former versions wrote, and what was in them: testdata/README.md. */

export const goldenText = (file: string): string => readFileSync(join(import.meta.dirname, '../testdata', file), 'utf8')

/** What both golden stores of format 1 tell. */
export const goldenOfFormat1 = (): { attempts: object[] } =>
  JSON.parse(goldenText('format-1.json')) as { attempts: object[] }

/** All that a store tells, as JSON has it. */
export async function toldBy(store: Store): Promise<unknown> {
  const range = { from: epochMicros(1_767_225_600e6), to: epochMicros(1_767_232_800e6) }
  const { rows: attempts } = await store.attempts({})
  const calls = await Promise.all(attempts.map(({ callId }) => store.call(callId)))
  return JSON.parse(
    JSON.stringify({
      attempts,
      calls: calls.map(({ messages, ...records }) => ({
        ...records,
        messages: messages.map(({ payload, ...message }) => ({ ...message, payload: payload.toString() }))
      })),
      rejections: await store.rejections({}),
      alerts: await store.alerts({}),
      allows: await store.capabilityHistory('far'),
      minutes: await store.series({ ...range, step: 'minute' }),
      hours: await store.series({ ...range, step: 'hour', peers: await store.peers(range) })
    })
  )
}
