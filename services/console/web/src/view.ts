import { defaultSort, parseSort, sortText } from './order.ts'
import type { Sort } from './order.ts'

/** What somebody chose to look at; it lives in the URL, so a view can be sent to a colleague. */
export type View = {
  readonly sort: Sort
  readonly filter: string
  /** Also show traffic between our own equipment. */
  readonly internal: boolean
  /** Keys of the expanded rows. */
  readonly expanded: readonly string[]
}

/** Total: what a query does not say, or says wrong, is the default. */
export function parseView(query: string): View {
  const parameters = new URLSearchParams(query)
  return {
    sort: parseSort(parameters.get('sort') ?? '') ?? defaultSort,
    filter: parameters.get('filter') ?? '',
    internal: parameters.has('internal'),
    expanded: [...new Set(parameters.getAll('open'))]
  }
}

/** Defaults are left out. */
export function viewQuery({ sort, filter, internal, expanded }: View): string {
  const parameters = new URLSearchParams()
  if (sortText(sort) !== sortText(defaultSort)) parameters.set('sort', sortText(sort))
  if (filter !== '') parameters.set('filter', filter)
  if (internal) parameters.set('internal', '1')
  for (const key of expanded) parameters.append('open', key)
  const query = parameters.toString()
  return query === '' ? '' : `?${query}`
}
