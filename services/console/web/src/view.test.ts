import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { defaultSort, parseSort } from './order.ts'
import { parseView, viewQuery } from './view.ts'

describe('a view', () => {
  it('that is the default needs no query', () => {
    const view = parseView('')
    expect(view).toEqual({ sort: defaultSort, filter: '', internal: false, expanded: [] })
    expect(viewQuery(view)).toBe('')
  })

  it('takes the default for what the query says wrong', () => {
    expect(parseView('?sort=nonsense&other=1')).toEqual(parseView(''))
  })

  it('comes back from its query', () => {
    const view = fc.record({
      sort: fc.constantFrom('peer', '-attempts', '-UPDATE', 'emAsr').map(text => parseSort(text)!),
      filter: fc.string(),
      internal: fc.boolean(),
      expanded: fc.uniqueArray(fc.string())
    })
    fc.assert(fc.property(view, each => expect(parseView(viewQuery(each))).toEqual(each)))
  })
})
