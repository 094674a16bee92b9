import { useEffect, useState } from 'react'
import { periodIn, periods, type PeriodName } from './periods.ts'
import { go, placeOf } from './router.ts'

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
