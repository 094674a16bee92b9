import { Random } from '../random.ts'
import { poisson } from './draws.ts'

/** One answer of a peer to a method. */
export type LabelledEvidence = {
  /** Seconds since 1970. */
  readonly at: number
  readonly peer: string
  readonly method: string
  readonly status: number
  /** What answered. */
  readonly agent: string
  /** Its Allow; proxies leave it out. */
  readonly allow?: readonly string[]
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

/** What is sporadic where all is well: no such dialog, event package, glare, body. */
const sporadic = [481, 489, 491, 415]
const SPORADIC = 0.01
/** Single 501s a day, at most, of devices behind the peer that do not know a method. */
const MOST_SINGLE_A_DAY = 5
const ALL = ['ACK', 'BYE', 'CANCEL', 'INVITE', ...methods].sort()

/**
 * Answers of many peers to their methods over weeks, in the order of time of each peer, and the regressions that were put
 * in. Where all is well there are sporadic 481, 489, 491 and 415, single 501s scattered over the day, devices whose Allow
 * is shorter, and proxies that leave it out.
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
      singleADay: random.chance(0.5) ? random.between(0.5, MOST_SINGLE_A_DAY) : 0
    })),
    proxied: random.between(0, 0.8),
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

type PeerHabits = {
  readonly peer: string
  readonly seed: number
  readonly rates: readonly { readonly method: string; readonly perHour: number; readonly singleADay: number }[]
  /** Share of the answers to OPTIONS that a proxy gives by itself. */
  readonly proxied: number
  readonly regressions: readonly Regression[]
}

type Event = { readonly at: number; readonly method: string; readonly isSingle: boolean }

function* evidenceOf(
  { peer, seed, rates, proxied, regressions }: PeerHabits,
  weeks: number
): Iterable<LabelledEvidence> {
  const random = new Random(seed)
  for (let hour = 0; hour < weeks * 168; hour++) {
    const within = (count: number, method: string, isSingle: boolean): Event[] =>
      Array.from({ length: count }, () => ({ at: BEGIN + (hour + random.next()) * HOUR, method, isSingle }))
    const events = rates.flatMap(({ method, perHour, singleADay }) => [
      ...within(poisson(random, perHour * workload(hour)), method, false),
      ...within(poisson(random, singleADay / 24), method, true)
    ])
    for (const { at, method, isSingle } of events.sort((a, b) => a.at - b.at)) {
      const isWrong = regressions.some(each => each.method === method && each.start <= at && at < each.end)
      const status = isWrong || isSingle ? 501 : random.chance(SPORADIC) ? random.pick(sporadic) : 200
      const agent = isSingle ? `old/${method}` : 'sbc/2'
      const allow = isSingle ? ALL.filter(each => each !== method) : ALL
      const isProxy = method === 'OPTIONS' && !isSingle && random.chance(proxied)
      yield { at, peer, method, status, ...(isProxy ? { agent: 'proxy/1' } : { agent, allow }) }
    }
  }
}

const workload = (hour: number): number => 0.1 + 0.9 * Math.max(0, Math.sin((Math.PI * ((hour % 24) - 6)) / 16))
