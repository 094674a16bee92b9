import { between, inSeconds, type EpochMicros } from '@earshot/units'
import { none } from './grown.ts'
import { TRANSACTION_TIMEOUT } from './limits.ts'
import { sideOf, type Parties } from './party.ts'
import type { CallEndRecord } from './records.ts'
import type { Call, Established, Final, Transaction } from './state.ts'

/** A challenge ends nothing: the BYE is repeated with credentials (RFC 3261 §22.2). */
const isChallenge = ({ status }: Final): boolean => status === 401 || status === 407

const isCompleted = ({ success }: Transaction): boolean => success !== undefined

/** The BYEs that end a dialog, as they were seen on one hop of it. */
type Release = {
  /** The first of them, and those by which its sender repeated it. */
  readonly first: Transaction
  readonly chain: readonly Transaction[]
  /** Those of the other side: they cross the first, or follow where it was lost. */
  readonly others: readonly Transaction[]
  /** Seen between the same two as the INVITE. */
  readonly isOwnHop: boolean
}

/**
 * When it is known how the call ended: at the final of its BYE on the attempt's own hop, else when nothing can come any
 * more (Timer F, RFC 3261 §17.1.2.2). Where that final is no 2xx, another BYE, of either side, may still get one.
 * Infinity while no BYE was seen.
 */
export function endKnownAt(call: Call, established: Established, parties: Parties): number {
  const release = releaseOf(call, established, parties)
  if (!release) return Infinity
  const { first, isOwnHop } = release
  const limit = first.startedAt + TRANSACTION_TIMEOUT
  const final = isOwnHop ? finalOf(release) : undefined
  if (!final || isChallenge(final)) return limit
  const knownAt = Math.max(final.at, first.startedAt)
  if (final.status < 300) return knownAt
  const completed = completedIn(release)
  return completed ? Math.max(knownAt, completed.success!.at) : limit
}

const completedIn = ({ chain, others }: Release): Transaction | undefined =>
  chain.find(isCompleted) ?? others.find(isCompleted)

/** What is known of the end of a call of which a BYE was seen. */
export function callEnd(call: Call, established: Established, parties: Parties): CallEndRecord {
  const release = releaseOf(call, established, parties)!
  const { first, chain } = release
  const final = finalOf(release)
  const completed = completedIn(release)
  const cause = chain.map(byeIn).find(bye => bye.cause > 0)?.cause
  const endedAt = first.startedAt
  const disconnectDelay = final && !isChallenge(final) && final.at >= endedAt ? secondsTo(endedAt, final.at) : undefined
  const { id, peer, direction, answeredAt, registry } = established
  return {
    kind: 'call_end',
    id,
    callId: call.callId,
    peer,
    direction,
    answeredAt,
    registry,
    endedAt,
    release: first.fromTag === established.fromTag ? 'caller' : 'callee',
    talkSeconds: secondsTo(established.answeredAt, endedAt),
    ...(disconnectDelay !== undefined && { disconnectDelay }),
    byeStatus: (completed?.success ?? final)?.status ?? 0,
    ...(cause !== undefined && { cause })
  }
}

/** The call is followed no longer although no BYE was seen. */
export const callGivenUp = (
  callId: string,
  { id, peer, direction, answeredAt, registry }: Established,
  at: EpochMicros
): CallEndRecord => ({
  kind: 'call_end',
  id,
  callId,
  peer,
  direction,
  answeredAt,
  registry,
  endedAt: at,
  release: 'unseen',
  byeStatus: 0
})

/** The earliest BYE of the dialog decides, on the attempt's own hop if one was seen there. */
function releaseOf(call: Call, established: Established, parties: Parties): Release | undefined {
  const byes = call.transactions.filter(each => isByeOf(each, established))
  if (byes.length > 1) byes.sort((a, b) => a.startedAt - b.startedAt || a.cseq - b.cseq)
  const own = byes.filter(each => isOnHop(each, established, parties))
  const chosen = own.length > 0 ? own : byes
  const [first] = chosen
  if (!first) return undefined
  // Mostly there is one.
  if (chosen.length === 1) return { first, chain: chosen, others: none, isOwnHop: own.length > 0 }
  const sender = first.requester.address
  const chain = chosen.filter(each => each.fromTag === first.fromTag && each.requester.address === sender)
  const others = chosen.filter(each => each.fromTag !== first.fromTag)
  return { first, chain, others, isOwnHop: own.length > 0 }
}

/** Whether the transaction is a BYE of that dialog. One before the answer is of the early dialog and ends no call. */
export function isByeOf(transaction: Transaction, { fromTag, toTag, answeredAt }: Established): boolean {
  if (transaction.method !== 'BYE' || !transaction.requested || transaction.startedAt <= answeredAt) return false
  const [sender, receiver] = [transaction.fromTag, byeIn(transaction).toTag]
  return (sender === fromTag && receiver === toTag) || (sender === toTag && receiver === fromTag)
}

/** PA-2 of the hop, as its INVITE went: from the caller's end to the callee's. */
function isOnHop(bye: Transaction, { fromTag, peer, direction }: Established, parties: Parties): boolean {
  const { requester, responder, transport } = bye
  const side =
    bye.fromTag === fromTag
      ? sideOf(parties, requester, responder, transport)
      : sideOf(parties, responder, requester, transport)
  return side.peer === peer && side.direction === direction
}

/** The first final that is no challenge, else the challenge. */
function finalOf({ first, chain }: Release): Final | undefined {
  if (chain.length === 1) return first.success ?? first.failure
  const finals = chain.flatMap(({ success, failure }) => success ?? failure ?? []).sort((a, b) => a.at - b.at)
  return finals.find(final => !isChallenge(final)) ?? finals[0]
}

const byeIn = ({ seen }: Transaction) => seen.find(({ status }) => status === 0)!

const secondsTo = (from: EpochMicros, to: EpochMicros): number => inSeconds(between(from, to))
