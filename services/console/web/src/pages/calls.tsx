import { useMemo } from 'react'
import type { CallsFound } from '../api.ts'
import { CallRows } from '../call-rows.tsx'
import { CallSearch } from '../call-search.tsx'
import { searchPath } from '../search-path.ts'
import { go, placeOf } from '../router.ts'
import { useLoaded } from '../use-loaded.ts'

/** Attempts that a search finds, page by page; the search is the URL. */
export function CallsPage({ query }: { readonly query: URLSearchParams }) {
  const path = useMemo(() => searchPath(query), [query.toString()])
  const { answer, trouble, loading } = useLoaded<CallsFound>(path)
  const cursor = query.get('cursor')
  return (
    <>
      <h2 className="hidden">Calls</h2>
      <CallSearch query={query} key={query.toString()} />
      {trouble !== undefined && <p role="alert">{trouble}</p>}
      <div aria-busy={loading} className={loading ? 'loading' : undefined}>
        {answer && trouble === undefined && <CallRows attempts={answer.rows} />}
      </div>
      <nav className="pager" aria-label="Pages of the search">
        {cursor !== null && (
          <button type="button" onClick={() => go(placeOf('calls', without(query, 'cursor')))}>
            Newest
          </button>
        )}
        {answer?.next !== undefined && (
          <button
            type="button"
            onClick={() => go(placeOf('calls', { ...Object.fromEntries(query), cursor: answer.next }))}
          >
            Older
          </button>
        )}
      </nav>
    </>
  )
}

const without = (query: URLSearchParams, name: string): Record<string, string> =>
  Object.fromEntries([...query].filter(([each]) => each !== name))
