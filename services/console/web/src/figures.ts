import type { Counts, Outcome, Rejection, Tally } from './api.ts'

/**
 * The parts of the stacked bar, in its order. `failed` is whatever is none of the others, so the parts always add
 * up to the attempts.
 */
export const segments = ['answered', 'busy', 'no_answer', 'cancelled', 'failed', 'open'] as const
export type Segment = (typeof segments)[number]

/** A part of a whole; undefined where there is no whole to speak of. */
export type Ratio = number | undefined

export const ratio = (part: number, whole: number): Ratio => (whole > 0 ? part / whole : undefined)

export function segmentsOf(attempts: number, outcomes: Counts<Outcome>): Record<Segment, number> {
  const { answered = 0, busy = 0, no_answer = 0, cancelled = 0, open = 0 } = outcomes
  const failed = Math.max(0, attempts - answered - busy - no_answer - cancelled - open)
  return { answered, busy, no_answer, cancelled, failed, open }
}

/** Attempts that have an outcome: what every ratio is over. */
export const settled = ({ attempts, outcomes }: Pick<Tally, 'attempts' | 'outcomes'>): number =>
  attempts - (outcomes.open ?? 0)

export const answerRate = (tally: Tally): Ratio => ratio(tally.outcomes.answered ?? 0, settled(tally))

/** K-3: the share of attempts that had early media. */
export const earlyMediaRate = (tally: Tally): Ratio => ratio(settled(tally.earlyMedia), settled(tally))

/** K-3, EM-ASR: answered after early media, of the attempts that had it. */
export const earlyMediaAnswerRate = ({ earlyMedia }: Tally): Ratio =>
  ratio(earlyMedia.outcomes.answered ?? 0, settled(earlyMedia))

/** Mean early media of an attempt that had it, those still open included, as the seconds include them. */
export const secondsPerEarlyMedia = ({ earlyMedia }: Tally): Ratio => ratio(earlyMedia.seconds, earlyMedia.attempts)

/** Methods as labels (MC-12): the columns of the matrix, in this order. Any other method is OTHER. */
export const methodLabels = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'PRACK',
  'UPDATE',
  'INFO',
  'REFER',
  'OPTIONS',
  'NOTIFY',
  'SUBSCRIBE',
  'MESSAGE',
  'PUBLISH',
  'REGISTER',
  'OTHER'
] as const
export type MethodLabel = (typeof methodLabels)[number]

export const methodLabel = (method: string): MethodLabel => methodLabels.find(label => label === method) ?? 'OTHER'

/** The labels that were rejected by anybody, in the order of `methodLabels`. */
export function rejectedMethods(tallies: readonly Pick<Tally, 'rejections'>[]): MethodLabel[] {
  const seen = new Set(
    tallies.flatMap(({ rejections }) => rejections.filter(r => r.transactions > 0).map(r => methodLabel(r.method)))
  )
  return methodLabels.filter(label => seen.has(label))
}

/** Rejected transactions of a method (of any, without one), with one code (with any, without one). */
export const rejected = (tally: Pick<Tally, 'rejections'>, method?: MethodLabel, code?: number): number =>
  tally.rejections
    .filter(r => (method === undefined || methodLabel(r.method) === method) && (code === undefined || r.code === code))
    .reduce((sum, r) => sum + r.transactions, 0)

/** The decade of a count, 1 to 5: an own scale per table would change a cell's colour when another cell grows. */
export const heat = (transactions: number): number =>
  transactions < 1 ? 0 : Math.min(5, 1 + Math.floor(Math.log10(transactions)))

/** The figures of all of these together. */
export function sumOf(tallies: readonly Tally[]): Tally {
  const total = (figure: (tally: Tally) => number) => tallies.reduce((sum, tally) => sum + figure(tally), 0)
  return {
    attempts: total(t => t.attempts),
    outcomes: addCounts(tallies.map(t => t.outcomes)),
    classes: addCounts(tallies.map(t => t.classes)),
    earlyMedia: {
      attempts: total(t => t.earlyMedia.attempts),
      outcomes: addCounts(tallies.map(t => t.earlyMedia.outcomes)),
      seconds: total(t => t.earlyMedia.seconds)
    },
    responses183: { withSdp: total(t => t.responses183.withSdp), withoutSdp: total(t => t.responses183.withoutSdp) },
    rejections: addRejections(tallies.flatMap(t => t.rejections))
  }
}

function addCounts<Name extends string>(counts: readonly Counts<Name>[]): Counts<Name> {
  const sum: Partial<Record<Name, number>> = {}
  for (const each of counts) {
    for (const [name, count] of Object.entries(each) as [Name, number][]) sum[name] = (sum[name] ?? 0) + count
  }
  return sum
}

function addRejections(rejections: readonly Rejection[]): Rejection[] {
  const sums = new Map<string, Rejection>()
  for (const { method, code, transactions } of rejections) {
    const key = `${code} ${method}`
    sums.set(key, { method, code, transactions: transactions + (sums.get(key)?.transactions ?? 0) })
  }
  return [...sums.values()]
}
