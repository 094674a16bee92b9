import { setImmediate } from 'node:timers/promises'
import { mostInPage, type Page, type PageRequest } from '@earshot/store'

/** Everything that a query finds, page by page, for as long as it is asked for. SQLite answers at once: between pages others have their turn. */
export async function* everyRow<Query extends PageRequest, Row>(
  find: (query: Query) => Promise<Page<Row>>,
  query: Query
): AsyncIterable<Row> {
  let cursor: string | undefined
  do {
    const page = await find({ ...query, limit: mostInPage, ...(cursor !== undefined && { cursor }) })
    yield* page.rows
    cursor = page.next
    await setImmediate()
  } while (cursor !== undefined)
}
