import { mostInPage, usualPage, type Page, type PageRequest } from './store.ts'

/** Where a page ended: the time and id of its last row. */
export type Position = { readonly at: number; readonly id: string }

export class CursorError extends Error {}

/** A search that could go through all that there is; its message says what to ask for instead. */
export class SearchError extends Error {}

export const limitOf = ({ limit = usualPage }: PageRequest): number =>
  Math.min(Math.max(Math.trunc(limit), 1), mostInPage)

/** @throws CursorError for a text that no page gave */
export function positionOf({ cursor }: PageRequest): Position | undefined {
  if (cursor === undefined) return undefined
  const [, at, id] = /^(-?\d{1,16}) ([^]*)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (at === undefined || id === undefined) throw new CursorError('The cursor is not of this store')
  return { at: Number(at), id }
}

/** @param rows one more than the limit where there are more */
export function pageOf<Row>(rows: readonly Row[], limit: number, positionIn: (row: Row) => Position): Page<Row> {
  if (rows.length <= limit) return { rows }
  const shown = rows.slice(0, limit)
  const { at, id } = positionIn(shown.at(-1)!)
  return { rows: shown, next: Buffer.from(`${at} ${id}`).toString('base64url') }
}
