import { epochMicros } from '@earshot/units'
import type { AttemptRecord } from './records.ts'

/** An answered attempt with early media, for tests that are about something else, with what they change in it. */
export const attemptRecord = (change: Partial<AttemptRecord> = {}): AttemptRecord => ({
  kind: 'attempt',
  id: 'a',
  callId: 'c',
  peer: 'atlantic',
  direction: 'outbound',
  responder: '203.0.113.7',
  from: '+4930123@a',
  to: '+4930124@b',
  startedAt: epochMicros(1_767_225_600e6),
  endedAt: epochMicros(1_767_225_600e6),
  class: 'early_media',
  outcome: 'answered',
  status: 200,
  firstCode: 183,
  alerted: false,
  earlyMediaSeconds: 2.5,
  responses183: { withSdp: 1, withoutSdp: 0 },
  transactions: 1,
  retries: [],
  flags: [],
  registry: '',
  ...change
})
