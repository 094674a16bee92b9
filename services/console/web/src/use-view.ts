import { useCallback, useEffect, useState } from 'react'
import { parseView, viewQuery } from './view.ts'
import type { View } from './view.ts'

export type ChangeView = (change: (view: View) => View) => void

/** The view that the URL names; changing it changes the URL. */
export function useView(): [View, ChangeView] {
  const [view, setView] = useState(() => parseView(location.search))
  useEffect(() => {
    const read = () => setView(parseView(location.search))
    addEventListener('popstate', read)
    return () => removeEventListener('popstate', read)
  }, [])
  useEffect(() => {
    const query = viewQuery(view)
    if (query !== location.search) history.replaceState(null, '', `${location.pathname}${query}`)
  }, [view])
  return [view, useCallback(change => setView(change), [])]
}
