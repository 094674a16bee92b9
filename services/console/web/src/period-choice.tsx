import { useEffect, useState } from 'react'
import { go, placeOf } from './router.ts'

/** How far back a page looks; `last` in its URL. */
export const periods = {
  '1h': { name: '1 hour', seconds: 3_600 },
  '6h': { name: '6 hours', seconds: 21_600 },
  '24h': { name: '24 hours', seconds: 86_400 },
  '7d': { name: '7 days', seconds: 604_800 },
  '30d': { name: '30 days', seconds: 2_592_000 }
} as const
export type PeriodName = keyof typeof periods

export const periodIn = (query: URLSearchParams): PeriodName => {
  const name = query.get('last')
  return name !== null && name in periods ? (name as PeriodName) : '1h'
}

/** From and to of the period up to now, as a query; a minute later it is another. */
export function usePeriodQuery(name: PeriodName): string {
  const [minute, setMinute] = useState(() => Math.ceil(Date.now() / 60_000))
  useEffect(() => {
    const timer = setInterval(() => setMinute(Math.ceil(Date.now() / 60_000)), 15_000)
    return () => clearInterval(timer)
  }, [])
  return `from=${minute * 60 - periods[name].seconds}&to=${minute * 60}`
}

type Props = { readonly page: string; readonly query: URLSearchParams }

export function PeriodChoice({ page, query }: Props) {
  const chosen = periodIn(query)
  return (
    <fieldset className="segmented">
      <legend className="hidden">Period</legend>
      {Object.entries(periods).map(([name, { name: words }]) => (
        <label key={name} className={name === chosen ? 'chosen' : undefined}>
          <input
            type="radio"
            name="period"
            className="hidden"
            checked={name === chosen}
            onChange={() => go(placeOf(page, { ...Object.fromEntries(query), last: name }), { replace: true })}
          />
          {words}
        </label>
      ))}
    </fieldset>
  )
}
