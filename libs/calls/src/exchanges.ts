import { none } from './grown.ts'
import { finalOf, haveSameRequest } from './hops.ts'
import type { Attempt, Call, Sighting, Transaction } from './state.ts'

/** A PRACK or UPDATE inside an early dialog of an attempt, with what it was answered (EM-5, EM-6). */
export type Exchange = {
  readonly method: 'PRACK' | 'UPDATE'
  readonly byCaller: boolean
  /** The callee's tag: the early dialog it belongs to. */
  readonly toTag: string
  readonly startedAt: number
  /** undefined where only its response was seen. */
  readonly request: Sighting | undefined
  readonly final: Sighting | undefined
}

/** A PRACK or UPDATE of the call: what it says is wanted as long as an attempt is open. */
export const isExchange = ({ method }: Pick<Transaction, 'method'>): boolean =>
  method === 'PRACK' || method === 'UPDATE'

/**
 * Those of an attempt's dialogs. Seen on several hops, the one on the attempt's own hop is meant, if it was seen there:
 * a proxy may answer by itself.
 */
export function exchangesOf(
  { transactions }: Call,
  { fromTag }: Attempt,
  invites: readonly Transaction[]
): readonly Exchange[] {
  if (!transactions.some(isExchange)) return none
  const own = transactions.filter(each => isExchange(each) && (each.fromTag === fromTag || toTagOf(each) === fromTag))
  return own
    .filter(each => isOnPath(each, invites) || !own.some(other => isHopOf(other, each, invites)))
    .map(toExchange)

  function toExchange(transaction: Transaction): Exchange {
    const { method, seen, startedAt } = transaction
    const byCaller = transaction.fromTag === fromTag
    return {
      method: method as Exchange['method'],
      byCaller,
      toTag: byCaller ? toTagOf(transaction) : transaction.fromTag,
      startedAt,
      request: seen.find(({ status }) => status === 0),
      final: finalSeen(transaction)
    }
  }
}

/** The same request on the attempt's own hop. */
const isHopOf = (other: Transaction, each: Transaction, invites: readonly Transaction[]): boolean =>
  isOnPath(other, invites) && haveSameRequest(other, each)

const isOnPath = ({ requester, responder }: Transaction, invites: readonly Transaction[]): boolean =>
  invites.some(
    invite =>
      (invite.requester.address === requester.address && invite.responder.address === responder.address) ||
      (invite.requester.address === responder.address && invite.responder.address === requester.address)
  )

/** Of the request, or of a response where that was not seen. */
const toTagOf = ({ seen }: Transaction): string => seen.find(({ toTag }) => toTag !== '')?.toTag ?? ''

function finalSeen(transaction: Transaction): Sighting | undefined {
  const final = finalOf(transaction)
  return final && transaction.seen.find(({ status, at }) => status === final.status && at === final.at)
}
