import { bounded, messagesOf } from '@earshot/calls'
import type { Endpoint } from '@earshot/units'
import { attemptRow, isoTime } from '../../attempt-row.ts'
import { marksOf } from '../../ladder/call-text.ts'
import { ladderOf, stepsOf, type Step } from '../../ladder/ladder.ts'
import { legsLines, verdictLines } from '../../ladder/verdict.ts'
import type { Attempt, Call, Ladder, Rung } from '../answers/calls.ts'
import type { CallParts, StoredCall } from './read.ts'

export function callAnswer(call: StoredCall, parts: Pick<CallParts, 'figures' | 'rules'>): Call {
  const { callId, callIds, attempts, callEnds, rejections, legsOf, derived } = call
  const peers = parts.figures.rows()
  const ladder = ladderIn(call, parts)
  return {
    callId,
    callIds,
    attempts: attempts.map(record => attemptRow(record, legsOf(record)) as Attempt),
    verdicts: attempts.map(record => [...verdictLines(record, peers), ...legsLines(record, legsOf(record))]),
    ends: callEnds.map(({ callId, peer, answeredAt, endedAt, release, talkSeconds }) => ({
      callId,
      peer,
      answeredAt: isoTime(answeredAt),
      endedAt: isoTime(endedAt),
      release,
      ...(talkSeconds !== undefined && { talkSeconds })
    })),
    rejections: rejections.map(({ at, callId, peer, direction, requester, responder, method, code, origin }) => ({
      at: isoTime(at),
      callId,
      peer,
      direction,
      requester,
      responder,
      method,
      code,
      origin
    })),
    ...(ladder && { ladder }),
    derived
  }
}

/** The message with which somebody rejected a method. */
const rejects = (rejections: StoredCall['rejections'], { source, message }: Step): boolean =>
  rejections.some(
    ({ responder, method, code }) =>
      message.status === code && message.cseqMethod === method && source.address === responder
  )

/** One ladder over all legs. */
function ladderIn(
  { messages, attempts, rejections, callIds }: StoredCall,
  { rules }: Pick<CallParts, 'rules'>
): Ladder | undefined {
  const steps = stepsOf(messagesOf(messages))
  if (steps.length === 0) return undefined
  const { start, columns, rows } = ladderOf(steps, marksOf(attempts), rules.parties)
  const rungs = rows.map(({ step, from, to, label, facts, atFault, earlyMedia, earlyMediaAfter }): Rung => ({
    seconds: (step.at - start) / 1e6,
    at: isoTime(step.at),
    from,
    to,
    label,
    facts,
    atFault: [...atFault, ...(rejects(rejections, step) ? ['method_rejected'] : [])],
    ...(earlyMedia && { earlyMedia }),
    earlyMediaAfter,
    leg: Math.max(0, callIds.indexOf(bounded(step.message.callId))),
    copies: step.copies,
    agent: step.agent,
    transport: step.transport,
    source: endpointText(step.source),
    destination: endpointText(step.destination),
    text: step.message.bytes.toString()
  }))
  return { start: isoTime(start), columns, rungs }
}

const endpointText = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
