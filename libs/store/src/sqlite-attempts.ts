import type { DatabaseSync } from 'node:sqlite'
import type { AttemptRecord } from '@earshot/calls'
import { behindPrefix } from './numbers.ts'
import { limitOf, pageOf, positionOf, SearchError } from './paging.ts'
import { after, all, condition, either, equals, oneOf, within, type Condition } from './sqlite-conditions.ts'
import type { AttemptQuery, NumberMatch, Page } from './store.ts'
import { calleeTerm, callerTerm, diagnosisTerm, rejectedTerm } from './terms.ts'

/** Rows that meet one condition of a query, by an index of it. */
type Way = {
  /** Chooses `row`; what it chooses from has `started_at`. */
  readonly table: string
  readonly where: Condition
  /** What to select from to have them in the order of this time; absent where no index has that. */
  readonly walk?: Walk
}

type Walk = { readonly from: string; readonly time: string }
type Chosen = Walk & { readonly where: Condition }

/** A way with fewer rows is taken, whatever it leaves to be sorted and looked at. */
const FEW = 1000

/** So many rows of a way are counted: those with as many are all the same. */
const MANY = 20_000

/** Numbers that are frequent each may be rare together: so much time is gone through at most. */
const LONGEST_DAYS = 31

/**
 * Finds attempts newest first. A condition that few rows meet is the way to them. Where many rows meet each condition, a
 * page of those that meet all is found soon, going back in time along one of them.
 *
 * @throws SearchError for two frequent numbers in more than a month
 */
export function findAttempts(database: DatabaseSync, query: AttemptQuery): Page<AttemptRecord> {
  const limit = limitOf(query)
  const { from, time, where } = chosen(database, query)
  const range = [...within(time, query), ...after(time, 'a.id', positionOf(query))]
  const { sql, given } = all([where, ...range, ...conditionsOf(query)])
  const rows = database
    .prepare(`SELECT a.record FROM ${from} WHERE ${sql} ORDER BY ${time} DESC, a.id DESC LIMIT ${limit + 1}`)
    .all(...given)
  const records = rows.map(({ record }) => JSON.parse(String(record)) as AttemptRecord)
  return pageOf(records, limit, ({ startedAt: at, id }) => ({ at, id }))
}

function chosen(database: DatabaseSync, query: AttemptQuery): Chosen {
  const counted = waysOf(query).map(way => ({ way, rows: rowsOf(database, way, query) }))
  const ways = counted.toSorted((a, b) => a.rows - b.rows)
  const [fewest] = ways
  if (fewest && fewest.rows < (fewest.way.walk ? FEW : MANY)) {
    const { table } = fewest.way
    const own = all([fewest.way.where, ...within('started_at', query)])
    const where = condition(`a.row IN (SELECT row FROM ${table} WHERE ${own.sql})`, ...own.given)
    return { from: 'attempts a NOT INDEXED', time: 'a.started_at', where }
  }
  refuseLong(database, query)
  const walked = ways.find(({ way }) => way.walk !== undefined)?.way
  if (walked) return { ...walked.walk!, where: walked.where }
  return { from: 'attempts a INDEXED BY attempts_by_time', time: 'a.started_at', where: condition('true') }
}

function refuseLong(database: DatabaseSync, { caller, callee, number, from, to }: AttemptQuery): void {
  if ([caller, callee, number].filter(each => each !== undefined).length < 2) return
  const end = to ?? Number(database.prepare('SELECT max(started_at) AS at FROM attempts').get()!.at)
  if (from !== undefined && end - from <= LONGEST_DAYS * 86_400e6) return
  throw new SearchError(`Many calls have each of these numbers: give more digits, or at most ${LONGEST_DAYS} days`)
}

/** At most MANY. */
function rowsOf(database: DatabaseSync, { table, where }: Way, query: AttemptQuery): number {
  const { sql, given } = all([where, ...within('started_at', query)])
  const counted = `SELECT count(*) AS rows FROM (SELECT 1 FROM ${table} WHERE ${sql} LIMIT ${MANY})`
  return Number(database.prepare(counted).get(...given)!.rows)
}

/** Those that are rare as a rule come first. */
function waysOf(query: AttemptQuery): Way[] {
  const { callId, peers, outcomes, classes, caller, callee, number, diagnosis, rejectedMethod } = query
  return [
    ...byIndex('attempts_by_call', 'call_id', callId === undefined ? undefined : [callId]),
    ...(diagnosis === undefined ? [] : [byTerm(diagnosisTerm(diagnosis))]),
    ...(rejectedMethod === undefined ? [] : [byTerm(rejectedTerm(rejectedMethod))]),
    ...(caller ? [byNumber(caller, callerTerm)] : []),
    ...(callee ? [byNumber(callee, calleeTerm)] : []),
    ...(number ? [byNumber(number, callerTerm, calleeTerm)] : []),
    ...byIndex('attempts_by_peer', 'peer', peers),
    ...byIndex('attempts_by_class', 'class', classes),
    ...byIndex('attempts_by_outcome', 'outcome', outcomes)
  ]
}

function byIndex(index: string, column: string, values: readonly string[] | undefined): Way[] {
  return oneOf(column, values).map(where => ({
    table: `attempts INDEXED BY ${index}`,
    where,
    ...(values!.length === 1 && { walk: { from: `attempts a INDEXED BY ${index}`, time: 'a.started_at' } })
  }))
}

const TERMS = '(SELECT term, started_at, attempt AS row FROM terms)'

const byTerm = (term: string): Way => ({
  table: TERMS,
  where: condition('term = ?', term),
  walk: { from: 'terms t CROSS JOIN attempts a ON a.row = t.attempt', time: 't.started_at' }
})

const byNumber = ({ digits, prefix = false }: NumberMatch, ...terms: readonly ((digits: string) => string)[]): Way => ({
  table: TERMS,
  where: either(
    terms.map(term =>
      prefix
        ? condition('(term >= ? AND term < ?)', term(digits), term(behindPrefix(digits)))
        : condition('term = ?', term(digits))
    )
  )
})

function conditionsOf(query: AttemptQuery): Condition[] {
  const { callId, peers, direction, outcomes, classes, caller, callee, number, diagnosis, rejectedMethod } = query
  return [
    ...equals('a.call_id', callId),
    ...oneOf('a.peer', peers),
    ...equals('a.direction', direction),
    ...oneOf('a.outcome', outcomes),
    ...oneOf('a.class', classes),
    ...(caller ? [hasNumber('a.caller', caller)] : []),
    ...(callee ? [hasNumber('a.callee', callee)] : []),
    ...(number ? [either([hasNumber('a.caller', number), hasNumber('a.callee', number)])] : []),
    ...(diagnosis === undefined ? [] : [hasTerm(diagnosisTerm(diagnosis))]),
    ...(rejectedMethod === undefined ? [] : [hasTerm(rejectedTerm(rejectedMethod))])
  ]
}

function hasNumber(column: string, { digits, prefix = false }: NumberMatch): Condition {
  if (prefix) return condition(`(${column} > '' AND ${column} >= ? AND ${column} < ?)`, digits, behindPrefix(digits))
  return condition(`(${column} > '' AND ${column} = ?)`, digits)
}

const hasTerm = (term: string): Condition =>
  condition(
    'EXISTS (SELECT 1 FROM terms h WHERE h.term = ? AND h.started_at = a.started_at AND h.attempt = a.row)',
    term
  )
