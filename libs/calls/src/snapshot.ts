import { epochMicros, type EpochMicros } from '@earshot/units'
import { endpointRow, readEndpoint, type EndpointRow } from './endpoint-row.ts'
import { establishedRow, readEstablished, type EstablishedRow } from './established-row.ts'
import type { Direction } from './party.ts'
import { readStanding, standingRow, type StandingRow } from './standing-row.ts'
import type { Attempt, Call, CountedAttempt, Flow } from './state.ts'
import { readTransaction, transactionRow, type TransactionRow } from './transaction-row.ts'

/**
 * Raised where an older reader would misread; what is new stands behind and is optional. Each version that was ever
 * written stays readable (testdata/state).
 */
const VERSION = 2

/*
 * A call as text: JSON of rows without names, times as differences to the call's newest message, so that a call at
 * rest and a changelog record are small. names that the call has anyway are not repeated.
 */

type AttemptRow = [
  id: number,
  fromTag: string,
  peer: string,
  direction: Attempt['direction'],
  from: string,
  to: string,
  byes: [toTag: string, at: number][],
  shown: StandingRow | 0,
  /** Since version 2. */
  settled?: readonly string[],
  /** 1 where it was told to occupy its peer; absent from the first texts of format 2. */
  occupies?: 1
]

type CallRow = [
  version: number,
  callId: string,
  touchedAt: number,
  dueAfter: number | null,
  nextAttempt: number,
  fromTags: readonly string[],
  answered: readonly string[],
  attempts: AttemptRow[],
  rejections: Call['rejections'],
  /** Once rejections that had been told; nothing is read of it. */
  told: readonly unknown[],
  transactions: TransactionRow[],
  weight: number,
  /** Absent where there are none, as those of the first format 2 were. */
  established?: EstablishedRow[],
  counted?: CountedRow[],
  flows?: FlowRow[]
]

type FlowRow = [
  source: EndpointRow,
  destination: EndpointRow,
  from: Flow['from'],
  packetsAt: number | null,
  silentAt: number | null
]

type CountedRow = [fromTag: string, peer: string, direction: Direction, group: string, answered: 0 | 1]

/** The state of one call as text. */
export function writeCall(call: Call): string {
  const base = call.touchedAt
  const row: CallRow = [
    VERSION,
    call.callId,
    call.touchedAt,
    call.dueAt - call.touchedAt,
    call.nextAttempt,
    call.fromTags,
    call.answered,
    call.attempts.map(attempt => attemptRow(attempt, base)),
    call.rejections,
    [],
    call.transactions.map(transaction => transactionRow(transaction, base)),
    call.weight
  ]
  const { established, counted, flows } = call
  if (established.length > 0 || counted.length > 0 || flows.length > 0) {
    row.push(established.map(each => establishedRow(each, base)))
  }
  if (counted.length > 0 || flows.length > 0) row.push(counted.map(countedRow))
  if (flows.length > 0) row.push(flows.map(flow => flowRow(flow, base)))
  return JSON.stringify(row)
}

/** @throws when a later version wrote it: an older program must not guess. */
export function readCall(text: string): Call {
  const row = JSON.parse(text) as CallRow
  const [version, callId, touchedAt, dueAfter, nextAttempt, fromTags, answered, attempts, ...rest] = row
  const [rejections, , transactions, weight, established = [], counted = [], flows = []] = rest
  if (version > VERSION) {
    throw new Error(`The state of a call has format ${version}; this version of Earshot reads up to ${VERSION}`)
  }
  return {
    callId,
    transactions: transactions.map(each => readTransaction(each, touchedAt)),
    attempts: attempts.map(each => readAttempt(each, touchedAt)),
    rejections,
    flows: flows.map(flow => readFlow(flow, touchedAt)),
    nextAttempt,
    fromTags: [...fromTags],
    answered: [...answered],
    established: established.map(each => readEstablished(each, touchedAt)),
    counted: counted.map(readCounted),
    touchedAt: touchedAt as EpochMicros,
    weight,
    dueAt: dueAfter === null ? Infinity : touchedAt + dueAfter
  }
}

function attemptRow(own: Attempt, base: number): AttemptRow {
  const { id, fromTag, peer, direction, from, to, byes, shown, settled, occupies } = own
  const standing = shown ? standingRow(shown) : 0
  const row: AttemptRow = [
    id,
    fromTag,
    peer,
    direction,
    from,
    to,
    byes.map(bye => [bye.toTag, bye.at - base]),
    standing
  ]
  if (occupies) row.push(settled, 1)
  else if (settled.length > 0) row.push(settled)
  return row
}

function readAttempt(row: AttemptRow, base: number): Attempt {
  const [id, fromTag, peer, direction, from, to, byes, shown, settled = [], occupies] = row
  return {
    id,
    fromTag,
    peer,
    direction,
    from,
    to,
    byes: byes.map(([toTag, at]) => ({ toTag, at: epochMicros(base + at) })),
    settled: [...settled],
    shown: shown === 0 ? undefined : readStanding(peer, direction, shown),
    occupies: occupies === 1
  }
}

function countedRow({ fromTag, peer, direction, group, answered }: CountedAttempt): CountedRow {
  return [fromTag, peer, direction, group, answered ? 1 : 0]
}

function readCounted([fromTag, peer, direction, group, answered]: CountedRow): CountedAttempt {
  return { fromTag, peer, direction, group, answered: answered === 1 }
}

function flowRow({ source, destination, from, packetsAt, silentAt }: Flow, base: number): FlowRow {
  const after = (at: number): number | null => (Number.isFinite(at) ? at - base : null)
  return [endpointRow(source), endpointRow(destination), from, after(packetsAt), after(silentAt)]
}

function readFlow([source, destination, from, packetsAt, silentAt]: FlowRow, base: number): Flow {
  return {
    source: readEndpoint(source),
    destination: readEndpoint(destination),
    from,
    packetsAt: packetsAt === null ? Infinity : epochMicros(base + packetsAt),
    silentAt: silentAt === null ? -Infinity : epochMicros(base + silentAt)
  }
}
