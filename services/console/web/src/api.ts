import type { Agent as ToldAgent } from '../../answers/agents.ts'
import type { HeardAgent, Peer as ToldPeer, Tally } from '../../answers/peers.ts'

/** What the console's API answers, as the page reads it; the shapes themselves are the server's. */

export { alertKinds, diagnoses, directions, earlyMediaClasses, outcomes } from '../../answers/words.ts'
export type { AlertKind, Direction, EarlyMediaClass, Outcome } from '../../answers/words.ts'
export type { Alert, Alerts, PastAlerts, Silence } from '../../answers/alerts.ts'
export type { Attempt, Call, CallsFound, Ladder, Rung } from '../../answers/calls.ts'
export type { History } from '../../answers/history.ts'
export type { Pipeline } from '../../answers/pipeline.ts'
export type { AllowChanges, Series } from '../../answers/series.ts'
export type { Session } from '../../answers/session.ts'
export type { Agents } from '../../answers/agents.ts'
export type { Capabilities, Capability, Peer as WholePeer, Snapshot, Tally } from '../../answers/peers.ts'

/** What was not counted is absent. */
export type Counts<Name extends string> = Readonly<Partial<Record<Name, number>>>

export type Rejection = ToldPeer['rejections'][number]

/** A row of the table: of a peer in one direction what the table shows. */
export type Peer = Readonly<Pick<ToldPeer, 'peer' | 'group' | 'ours' | 'direction' | 'allow' | keyof Tally>> &
  Partial<Pick<ToldPeer, 'capabilities'>>

/** What every answer tells of an agent, and what its collector knows besides. */
export type Agent = HeardAgent & Partial<ToldAgent>

export const messageKinds = [
  'sip',
  'retransmissions',
  'duplicates',
  'refreshes',
  'unparsable',
  'orphans',
  'late'
] as const
export type MessageKind = (typeof messageKinds)[number]

export const keyOf = (peer: Pick<Peer, 'peer' | 'direction'>): string => `${peer.peer}|${peer.direction}`
