import type { SipMessage } from '@earshot/sip'
import { bounded } from './bounded.ts'
import { none } from './grown.ts'
import type { Transaction } from './state.ts'

/** What in an initial INVITE tells of the other legs of its call (LG-1). */
export type LegHeaders = {
  readonly sessionId: boolean
  readonly chargingVector: boolean
  /** Headers whose value is the Call-ID of another leg, in lower case. They begin with `x-`. */
  readonly callIds: readonly string[]
}

/** @param names of headers in any case: Session-ID, P-Charging-Vector, and others that have a Call-ID */
export function legHeadersOf(names: readonly string[]): LegHeaders {
  const lower = names.map(name => name.toLowerCase())
  return {
    sessionId: lower.includes(SESSION_ID),
    chargingVector: lower.includes(CHARGING_VECTOR),
    callIds: lower.filter(name => name.startsWith('x-'))
  }
}

const SESSION_ID = 'session-id'
const CHARGING_VECTOR = 'p-charging-vector'

/** Whether any leg can be told to belong to another. */
export const tellsOfLegs = ({ sessionId, chargingVector, callIds }: LegHeaders): boolean =>
  sessionId || chargingVector || callIds.length > 0

export const noLegHeaders = legHeadersOf([])
export const defaultLegHeaders = legHeadersOf([SESSION_ID, CHARGING_VECTOR, 'x-cid', 'x-call-id'])

/** Of one attempt; those of real calls have one or two. */
const MOST_KEYS = 8

/**
 * By what an INVITE says its leg can meet others: `call ID` (the Call-ID of another leg), `session UUID`, `icid VALUE`.
 * Longer values than any real one are known by their hash, as Call-IDs are. Without such headers it costs next to nothing.
 */
export function legKeysOf(message: SipMessage, { sessionId, chargingVector, callIds }: LegHeaders): readonly string[] {
  let keys: readonly string[] = none
  if (sessionId) for (const id of message.sessionIds) keys = [...keys, `session ${id}`]
  const icid = chargingVector ? message.icid : ''
  if (icid !== '') keys = [...keys, `icid ${bounded(icid)}`]
  for (const name of callIds) {
    const callId = message.header(name)
    if (callId !== undefined && callId !== '' && callId !== message.callId) keys = [...keys, keyOfCall(bounded(callId))]
  }
  return keys.length > 1 ? chosen(keys) : keys
}

/** The key under which legs that name a Call-ID meet the leg that has it. */
export const keyOfCall = (callId: string): string => `${CALL}${callId}`

/** The Call-ID that a key names; undefined for the other kinds. */
export const namedCall = (key: string): string | undefined =>
  key.startsWith(CALL) ? key.slice(CALL.length) : undefined

const CALL = 'call '

/** Those of all INVITEs of an attempt. */
export const legKeysIn = (transactions: readonly Transaction[]): readonly string[] =>
  transactions.length === 1 ? transactions[0]!.legKeys : chosen(transactions.flatMap(({ legKeys }) => legKeys))

/** Each once, in an order and number that do not depend on which came first. */
const chosen = (keys: readonly string[]): readonly string[] => [...new Set(keys)].sort().slice(0, MOST_KEYS)
