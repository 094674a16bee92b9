import { isPeriodName, periods } from './periods.ts'

/** What the server is asked of a search: `last` is a period up to now, everything else is handed on. */
export function searchPath(query: URLSearchParams, now = Date.now()): string {
  const asked = new URLSearchParams()
  for (const [name, value] of query) if (value !== '' && name !== 'last') asked.append(name, value)
  const last = query.get('last')
  if (isPeriodName(last)) {
    asked.set('from', String(Math.floor(now / 1e3) - periods[last].seconds))
  }
  const text = asked.toString()
  return `api/calls${text === '' ? '' : `?${text}`}`
}
