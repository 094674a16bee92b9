import type { SQLInputValue } from 'node:sqlite'
import type { Position } from './paging.ts'
import type { TimeRange } from './store.ts'

/** A part of a WHERE clause with what it is given. */
export type Condition = { readonly sql: string; readonly given: readonly SQLInputValue[] }

export const condition = (sql: string, ...given: readonly SQLInputValue[]): Condition => ({ sql, given })

export const all = (conditions: readonly Condition[]): Condition => ({
  sql: conditions.length === 0 ? 'true' : conditions.map(({ sql }) => sql).join(' AND '),
  given: conditions.flatMap(({ given }) => given)
})

export const either = (conditions: readonly Condition[]): Condition => ({
  sql: `(${conditions.map(({ sql }) => sql).join(' OR ')})`,
  given: conditions.flatMap(({ given }) => given)
})

/** None where the value is absent. */
export const equals = (column: string, value: SQLInputValue | undefined): Condition[] =>
  value === undefined ? [] : [condition(`${column} = ?`, value)]

export const oneOf = (column: string, values: readonly string[] | undefined): Condition[] =>
  values === undefined ? [] : [condition(`${column} IN (${values.map(() => '?').join(', ')})`, ...values)]

export const within = (column: string, { from, to }: TimeRange): Condition[] => [
  ...(from === undefined ? [] : [condition(`${column} >= ?`, from)]),
  ...(to === undefined ? [] : [condition(`${column} < ?`, to)])
]

/** What comes after the row at this position, newest first. The first bound is for an index on the time alone. */
export const after = (column: string, id: string, position: Position | undefined): Condition[] =>
  position === undefined
    ? []
    : [condition(`${column} <= ?`, position.at), condition(`(${column}, ${id}) < (?, ?)`, position.at, position.id)]
