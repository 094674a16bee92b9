import type { AttemptRecord, RejectionRecord } from '@earshot/calls'
import type { Alert } from '@earshot/peers'
import { plus, seconds, type EpochMicros } from '@earshot/units'
import { attemptRecord } from '../../calls/src/attempt-record.fixture.ts'
import type { RawMessage } from './store.ts'

/** One record of a kind, of which a test needs its id and its time. */

export const answeredAttempt = (id: string, startedAt: EpochMicros): AttemptRecord =>
  attemptRecord({
    id,
    callId: id,
    startedAt,
    endedAt: plus(startedAt, seconds(90)),
    earlyMediaSeconds: 10,
    earlyMediaSpans: [[plus(startedAt, seconds(55)), plus(startedAt, seconds(65))]]
  })

export const rejectionOf = ({ id, callId, startedAt, peer, direction }: AttemptRecord): RejectionRecord => ({
  kind: 'rejection',
  id: `rejection of ${id}`,
  at: startedAt,
  callId,
  peer,
  direction,
  requester: '10.0.0.1',
  responder: '203.0.113.7',
  method: 'UPDATE',
  code: 501,
  vias: 1,
  origin: true,
  registry: ''
})

export const rawMessage = (callId: string, capturedAt: EpochMicros): RawMessage => ({
  callId,
  capturedAt,
  agent: '7',
  transport: 'udp',
  source: { address: '203.0.113.7', port: 5060 },
  destination: { address: '10.0.0.1', port: 5060 },
  payload: Buffer.from('INVITE')
})

export const alertSince = (startedAt: EpochMicros): Alert => ({
  id: `absence since ${startedAt}`,
  kind: 'absence',
  peer: 'atlantic',
  severity: 'warning',
  startedAt,
  raisedAt: startedAt,
  summary: 'No calls.',
  evidence: {},
  advice: 'Look.',
  runbook: 'absence'
})
