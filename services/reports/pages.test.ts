import { setImmediate } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { everyRow } from './pages.ts'

it('lets others have their turn between pages', async () => {
  const done: string[] = []
  const find = ({ cursor = '1' }: { readonly cursor?: string }) =>
    Promise.resolve({ rows: [cursor], ...(cursor !== '3' && { next: String(Number(cursor) + 1) }) })
  const other = setImmediate().then(() => done.push('other'))
  for await (const row of everyRow(find, {})) done.push(row)
  await other
  expect(done).toEqual(['1', 'other', '2', '3'])
})
