import { Random } from '../random.ts'
import { poisson } from './draws.ts'

/** One answer of a peer that says whether a method works there. */
export type LabelledEvidence = {
  /** Seconds since 1970. */
  readonly at: number
  readonly peer: string
  readonly method: string
  readonly status: number
}

/** From `start` on the peer rejects the method, until `end`. */
export type Regression = {
  readonly peer: string
  readonly method: string
  readonly start: number
  readonly end: number
}

export type EvidenceOptions = {
  readonly seed: number
  readonly weeks: number
  readonly peers: number
  /** Of each peer, after the first two weeks; 0 is healthy. */
  readonly regressionsPerWeek?: number
}

const BEGIN = Date.UTC(2026, 0, 5) / 1e3
const HOUR = 3600
const WEEK = 168 * HOUR
const methods = ['UPDATE', 'PRACK', 'INFO', 'OPTIONS', 'REFER', 'MESSAGE']

/**
 * Evidence for and against methods (semantics.md MC-6) of many peers over weeks, in the order of time of each peer, and
 * the regressions that were put in. Healthy peers reject a little: single devices behind them do not know a method.
 */
export function labelledEvidence(options: EvidenceOptions): {
  readonly regressions: readonly Regression[]
  readonly evidence: () => Iterable<LabelledEvidence>
} {
  const { seed, weeks, peers, regressionsPerWeek = 0.5 } = options
  const random = new Random(seed)
  const names = Array.from({ length: peers }, (_, at) => `peer-${at + 1}`)
  const all = names.map(peer => ({
    peer,
    seed: random.word(),
    rates: methods.map(method => ({
      method,
      perHour: 300 ** random.between(0, 1),
      rejects: random.chance(0.3) ? 0.02 : 0
    })),
    regressions: regressionsOf(random, peer, weeks, regressionsPerWeek)
  }))
  return {
    regressions: all.flatMap(({ regressions }) => regressions),
    *evidence() {
      for (const each of all) yield* evidenceOf(each, weeks)
    }
  }
}

function regressionsOf(random: Random, peer: string, weeks: number, perWeek: number): Regression[] {
  const regressions: Regression[] = []
  if (perWeek === 0) return regressions
  for (let at = BEGIN + 2 * WEEK; ;) {
    at += random.exponential(WEEK / perWeek)
    const end = at + random.between(1, 24) * HOUR
    if (end > BEGIN + weeks * WEEK) return regressions
    regressions.push({ peer, method: random.pick(methods), start: at, end })
    at = end + 24 * HOUR
  }
}

type PeerEvidence = {
  readonly peer: string
  readonly seed: number
  readonly rates: readonly { readonly method: string; readonly perHour: number; readonly rejects: number }[]
  readonly regressions: readonly Regression[]
}

function* evidenceOf({ peer, seed, rates, regressions }: PeerEvidence, weeks: number): Iterable<LabelledEvidence> {
  const random = new Random(seed)
  for (let hour = 0; hour < weeks * 168; hour++) {
    const events = rates.flatMap(({ method, perHour, rejects }) =>
      Array.from({ length: poisson(random, perHour * workload(hour)) }, () => ({
        at: BEGIN + (hour + random.next()) * HOUR,
        method,
        isRejected: random.chance(rejects)
      }))
    )
    for (const { at, method, isRejected } of events.sort((a, b) => a.at - b.at)) {
      const isWrong = regressions.some(each => each.method === method && each.start <= at && at < each.end)
      yield { at, peer, method, status: isWrong || isRejected ? 501 : 200 }
    }
  }
}

const workload = (hour: number): number => 0.1 + 0.9 * Math.max(0, Math.sin((Math.PI * ((hour % 24) - 6)) / 16))
