import type { Standing } from './attempt.ts'
import type { Parties } from './party.ts'
import type { AttemptRecord, CallScope } from './records.ts'
import type { Attempt, Call, CountedAttempt } from './state.ts'
import { transactionsOf } from './transactions.ts'

/*
 * K-5: a call is counted with the first of its attempts that figures judge, and its answer with the first answered one.
 */

/** Attempts of one Call-ID that are remembered as counted. */
const MOST_COUNTED = 100

type Repeats = Pick<AttemptRecord, 'repeats' | 'answerRepeats'>

/** The record of an attempt that has ended, and whether it stands for its call; the call remembers it. */
export function countedRecord(call: Call, attempt: Attempt, record: AttemptRecord, parties: Parties): AttemptRecord {
  if (!isJudged(record)) return record
  const own = countedAttempt(call, attempt, record.outcome, parties)
  const repeats = repeatsOf(call.counted, own)
  call.counted = [...call.counted, own].slice(-MOST_COUNTED)
  return repeats ? { ...record, ...repeats } : record
}

/** The same of how its open attempts stand, as if they ended one after the other. */
export function countedStandings(
  call: Call,
  standings: readonly Standing[],
  parties: Parties
): (readonly [Attempt, Standing])[] {
  const counted = [...call.counted]
  return call.attempts.map((attempt, index) => {
    const standing = standings[index]!
    if (!isJudged(standing)) return [attempt, standing]
    const own = countedAttempt(call, attempt, standing.outcome, parties)
    const repeats = repeatsOf(counted, own)
    counted.push(own)
    return [attempt, { ...standing, ...repeats }]
  })
}

/** It has an end, and that end is its own (semantics §6). */
const isJudged = ({ outcome, cancel }: Pick<Standing, 'outcome' | 'cancel'>): boolean =>
  outcome !== 'open' && cancel !== 'elsewhere'

function countedAttempt(call: Call, attempt: Attempt, outcome: Standing['outcome'], parties: Parties): CountedAttempt {
  const { fromTag, peer, direction } = attempt
  const [first] = transactionsOf(call, attempt)
  const { requester, responder, transport } = first!
  const { group = '' } = parties.of(direction === 'inbound' ? requester : responder, transport)
  return { fromTag, peer, direction, group, answered: outcome === 'answered' }
}

/** Where another attempt of the call was counted before, and where an answered one. */
function repeatsOf(counted: readonly CountedAttempt[], own: CountedAttempt): Repeats | undefined {
  const others = counted.filter(({ fromTag, direction }) => fromTag === own.fromTag && direction === own.direction)
  if (others.length === 0) return undefined
  const repeats = scopesOf(others, own)
  const answers = own.answered ? others.filter(({ answered }) => answered) : []
  const answerRepeats = scopesOf(answers, own)
  return { ...(repeats.length > 0 && { repeats }), ...(answerRepeats.length > 0 && { answerRepeats }) }
}

const scopesOf = (others: readonly CountedAttempt[], { peer, group }: CountedAttempt): CallScope[] => [
  ...(others.some(other => other.peer === peer) ? (['peer'] as const) : []),
  ...(group !== '' && others.some(other => other.group === group) ? (['group'] as const) : [])
]
