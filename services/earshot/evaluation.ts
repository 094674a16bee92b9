import { TrafficWatch, delayBounds, type Alert } from '@earshot/peers'
import { labelledTraffic, type Label, type LabelledPeer } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { NaiveRule, seen } from './naive-rule.ts'

/** An alert, or the beginning of what a rule fires for. Seconds since 1970. */
export type Raised = {
  readonly kind: string
  readonly signal: string
  readonly startedAt: number
  readonly raisedAt: number
}

export type Judged = {
  readonly label: Label
  /** Absent where nobody was told. */
  readonly delaySeconds?: number
}

/** What one way of watching made of the traffic of one peer. */
export type PeerResult = {
  readonly judged: readonly Judged[]
  readonly raised: readonly (Raised & { readonly isFalse: boolean })[]
}

export const watchers = ['earshot', 'naive', 'naive_20'] as const
export type Watcher = (typeof watchers)[number]

export type Evaluated = { readonly peer: LabelledPeer; readonly results: Readonly<Record<Watcher, PeerResult>> }

export type EvaluationOptions = {
  readonly seed: number
  readonly weeks: number
  readonly peers: number
  readonly incidentsPerWeek: number
}

const MICROS = 1e6
/** Told of so long after its end it is still that incident, or what came of it. */
const AFTERMATH = 30 * 60

/** One peer after the other, each with all its weeks. */
export function* evaluate(options: EvaluationOptions): Iterable<Evaluated> {
  for (const peer of labelledTraffic({ ...options, delayBounds })) yield { peer, results: watch(peer) }
}

function watch(peer: LabelledPeer): Evaluated['results'] {
  const detector = new TrafficWatch()
  const alerts: Alert[] = []
  const rules = ([0, 20] as const).map(leastEvents => seen.map(each => new NaiveRule(each, { leastEvents })))
  const fired: Raised[][] = [[], []]
  for (const { at, counts } of peer.steps()) {
    for (const [index, each] of rules.entries()) {
      for (const rule of each)
        for (const minute of rule.take(at, counts)) fired[index]!.push(firedAt(rule.signal, minute))
    }
    detector.add(peer.peer, 'outbound', epochMicros(at * MICROS), counts)
    // What is before this is over; the seconds are those for which a detector waits.
    detector.advance(epochMicros((at + 3) * MICROS))
    alerts.push(...detector.alerts())
  }
  const told = alerts.filter(({ endedAt }) => endedAt === undefined).map(raisedOf)
  return {
    earshot: resultOf(peer.labels, told),
    naive: resultOf(peer.labels, fired[0]!),
    naive_20: resultOf(peer.labels, fired[1]!)
  }
}

const raisedOf = ({ kind, signal = '', startedAt, raisedAt }: Alert): Raised => ({
  kind,
  signal,
  startedAt: startedAt / MICROS,
  raisedAt: raisedAt / MICROS
})

const firedAt = (signal: string, minute: number): Raised => {
  const raisedAt = (minute + 1) * 60
  return { kind: 'spike', signal, startedAt: raisedAt, raisedAt }
}

function resultOf(labels: readonly Label[], raised: readonly Raised[]): PeerResult {
  return {
    judged: labels.map(label => {
      const first = raised.find(each => tellsOf(each, label))
      return { label, ...(first && { delaySeconds: Math.max(0, first.raisedAt - label.start) }) }
    }),
    raised: raised.map(each => ({ ...each, isFalse: !labels.some(label => isOf(each, label)) }))
  }
}

/** A drop to nothing is one of either kind. */
const wayOf = (kind: string): string => (kind === 'spike' ? 'rise' : 'fall')

const tellsOf = ({ kind, signal, raisedAt }: Raised, label: Label): boolean =>
  signal === label.signal &&
  wayOf(kind) === wayOf(label.kind) &&
  raisedAt >= label.start &&
  raisedAt <= label.end + 5 * 60

/** Of an incident or of what it does to other signals: fewer calls are answered where none are made. */
const isOf = ({ raisedAt }: Raised, label: Label): boolean =>
  raisedAt >= label.start && raisedAt <= label.end + AFTERMATH
