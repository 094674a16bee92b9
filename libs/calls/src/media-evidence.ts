import { seconds } from '@earshot/units'
import { firstMediaIn } from './early-media.ts'
import type { Heard } from './heard.ts'
import { addressIn, endpointText } from './media-endpoint.ts'
import type { MediaWays } from './media-ways.ts'
import type { AttemptRecord } from './records.ts'
import type { Call, Flow, Transaction } from './state.ts'

/** How sure it is that early media was more than a description (EM-11). */
export type MediaEvidence = {
  readonly media: NonNullable<AttemptRecord['mediaEvidence']>
  /** None was seen, and for so long that the caller must have noticed. */
  readonly silenceRisk: boolean
}

/** Media may come so much later than it may play, and less than this proves nothing. */
const SETTLED = seconds(1)
/** A report that there was none speaks for as long after it: the longest time between two of RTCP (RFC 3550 §6.3). */
const COVERED = seconds(10)
/** What comes so short before the 2xx is the talk's first: the callee is heard at once, its answer takes its way. */
const ANSWERING = seconds(0.2)
/** Silence that a caller takes for a failure. */
const NOTICED = seconds(4)

const unverified: MediaEvidence = { media: 'unverified', silenceRisk: false }

/** What reports and packets say of the media towards the caller, while the clock stands at `now`. */
export function mediaEvidenceOf(call: Call, heard: Heard, now: number, ways: MediaWays): MediaEvidence {
  if (call.flows.length === 0 && ways.size === 0) return unverified
  const { early, transactions, final } = heard
  const start = firstMediaIn(early)?.at
  if (start === undefined) return unverified
  const sides = sidesOf(call, heard)
  const end = final?.at ?? now
  // Of an attempt that is open media may be heard behind its last message.
  const heardUntil = !final ? Infinity : final.status < 300 ? end - ANSWERING : end
  const startedAt = Math.min(...transactions.map(each => each.startedAt))
  const isEarly = ({ packetsAt }: Flow): boolean =>
    packetsAt >= startedAt && packetsAt <= heardUntil && packetsAt < Infinity

  const flows = call.flows.map(flow => ({ flow, way: wayOf(flow, sides) }))
  const towards = flows.filter(({ way }) => way === 'to caller').map(({ flow }) => flow)
  if (towards.some(isEarly)) return { media: 'seen', silenceRisk: false }
  if (end - start < SETTLED) return unverified
  const since = Math.max(start + SETTLED, final ? end - COVERED : -Infinity)
  const isSilent =
    towards.some(({ silentAt }) => silentAt >= since) ||
    flows.some(({ flow, way }) => way === 'from caller' && isEarly(flow)) ||
    isOnKnownWay(sides, end, ways)
  return isSilent ? { media: 'none_seen', silenceRisk: end - start >= NOTICED } : unverified
}

/** Where both sides of an attempt want their media, and where other responders of the call do. */
type Sides = {
  readonly caller: ReadonlySet<string>
  readonly callee: ReadonlySet<string>
  readonly others: ReadonlySet<string>
}

function sidesOf(call: Call, { transactions, exchanges }: Heard): Sides {
  const [caller, callee] = [new Set<string>(), new Set<string>()]
  for (const { seen } of transactions) addEndpoints(seen, caller, callee)
  for (const { byCaller, request, final } of exchanges) {
    if (request?.mediaAt) (byCaller ? caller : callee).add(request.mediaAt)
    if (final?.mediaAt) (byCaller ? callee : caller).add(final.mediaAt)
  }
  const others = new Set<string>()
  for (const each of call.transactions) {
    if (each.method === 'INVITE' && !transactions.includes(each)) addEndpoints(each.seen, undefined, others)
  }
  return { caller, callee, others }
}

function addEndpoints(seen: Transaction['seen'], asking: Set<string> | undefined, answering: Set<string>): void {
  for (const { status, mediaAt } of seen) if (mediaAt !== '') (status === 0 ? asking : answering)?.add(mediaAt)
}

/**
 * Which way media goes. What the callee sends may come from elsewhere than where it listens, then its destination tells;
 * but not where another responder listens at its source. Undefined where both ends could be either side's.
 */
function wayOf({ source, destination, from }: Flow, sides: Sides): 'to caller' | 'from caller' | undefined {
  const { caller, callee, others } = sides
  const isAt = (end: Flow['source'], side: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
    isListening(end, from, side) || (from !== 'rtp' && isHostOf(end.address, side) && !isHostOf(end.address, other))
  const isOthers = isListening(source, from, others) && !isListening(source, from, callee)
  const toCaller = isAt(source, callee, caller) || (!isOthers && isAt(destination, caller, callee))
  const fromCaller = isAt(source, caller, callee) || isAt(destination, callee, caller)
  if (toCaller === fromCaller) return undefined
  return toCaller ? 'to caller' : 'from caller'
}

const isListening = (end: Flow['source'], from: Flow['from'], side: ReadonlySet<string>): boolean =>
  side.has(endpointText(end, end.port)) || (from === 'rtcp' && side.has(endpointText(end, end.port - 1)))

function isHostOf(address: string, side: ReadonlySet<string>): boolean {
  for (const endpoint of side) if (addressIn(endpoint) === address) return true
  return false
}

/** RTP of other calls was seen between the same hosts: that of this call would have been. */
function isOnKnownWay({ caller, callee }: Sides, before: number, ways: MediaWays): boolean {
  for (const from of callee) {
    for (const to of caller) if (ways.wasSeen(addressIn(from), addressIn(to), before)) return true
  }
  return false
}
