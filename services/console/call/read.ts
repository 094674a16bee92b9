import type { AttemptRecord, LegsRecord } from '@earshot/calls'
import type { CallRecords, RawMessage, Store } from '@earshot/store'
import { epochMicros, type EpochMicros } from '@earshot/units'
import type { MonitorView } from '../../monitor/view.ts'
import { attemptsOf, type Rules } from './derive.ts'

export type CallParts = {
  readonly store: Pick<Store, 'call'>
  readonly figures: Pick<MonitorView, 'rows' | 'watermark'>
  /** How the correlator reads what it hears. */
  readonly rules: Rules
}

/** What is kept of a call, over all its legs; each list in the order of time. */
export type StoredCall = Omit<CallRecords, 'legs'> & {
  readonly callId: string
  /** Of all legs, the one that was asked for first. */
  readonly callIds: readonly string[]
  /** The joined call that an attempt is a leg of. */
  readonly legsOf: (attempt: AttemptRecord) => LegsRecord | undefined
  /** The attempts are of the messages: no record is kept. */
  readonly derived: boolean
}

/** A call of more is a mistake of whatever joined it. */
const MOST_LEGS = 16

/** Undefined where nothing of it is kept. */
export async function readCall(callId: string, parts: CallParts): Promise<StoredCall | undefined> {
  const asked = await parts.store.call(callId)
  const others = asked.legs.flatMap(({ legs }) => legs.map(leg => leg.callId))
  const callIds = [...new Set([callId, ...others])].slice(0, MOST_LEGS)
  const found = [asked, ...(await Promise.all(callIds.slice(1).map(each => parts.store.call(each))))]
  const messages = inOrder(
    found.flatMap(each => each.messages),
    ({ capturedAt }) => capturedAt
  )
  const attempts = inOrder(
    found.flatMap(each => each.attempts),
    ({ startedAt }) => startedAt
  )
  const derived = attempts.length === 0 ? attemptsOf(messages, parts.rules, latest(messages, parts)) : []
  if (attempts.length + messages.length + found.flatMap(each => each.rejections).length === 0) return undefined
  const legs = new Map(asked.legs.flatMap(each => each.legs.map(({ attempt }) => [attempt, each] as const)))
  return {
    callId,
    callIds,
    attempts: attempts.length > 0 ? attempts : inOrder(derived, ({ startedAt }) => startedAt),
    derived: derived.length > 0,
    callEnds: found.flatMap(each => each.callEnds),
    rejections: inOrder(
      found.flatMap(each => each.rejections),
      ({ at }) => at
    ),
    messages,
    legsOf: ({ id }) => legs.get(id)
  }
}

/** The pipeline's clock, or the messages' where these are newer. */
const latest = (messages: readonly RawMessage[], { figures }: CallParts): EpochMicros =>
  epochMicros(Math.max(figures.watermark ?? -Infinity, messages.at(-1)?.capturedAt ?? -Infinity))

const inOrder = <Each>(all: readonly Each[], timeOf: (each: Each) => number): Each[] =>
  [...all].sort((a, b) => timeOf(a) - timeOf(b))
