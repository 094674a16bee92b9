import { keyOf } from './api.ts'
import type { Peer } from './api.ts'
import { count, percent, wholePercent, words } from './format.ts'
import { earlyMediaAnswerRate, ratio, rejected, settled, sumOf } from './figures.ts'

/** How soon somebody should look, the most urgent first. A notice is a fact worth knowing, not a fault. */
export const severities = ['alarm', 'warning', 'notice'] as const
export type Severity = (typeof severities)[number]

export type Problem = {
  readonly severity: Severity
  /** A few words, for the row. */
  readonly headline: string
  /** What it means, or what to check. */
  readonly advice: string
}

/** A line of the table: a peer in one direction, and what is wrong with it, the worst first. */
export type Row = { readonly key: string; readonly peer: Peer; readonly problems: readonly Problem[] }

/** Fewer rejections of a method are an accident (the number of MC-9). */
const fewestRejections = 5
/** A ratio over fewer attempts says nothing. */
const fewestAttempts = 20

/**
 * One row per peer. A row whose figures and problems did not change is the very object of `previous`, so that only
 * changed rows are drawn again.
 */
export function rowsOf(peers: readonly Peer[], previous: readonly Row[] = []): Row[] {
  const known = new Map(previous.map(row => [row.key, row]))
  const all = new Map(
    (['outbound', 'inbound', 'internal'] as const).map(d => [d, sumOf(peers.filter(peer => peer.direction === d))])
  )
  return peers.map(peer => {
    const { earlyMedia } = all.get(peer.direction)!
    const others = {
      answered: (earlyMedia.outcomes.answered ?? 0) - (peer.earlyMedia.outcomes.answered ?? 0),
      settled: settled(earlyMedia) - settled(peer.earlyMedia)
    }
    const row = { key: keyOf(peer), peer, problems: problemsOf(peer, others) }
    const before = known.get(row.key)
    return before && JSON.stringify(before) === JSON.stringify(row) ? before : row
  })
}

/** `others`: the early-media attempts of all other peers in the same direction, to compare with. */
export function problemsOf(peer: Peer, others: { answered: number; settled: number }): Problem[] {
  const problems = [
    ...methodProblems(peer),
    ...unansweredEarlyMedia(peer, others),
    ...unusableEarlyMedia(peer),
    ...failing(peer)
  ]
  return problems.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
}

export const worst = (problems: readonly Problem[]): Severity | undefined => problems[0]?.severity

/** MC-11. */
const impact: Record<string, string> = {
  PRACK: 'Reliable provisional responses fail.',
  UPDATE: 'Session timers and early changes of direction fail; use re-INVITE.',
  INFO: 'DTMF by INFO fails; use RFC 4733 events.',
  REFER: 'Transfers fail.'
}

function* methodProblems(peer: Peer): Generator<Problem> {
  for (const method of new Set(peer.rejections.map(r => r.method))) {
    // Nobody disables INVITE: a rejected one says something about that call (MC-3).
    if (method === 'INVITE') continue
    const listed = peer.allow.includes(method)
    const state = peer.capabilities?.[method]
    const codes = [501, 405]
      .map(code => ({ code, transactions: sumRejections(peer, method, code) }))
      .filter(({ transactions }) => transactions > 0)
    const all = codes.reduce((sum, { transactions }) => sum + transactions, 0)
    if (all === 0 || (state !== 'regressed' && all < fewestRejections)) continue
    const counted = codes.map(({ code, transactions }) => `${code} × ${count(transactions)}`).join(', ')
    const advice = impact[method] ?? ''
    if (state === 'regressed') {
      yield {
        severity: 'alarm',
        headline: `${method} regressed`,
        advice: `It worked before; now ${counted}. ${advice}`.trim()
      }
    } else if (listed) {
      yield {
        severity: 'warning',
        headline: `rejects allowed ${method}`,
        advice: `${counted}, although its Allow lists ${method}. ${advice}`.trim()
      }
    } else {
      yield { severity: 'notice', headline: `rejects ${method}`, advice: `${counted}. ${advice}`.trim() }
    }
  }
}

const sumRejections = (peer: Peer, method: string, code: number) =>
  rejected({ rejections: peer.rejections.filter(r => r.method === method) }, undefined, code)

function* unansweredEarlyMedia(peer: Peer, others: { answered: number; settled: number }): Generator<Problem> {
  const attempts = settled(peer.earlyMedia)
  const own = earlyMediaAnswerRate(peer)
  if (own === undefined || attempts < fewestAttempts) return
  if (own === 0) {
    yield {
      severity: 'alarm',
      headline: 'EM never answered',
      advice: `None of ${count(attempts)} attempts with early media was answered. Call it and listen.`
    }
    return
  }
  const usual = ratio(others.answered, others.settled)
  if (usual === undefined || others.settled < fewestAttempts || own >= usual / 2) return
  yield {
    severity: 'warning',
    headline: `EM-ASR ${wholePercent(own)}, usual ${wholePercent(usual)}`,
    advice: `Answered after early media: ${percent(own)}, the other peers in this direction ${percent(usual)}.`
  }
}

function* unusableEarlyMedia(peer: Peer): Generator<Problem> {
  const unusable = peer.classes.unusable ?? 0
  if (unusable < fewestRejections || unusable < peer.attempts / 20) return
  yield {
    severity: 'warning',
    headline: `EM cannot play: ${count(unusable)}`,
    advice: `In ${count(unusable)} of ${count(peer.attempts)} attempts no media can reach the caller. Check codecs, directions and PRACK.`
  }
}

function* failing(peer: Peer): Generator<Problem> {
  const causes = (['congestion', 'server_error', 'timeout'] as const)
    .map(outcome => ({ outcome, attempts: peer.outcomes[outcome] ?? 0 }))
    .filter(({ attempts }) => attempts > 0)
  const share = ratio(
    causes.reduce((sum, { attempts }) => sum + attempts, 0),
    settled(peer)
  )
  if (share === undefined || settled(peer) < fewestAttempts || share < 0.2) return
  yield {
    severity: 'warning',
    headline: `${percent(share)} of attempts fail`,
    advice: `${causes.map(({ outcome, attempts }) => `${words(outcome)} ${count(attempts)}`).join(', ')}.`
  }
}
