import type { MediaReport } from '@earshot/rtp'
import { bounded } from './bounded.ts'
import { grown, none } from './grown.ts'
import type { CallStore } from './call-store.ts'
import { endOf } from './ending.ts'
import { LINGER, type Limits } from './limits.ts'
import { endpointText } from './media-endpoint.ts'
import { MediaIndex } from './media-index.ts'
import { MediaWays } from './media-ways.ts'
import { hasRoom, weightOfFlow } from './room.ts'
import type { Call, Flow } from './state.ts'
import { transactionsOf } from './transactions.ts'

/** More than a call with forks has, RTP and RTCP of both directions counted apart. */
const MOST_FLOWS = 32

/** What became of reports of media: each is counted once. */
export type MediaCounts = { matched: number; unmatched: number; notKept: number }

export const noMediaCounts = (): MediaCounts => ({ matched: 0, unmatched: 0, notKept: 0 })

type MediaWatchParts = { readonly calls: CallStore; readonly limits: Limits; readonly byAddress: boolean }

/**
 * Finds the calls that reports of media are about: by Call-ID; without one that is known, by the address and port that
 * a description names, if `byAddress`. What they tell is kept with the call while an attempt of it is open.
 *
 * What is needed to find calls by address is kept from the first report on that asks for it: who has none pays nothing.
 */
export class MediaWatch {
  readonly counts: MediaCounts = noMediaCounts()
  readonly ways = new MediaWays()
  readonly #calls: CallStore
  readonly #limits: Limits
  readonly #byAddress: boolean
  #index: MediaIndex | undefined

  constructor({ calls, limits, byAddress }: MediaWatchParts) {
    this.#calls = calls
    this.#limits = limits
    this.#byAddress = byAddress
  }

  /** Calls in which the report tells something new are returned. */
  hear(report: MediaReport): readonly Call[] {
    const calls = this.#callsOf(report).filter(call => isOpen(call, report.at, this.#limits))
    if (calls.length === 0) this.counts.unmatched++
    else if (calls.every(call => isFull(call) && !flowIn(call, report))) this.counts.notKept++
    else this.counts.matched++
    return calls.filter(call => note(call, report))
  }

  /** A description of this call names where it wants media. */
  described(callId: string, mediaAt: string): void {
    if (mediaAt !== '') this.#index?.add(mediaAt, callId)
  }

  /** The transactions of the call are not kept any more. */
  forgotten(callId: string): void {
    this.#index?.delete(callId)
  }

  #callsOf(report: MediaReport): readonly Call[] {
    const known = report.callId === undefined ? undefined : this.#calls.get(bounded(report.callId))
    if (known || !this.#byAddress) return known ? [known] : []
    const index = (this.#index ??= indexOf(this.#calls))
    const callIds = new Set(endpointsOf(report).flatMap(endpoint => index.find(endpoint)))
    const calls = [...callIds].flatMap(callId => this.#calls.get(callId) ?? [])
    const { from, source, destination, at } = report
    if (from === 'rtp' && calls.some(call => call.touchedAt + LINGER >= at || isOpen(call, at, this.#limits))) {
      this.ways.note(source.address, destination.address, at)
    }
    return calls
  }
}

/** No attempt of the call is open any more. */
export function forgetFlows(call: Call): void {
  for (const flow of call.flows) call.weight -= weightOfFlow(flow)
  call.flows = none
}

/** Those of the report as descriptions name them: RTCP is one port higher, or the same (RFC 3550 §11, RFC 5761). */
const endpointsOf = ({ from, source, destination }: MediaReport): string[] =>
  [source, destination].flatMap(each => [
    endpointText(each, each.port),
    ...(from === 'rtcp' ? [endpointText(each, each.port - 1)] : [])
  ])

/** As it would be if it had been kept all along: in the order of the descriptions. */
function indexOf(calls: CallStore): MediaIndex {
  const named: { at: number; mediaAt: string; callId: string }[] = []
  for (const { callId, transactions } of calls.peek()) {
    for (const { seen } of transactions) {
      for (const { at, mediaAt } of seen) if (mediaAt !== '') named.push({ at, mediaAt, callId })
    }
  }
  const index = new MediaIndex()
  for (const { mediaAt, callId } of named.sort((a, b) => a.at - b.at)) index.add(mediaAt, callId)
  return index
}

/** An attempt of the call is open at that time, wherever the clock stands. */
const isOpen = (call: Call, at: number, limits: Limits): boolean =>
  call.attempts.some(attempt => endOf(attempt, transactionsOf(call, attempt), limits) >= at)

const isFull = (call: Call): boolean => call.flows.length >= MOST_FLOWS || !hasRoom(call)

function flowIn({ flows }: Call, { source, destination, from }: MediaReport): Flow | undefined {
  for (const flow of flows) {
    if (flow.source.port !== source.port || flow.destination.port !== destination.port || flow.from !== from) continue
    if (flow.source.address === source.address && flow.destination.address === destination.address) return flow
  }
  return undefined
}

/** True where it tells something new. The same whatever the order. */
function note(call: Call, report: MediaReport): boolean {
  const known = flowIn(call, report)
  if (!known && isFull(call)) return false
  const flow = known ?? newFlow(report)
  if (!known) {
    call.flows = grown(call.flows, flow)
    call.weight += weightOfFlow(flow)
  }
  const { packetsAt, silentAt } = flow
  if (report.packets > 0) flow.packetsAt = Math.min(packetsAt, report.at)
  else flow.silentAt = Math.max(silentAt, report.at)
  return flow.packetsAt !== packetsAt || flow.silentAt !== silentAt
}

const newFlow = ({ source, destination, from }: MediaReport): Flow => ({
  source,
  destination,
  from,
  packetsAt: Infinity,
  silentAt: -Infinity
})
