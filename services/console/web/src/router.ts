import { useSyncExternalStore, type MouseEvent } from 'react'

/** Pages are all as deep as `/`, so that relative links hold below a path of a reverse proxy. */

const moved = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  moved.add(listener)
  addEventListener('popstate', listener)
  return () => {
    moved.delete(listener)
    removeEventListener('popstate', listener)
  }
}

/** Where the page is, as it changes: `calls?peer=x`. */
export function usePlace(): { readonly page: string; readonly query: URLSearchParams } {
  const href = useSyncExternalStore(subscribe, () => location.href)
  const { pathname, searchParams } = new URL(href)
  return { page: pathname.slice(pathname.lastIndexOf('/') + 1), query: searchParams }
}

/** Shows the place; `replace` where going back should not lead to the one before. */
export function go(place: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', place)
  else {
    history.pushState(null, '', place)
    scrollTo(0, 0)
  }
  for (const listener of moved) listener()
}

/** For links to places of this page; what is clicked otherwise is the browser's. */
export function follow(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  go(event.currentTarget.getAttribute('href')!)
}

/** `calls?peer=x`; what is undefined or empty is left out. */
export function placeOf(page: string, query: Readonly<Record<string, string | number | undefined>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return `${page === '' ? './' : page}${text === '' ? '' : `?${text}`}`
}
