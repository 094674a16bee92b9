import {
  bounded,
  Correlator,
  defaultLegHeaders,
  defaultLimits,
  fold,
  messagesOf,
  type CallsRecord
} from '@earshot/calls'
import { parseRegistry, partiesOf } from '@earshot/peers'
import type { RawMessage } from '@earshot/store'
import { carrierPeers, carrierTraffic, usualIncidents } from '@earshot/traffic'
import { epochMicros, type Captured } from '@earshot/units'
import { noon } from './console.fixture.ts'

export const registry = parseRegistry(JSON.stringify({ peers: carrierPeers }), 'peers')
export const rules = { parties: partiesOf(() => registry), limits: defaultLimits, legHeaders: defaultLegHeaders }

/** When everything of the carriers is over. */
export const end = epochMicros(noon + 3600e6)

/** What the generator's carriers do in a minute, and what the correlator makes of it. */
export function recordsOfCarriers() {
  const { messages } = carrierTraffic({ seed: 7, start: noon, attemptsPerSecond: 4, incidents: usualIncidents(20) })
  const captured: Captured[] = []
  for (const message of messages) {
    if (message.capturedAt > noon + 60e6) break
    captured.push(message)
  }
  const records: CallsRecord[] = []
  const correlator = new Correlator({ ...rules, emit: record => records.push(record) })
  fold(correlator, captured)
  correlator.advance(end)
  correlator.finish()
  return {
    records,
    attempts: records.filter(record => record.kind === 'attempt'),
    rejections: records.filter(record => record.kind === 'rejection'),
    callEnds: records.filter(record => record.kind === 'call_end'),
    allows: records.filter(record => record.kind === 'allow'),
    messages: captured.flatMap(message =>
      messagesOf([message]).map(({ message: { callId } }): RawMessage => ({ ...message, callId: bounded(callId) }))
    )
  }
}
