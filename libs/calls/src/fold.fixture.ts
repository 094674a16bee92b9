import { ladderParticipants } from '@earshot/traffic'
import { minus, type Captured, type EpochMicros } from '@earshot/units'
import {
  byAddress,
  Correlator,
  LegJoin,
  defaultLimits,
  ReorderBuffer,
  fold,
  type AttemptRecord,
  type CallEndRecord,
  type CallsRecord,
  type Counts,
  type LegsRecord,
  type Parties,
  type RejectionRecord
} from './index.ts'

/** What comes out of a file, in an order that no arrival decides. */
export type Folded = {
  readonly attempts: readonly AttemptRecord[]
  readonly rejections: readonly RejectionRecord[]
  readonly ends: readonly CallEndRecord[]
  readonly counts: Counts
  readonly legs?: readonly LegsRecord[]
}

/**
 * The registry of a ladder: its participants by address and port, each a peer with its name, or of several the name
 * that `members` gives them.
 */
export function partiesOf(text: string, members: Readonly<Record<string, readonly string[]>> = {}): Parties {
  const peers = new Map<string, { name: string; ours: boolean }>()
  for (const { name, endpoint, ours } of ladderParticipants(text)) {
    const peer = Object.keys(members).find(key => members[key]!.includes(name)) ?? name
    peers.set(`${endpoint.address} ${endpoint.port}`, { name: peer, ours })
  }
  return {
    version: 'ladder',
    of: ({ address, port }) => peers.get(`${address} ${port}`) ?? { name: address, ours: false }
  }
}

/** Of the SIP: reports of media move no clock. */
export const newestOf = (captured: readonly Captured[]): EpochMicros =>
  captured.reduce(
    (newest, { capturedAt, media }) => (!media && capturedAt > newest ? capturedAt : newest),
    -Infinity as EpochMicros
  )

/** As a file: everything in order, and its end is the end of time. */
export function foldFile(captured: readonly Captured[], parties: Parties = byAddress): Folded {
  const records: CallsRecord[] = []
  const legs: LegsRecord[] = []
  const join = new LegJoin({ emit: record => legs.push(record) })
  const emitLeg = join.take.bind(join)
  const correlator = new Correlator({ parties, emit: record => records.push(record), emitLeg })
  fold(correlator, captured, at => join.advance(at))
  correlator.finish()
  join.settle()
  return sorted(records, correlator.counts, legs)
}

/** As live: what arrives waits for the lateness and no longer, and then the clock goes on by itself. */
export function foldLive(captured: readonly Captured[], parties: Parties = byAddress, andThen?: EpochMicros): Folded {
  const records: CallsRecord[] = []
  const legs: LegsRecord[] = []
  const join = new LegJoin({ emit: record => legs.push(record) })
  const emitLeg = join.take.bind(join)
  const correlator = new Correlator({ parties, emit: record => records.push(record), emitLeg })
  const waiting = new ReorderBuffer<Captured>()
  let newest = -Infinity as EpochMicros
  const release = (until: EpochMicros): void => {
    fold(correlator, waiting.release(until))
    correlator.advance(until)
    join.advance(until)
  }
  for (const each of captured) {
    if (!each.media && each.capturedAt > newest) newest = each.capturedAt
    if (!waiting.push(each)) fold(correlator, [each])
    release(minus(newest, defaultLimits.lateness))
  }
  release(newest)
  fold(correlator, waiting.release(Infinity as EpochMicros))
  if (andThen !== undefined) correlator.advance(andThen)
  correlator.finish()
  join.settle()
  return sorted(records, correlator.counts, legs)
}

export function sorted(records: readonly CallsRecord[], counts: Counts, legs?: readonly LegsRecord[]): Folded {
  const attempts = records.filter(record => record.kind === 'attempt')
  const rejections = records.filter(record => record.kind === 'rejection')
  const ends = records.filter(record => record.kind === 'call_end')
  return {
    attempts: attempts.sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1)),
    rejections: rejections.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)),
    ends: ends.sort((a, b) => a.answeredAt - b.answeredAt || (a.id < b.id ? -1 : 1)),
    counts: { ...counts },
    ...(legs &&
      legs.length > 0 && { legs: legs.toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1)) })
  }
}

/** What a golden ladder must give. What it does not name is free, and null means absent. */
export type Expected = {
  readonly says: string
  /** Without a registry, every address is a peer; else each participant is one by its name. */
  readonly registry?: 'addresses'
  /** Peers that have several of the participants. */
  readonly members?: Readonly<Record<string, readonly string[]>>
  readonly attempts?: readonly object[]
  readonly rejections?: readonly object[]
  readonly ends?: readonly object[]
  readonly counts?: object
  /** Of each record of legs the attempts' Call-IDs before their `@`, in order; and where faults arise. */
  readonly legs?: readonly { readonly legs: readonly string[]; readonly faults?: readonly string[] }[]
}

export const partiesFor = (text: string, { registry, members }: Expected): Parties =>
  registry === 'addresses' ? byAddress : partiesOf(text, members)

type Part = Readonly<Partial<Record<'attempts' | 'rejections' | 'ends' | 'counts' | 'legs', unknown>>>

/** The expected fields, and what was found in the same ones: to be compared as they are. */
export function sideBySide(found: Folded, expected: Expected): { readonly found: Part; readonly wanted: Part } {
  const { attempts, rejections, ends, counts, legs } = expected
  return {
    found: {
      ...(attempts && { attempts: found.attempts.map((each, index) => chosen(each, attempts[index])) }),
      ...(rejections && { rejections: found.rejections.map((each, index) => chosen(each, rejections[index])) }),
      ...(ends && { ends: found.ends.map((each, index) => chosen(each, ends[index])) }),
      ...(counts && { counts: chosen(found.counts, counts) }),
      ...(legs && { legs: (found.legs ?? []).map(legsText) })
    },
    wanted: {
      ...(attempts && { attempts: attempts.map(absent) }),
      ...(rejections && { rejections: rejections.map(absent) }),
      ...(ends && { ends: ends.map(absent) }),
      ...(counts && { counts }),
      ...(legs && { legs })
    }
  }
}

const legsText = ({ legs, faults }: LegsRecord) => ({
  legs: legs.map(({ callId, outer }) => {
    const from = legs.find(({ attempt }) => attempt === outer)
    return from ? `${shortly(from.callId)} > ${shortly(callId)}` : shortly(callId)
  }),
  ...(faults.length > 0 && { faults: faults.map(({ callId, codes }) => `${shortly(callId)} ${codes.join(' ')}`) })
})

const shortly = (callId: string): string => callId.split('@', 1)[0]!.replace('call-', '')

/** The fields that are expected; all of a record that nobody expected. */
function chosen(found: object, expected: object | undefined): object {
  if (!expected) return found
  const values = new Map(Object.entries(found))
  return Object.fromEntries(Object.keys(expected).map(key => [key, values.get(key)]))
}

const absent = (from: object): object =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [key, value === null ? undefined : value]))
