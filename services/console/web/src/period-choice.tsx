import { useEffect, useState } from 'react'
import { nameOfPeriod, periodIn, periods, type FixedPeriod, type PeriodName } from './periods.ts'
import { go, placeOf } from './router.ts'

/** From and to of the period, as a query; of one up to now it is another a minute later. */
export function usePeriodQuery(period: PeriodName | FixedPeriod): string {
  const [minute, setMinute] = useState(() => Math.ceil(Date.now() / 60_000))
  useEffect(() => {
    const timer = setInterval(() => setMinute(Math.ceil(Date.now() / 60_000)), 15_000)
    return () => clearInterval(timer)
  }, [])
  if (typeof period !== 'string') return new URLSearchParams(period).toString()
  return `from=${minute * 60 - periods[period].seconds}&to=${minute * 60}`
}

type Props = { readonly page: string; readonly query: URLSearchParams }

export function PeriodChoice({ page, query }: Props) {
  const chosen = periodIn(query)
  return (
    <fieldset className="segmented">
      <legend className="hidden">Period</legend>
      {typeof chosen !== 'string' && <span className="chosen">{nameOfPeriod(chosen)}</span>}
      {Object.entries(periods).map(([name, { name: words }]) => (
        <label key={name} className={name === chosen ? 'chosen' : undefined}>
          <input
            type="radio"
            name="period"
            className="hidden"
            checked={name === chosen}
            onChange={() => go(placeOf(page, { ...others(query), last: name }), { replace: true })}
          />
          {words}
        </label>
      ))}
    </fieldset>
  )
}

/** What the query says beside the period. */
const others = (query: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...query].filter(([name]) => name !== 'from' && name !== 'to'))
