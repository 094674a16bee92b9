import type { CallScope } from '@earshot/calls'
import { countIn, percentileOf, type Spread } from './spread.ts'
import type { Part, SpreadName, Tallies } from './tallies.ts'

/** Times in seconds; null without any. Percentiles are read from buckets that are 19 % wide. */
export type Times = {
  readonly count: number
  readonly mean: number | null
  readonly p50: number | null
  readonly p95: number | null
}

/**
 * The figures of RFC 6076, ITU-T E.411 and E.425 and of early media (semantics §6). Ratios are shares of 1, null where
 * there is nothing that they are of.
 */
export type RatioRow = {
  /** Attempts that the ratios are over: not open, not cancelled because answered elsewhere. */
  readonly judged: number
  readonly seizures: number
  readonly ser: number | null
  readonly seer: number | null
  readonly isa: number | null
  readonly scr: number | null
  readonly asr: number | null
  readonly abr: number | null
  readonly ner: number | null
  /** Seconds. */
  readonly acd: number | null
  readonly srd: { readonly success: Times; readonly failed: Times }
  readonly sdd: Times
  readonly sdt: Times
  readonly earlyMediaRate: number | null
  readonly earlyMediaAsr: number | null
  readonly earlyMediaAbandonRate: number | null
  /** Of early media alone: its seconds over the span that was observed. */
  readonly earlyMediaErlangs: number | null
  readonly calls: { readonly judged: number; readonly answered: number; readonly asr: number | null }
}

/** @param spanSeconds event time that was observed; 0 where there is none yet */
export function ratiosOf(
  { parts, spreads }: Tallies,
  scope: CallScope,
  { earlyMediaSeconds, spanSeconds }: { readonly earlyMediaSeconds: number; readonly spanSeconds: number }
): RatioRow {
  const of = (part: Part): number => parts[part] ?? 0
  const ratio = (part: Part, whole: Part): number | null => share(of(part), of(whole))
  const isGroup = scope === 'group'
  const calls = of('calls') - (isGroup ? of('calls_repeated') : 0)
  const callsAnswered = of('calls_answered') - (isGroup ? of('calls_answered_repeated') : 0)
  const times = (name: SpreadName): Times => timesOf(spreads[name])
  return {
    judged: of('judged'),
    seizures: of('seizures'),
    ser: ratio('answered', 'establishable'),
    seer: ratio('effective', 'establishable'),
    isa: ratio('ineffective', 'judged'),
    scr: ratio('completed', 'judged'),
    asr: ratio('answered', 'seizures'),
    abr: ratio('answered', 'judged'),
    ner: ratio('network_effective', 'seizures'),
    acd: times('talk').mean,
    srd: { success: times('request_success'), failed: times('request_failure') },
    sdd: times('disconnect'),
    sdt: times('talk'),
    earlyMediaRate: ratio('early_media', 'judged'),
    earlyMediaAsr: ratio('early_media_answered', 'early_media'),
    earlyMediaAbandonRate: ratio('early_media_abandoned', 'early_media'),
    earlyMediaErlangs: share(earlyMediaSeconds, spanSeconds),
    calls: { judged: calls, answered: callsAnswered, asr: share(callsAnswered, calls) }
  }
}

function timesOf(spread: Spread | undefined): Times {
  if (!spread) return { count: 0, mean: null, p50: null, p95: null }
  const count = countIn(spread)
  return {
    count,
    mean: share(spread.micros / 1e6, count),
    p50: percentileOf(spread, 0.5),
    p95: percentileOf(spread, 0.95)
  }
}

const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null)
