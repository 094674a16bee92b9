import type { AttemptRecord } from '@earshot/calls'
import { TupleParam } from '@clickhouse/client'
import { all, condition, type ClickhouseConnection, type Condition } from './clickhouse-connection.ts'
import { limitOf, pageOf, positionOf, type Position } from './paging.ts'
import type { AttemptQuery, NumberMatch, Page, PageRequest, TimeRange } from './store.ts'

export const findAttempts = (connection: ClickhouseConnection, query: AttemptQuery): Promise<Page<AttemptRecord>> =>
  findPage<AttemptRecord>(connection, { table: 'attempts', time: 'started_at', conditions: conditionsOf(query) }, query)

type Source = { readonly table: string; readonly time: string; readonly conditions: readonly Condition[] }

type Key = { readonly at: number; readonly id: string }

/**
 * Finds records newest first. What is long is read of the page only. Rows that were written twice are told apart here: a
 * LIMIT BY in the query would go through all that there is.
 */
export async function findPage<Row>(
  connection: ClickhouseConnection,
  { table, time, conditions }: Source,
  query: TimeRange & PageRequest
): Promise<Page<Row>> {
  const limit = limitOf(query)
  const keys = new Map<string, Key>()
  let position = positionOf(query)
  for (let isLast = false; !isLast && keys.size <= limit;) {
    const { sql, given } = all([...within(time, query), ...after(time, position), ...conditions])
    const found = await connection.rows<Key>(
      `SELECT ${time} AS at, id FROM ${table} WHERE ${sql} ORDER BY ${time} DESC, id DESC LIMIT ${limit + 1}`,
      given
    )
    for (const key of found) keys.set(`${key.at} ${key.id}`, key)
    isLast = found.length <= limit
    position = found.at(-1)
  }
  const page = pageOf([...keys.values()], limit, key => key)
  const records = await connection.rows<Key & { record: string }>(
    `SELECT ${time} AS at, id, record FROM ${table}
     WHERE ${time} IN {times:Array(Int64)} AND (${time}, id) IN {keys:Array(Tuple(Int64, String))}`,
    { times: page.rows.map(({ at }) => at), keys: page.rows.map(({ at, id }) => new TupleParam([at, id])) }
  )
  const byKey = new Map(records.map(({ at, id, record }) => [`${at} ${id}`, record]))
  const rows = page.rows.map(({ at, id }) => JSON.parse(byKey.get(`${at} ${id}`)!) as Row)
  return { rows, ...(page.next !== undefined && { next: page.next }) }
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
