import type { AttemptRecord } from '@earshot/calls'
import { all, condition, type ClickhouseConnection, type Condition } from './clickhouse-connection.ts'
import { limitOf, pageOf, positionOf, type Position } from './paging.ts'
import type { AttemptQuery, NumberMatch, Page, TimeRange } from './store.ts'

/** Finds attempts newest first. What is long, the records, is read of the page only. */
export async function findAttempts(
  connection: ClickhouseConnection,
  query: AttemptQuery
): Promise<Page<AttemptRecord>> {
  const limit = limitOf(query)
  const { sql, given } = all([
    ...within('started_at', query),
    ...after('started_at', positionOf(query)),
    ...conditionsOf(query)
  ])
  const rows = await connection.rows<{ record: string }>(
    `SELECT record FROM attempts WHERE (started_at, id) IN (
       SELECT started_at, id FROM attempts WHERE ${sql}
       ORDER BY started_at DESC, id DESC LIMIT 1 BY started_at, id LIMIT ${limit + 1})
     ORDER BY started_at DESC, id DESC LIMIT 1 BY started_at, id`,
    given
  )
  const records = rows.map(({ record }) => JSON.parse(record) as AttemptRecord)
  return pageOf(records, limit, ({ startedAt: at, id }) => ({ at, id }))
}

export const within = (column: string, { from, to }: TimeRange): Condition[] => [
  ...(from === undefined ? [] : [condition(`${column} >= {from:Int64}`, { from })]),
  ...(to === undefined ? [] : [condition(`${column} < {to:Int64}`, { to })])
]

/** What comes after the row at this position, newest first. */
export const after = (column: string, position: Position | undefined): Condition[] =>
  position === undefined
    ? []
    : [
        condition(`${column} <= {at:Int64} AND (${column} < {at:Int64} OR id < {id:String})`, {
          at: position.at,
          id: position.id
        })
      ]

export const equals = (column: string, value: string | undefined): Condition[] =>
  value === undefined ? [] : [condition(`${column} = {${column}:String}`, { [column]: value })]

export const oneOf = (column: string, values: readonly string[] | undefined): Condition[] =>
  values === undefined ? [] : [condition(`${column} IN {${column}:Array(String)}`, { [column]: [...values] })]

function conditionsOf(query: AttemptQuery): Condition[] {
  const { callId, peers, direction, outcomes, classes, caller, callee, number, diagnosis, rejectedMethod } = query
  return [
    ...equals('call_id', callId),
    ...oneOf('peer', peers),
    ...equals('direction', direction),
    ...oneOf('outcome', outcomes),
    ...oneOf('class', classes),
    ...hasNumber('of_caller', ['caller'], caller),
    ...hasNumber('of_callee', ['callee'], callee),
    ...hasNumber('of_either', ['caller', 'callee'], number),
    ...(diagnosis === undefined ? [] : [condition('has(diagnoses, {diagnosis:String})', { diagnosis })]),
    ...(rejectedMethod === undefined
      ? []
      : [
          condition('call_id IN (SELECT call_id FROM rejections WHERE method = {rejected:String})', {
            rejected: rejectedMethod
          })
        ])
  ]
}

function hasNumber(name: string, columns: readonly string[], match: NumberMatch | undefined): Condition[] {
  if (!match) return []
  const { digits, prefix = false } = match
  const meets = (column: string): string =>
    `${column} <> '' AND ${prefix ? `startsWith(${column}, {${name}:String})` : `${column} = {${name}:String}`}`
  return [condition(columns.map(column => `(${meets(column)})`).join(' OR '), { [name]: digits })]
}
