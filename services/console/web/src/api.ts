/** What the console's API answers, as far as this page reads it. Meaning of the figures: the counting contract. */

/** Every way an attempt can end, in the order in which they are shown. */
export const outcomes = [
  'answered',
  'busy',
  'no_answer',
  'cancelled',
  'redirected',
  'unavailable',
  'not_found',
  'declined',
  'rejected',
  'incompatible',
  'congestion',
  'server_error',
  'timeout',
  'open'
] as const
export type Outcome = (typeof outcomes)[number]

/** The highest state an attempt's early dialogs held, highest first. */
export const earlyMediaClasses = [
  'early_media',
  'unusable',
  'vetoed',
  'precondition',
  'progress',
  'ringing',
  'none'
] as const
export type EarlyMediaClass = (typeof earlyMediaClasses)[number]

/** What was not counted is absent. */
export type Counts<Name extends string> = Readonly<Partial<Record<Name, number>>>

export type Rejection = { readonly method: string; readonly code: number; readonly transactions: number }

/** The figures of one peer in one direction, or of several added up. */
export type Tally = {
  readonly attempts: number
  readonly outcomes: Counts<Outcome>
  readonly classes: Counts<EarlyMediaClass>
  readonly earlyMedia: {
    readonly attempts: number
    readonly outcomes: Counts<Outcome>
    readonly seconds: number
  }
  readonly responses183: { readonly withSdp: number; readonly withoutSdp: number }
  readonly rejections: readonly Rejection[]
}

export type Direction = 'outbound' | 'inbound' | 'internal'

export type Peer = Tally & {
  readonly peer: string
  readonly group?: string
  /** Our own equipment. */
  readonly ours?: boolean
  readonly direction: Direction
  readonly allow: readonly string[]
  /** State of the capability matrix by method, where the server tells it. */
  readonly capabilities?: Readonly<Record<string, string>>
}

/** What every answer tells of an agent. */
export type Agent = {
  readonly agent: string
  readonly packets: number
  /** Null while everything of it was refused. */
  readonly lastSeen: string | null
  readonly clockOffsetSeconds: number
  /** What its collector knows besides; absent in `Snapshot`, whose agents are those of all collectors together. */
  readonly collector?: string
  readonly listedAs?: string
  readonly drops?: Readonly<Record<string, number>>
  readonly transports?: readonly string[]
  readonly address?: string
  readonly authenticated?: boolean
}

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

export type Snapshot = {
  /** Since when the counters count, ISO. */
  readonly since: string
  /** The event-time watermark, ISO. */
  readonly now: string
  readonly messages: Counts<MessageKind>
  readonly calls: number
  readonly agents: readonly Agent[]
  readonly drops: Readonly<Record<string, number>>
  readonly peers: readonly Peer[]
}

/** Counts per step; `peers` is keyed by `keyOf`. */
export type History = {
  /** Seconds between two times. */
  readonly step: number
  /** Starts of the steps, epoch seconds. */
  readonly times: readonly number[]
  readonly peers: Readonly<Record<string, Series>>
}

export type Series = Readonly<
  Record<'attempts' | 'answered' | 'earlyMedia' | 'earlyMediaAnswered' | 'rejections', readonly number[]>
>

/** What the operations centre is told, as far as the page shows it. */
export type Alert = {
  readonly id: string
  readonly severity: 'warning' | 'critical'
  readonly summary: string
  readonly advice: string
  /** ISO; absent while it lasts. */
  readonly endedAt?: string
  readonly callIds: readonly string[]
  readonly kind: string
  readonly peer: string
  /** Name of the page below `runbooks/`. */
  readonly runbook: string
  readonly acknowledged?: { readonly by: string; readonly at: string; readonly note?: string }
  readonly silence?: Silence
}

export type Silence = {
  readonly id: string
  readonly peer?: string
  readonly kind?: string
  /** ISO */
  readonly until: string
  readonly by: string
}

export type Alerts = {
  readonly now: string | null
  readonly active: readonly Alert[]
  readonly recent: readonly Alert[]
  readonly silences: readonly Silence[]
}

export const keyOf = (peer: Pick<Peer, 'peer' | 'direction'>): string => `${peer.peer}|${peer.direction}`

export const loadSnapshot = (signal: AbortSignal): Promise<Snapshot> => load('api/peers', signal, isSnapshot)

export const loadAgents = async (signal: AbortSignal): Promise<readonly Agent[]> =>
  (await load('api/agents', signal, isAgents)).agents

export const loadHistory = (signal: AbortSignal): Promise<History> => load('api/history?minutes=60', signal, isHistory)

export async function loadAlerts(signal: AbortSignal): Promise<Alerts> {
  const { now, active, recent, silences } = await load('api/alerts', signal, isAlerts)
  return { now, active: active.map(alertOf), recent: recent.map(alertOf), silences }
}

type ToldAlert = Omit<Alert, 'callIds'> & { readonly evidence: { readonly callIds?: readonly string[] } }
type ToldAlerts = {
  readonly now: string | null
  readonly active: readonly ToldAlert[]
  readonly recent: readonly ToldAlert[]
  readonly silences: readonly Silence[]
}

const alertOf = ({ evidence, ...alert }: ToldAlert): Alert => ({ ...alert, callIds: evidence.callIds ?? [] })

/** Rejects on everything that is not the expected answer: a proxy's login page is a lost connection, too. */
async function load<Answer>(path: string, signal: AbortSignal, isAnswer: (body: unknown) => body is Answer) {
  const response = await fetch(path, { signal, headers: { accept: 'application/json' }, cache: 'no-store' })
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
  const body: unknown = await response.json().catch(cause => {
    throw new Error('the answer is not JSON', { cause })
  })
  if (!isAnswer(body)) throw new Error('the answer is not the one expected')
  return body
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isSnapshot = (body: unknown): body is Snapshot =>
  isObject(body) && isObject(body.messages) && Array.isArray(body.peers) && Array.isArray(body.agents)

const isAgents = (body: unknown): body is { agents: readonly Agent[] } => isObject(body) && Array.isArray(body.agents)

const isHistory = (body: unknown): body is History =>
  isObject(body) && Array.isArray(body.times) && isObject(body.peers)

const isAlerts = (body: unknown): body is ToldAlerts =>
  isObject(body) && Array.isArray(body.active) && Array.isArray(body.recent) && Array.isArray(body.silences)
