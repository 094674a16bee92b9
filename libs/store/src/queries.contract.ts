import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { everything } from './batches.fixture.ts'
import { CursorError } from './paging.ts'
import { anyQuery, type AnyQuery } from './queries.fixture.ts'
import { expectedAnswer } from './reference.fixture.ts'
import { cutInto, cuts, whileStored, type Contracted } from './stored.fixture.ts'
import type { Page, Store } from './store.ts'

/** What is found, page by page. */
export function queriesContract({ create, numRuns }: Contracted): void {
  it('answers queries as whoever looks at every record would, however they were cut, repeated and mixed', async () => {
    await fc.assert(
      fc.asyncProperty(
        everything,
        fc.array(anyQuery, { minLength: 8, maxLength: 8 }),
        cuts,
        async (all, queries, cut) => {
          await whileStored(create, cutInto(all, cut), async fresh => {
            for (const query of queries) expect(await answer(fresh, query)).toEqual(expectedAnswer(all, query))
          })
        }
      ),
      { numRuns }
    )
  })

  it('gives nothing of an empty store, and refuses a cursor that no page gave', async () => {
    await whileStored(create, [], async store => {
      expect(await store.attempts({})).toEqual({ rows: [] })
      expect(await store.interesting([])).toEqual(new Set())
      await expect(store.attempts({ cursor: 'AAAA' })).rejects.toThrow(CursorError)
    })
  })
}

/** All pages of it. */
export async function answer(store: Store, { of, query }: AnyQuery): Promise<unknown[]> {
  const rows: unknown[] = []
  let cursor: string | undefined
  do {
    const asked = { ...query, ...(cursor !== undefined && { cursor }) }
    const page: Page<unknown> = await store[of](asked as never)
    expect(page.rows.length).toBeLessThanOrEqual(query.limit!)
    rows.push(...page.rows)
    cursor = page.next
  } while (cursor !== undefined)
  return rows
}
