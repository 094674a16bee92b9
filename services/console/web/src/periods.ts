/** How far back a page looks; `last` in its URL. */
export const periods = {
  '1h': { name: '1 h', seconds: 3_600 },
  '6h': { name: '6 h', seconds: 21_600 },
  '24h': { name: '24 h', seconds: 86_400 },
  '7d': { name: '7 d', seconds: 604_800 },
  '30d': { name: '30 d', seconds: 2_592_000 }
} as const
export type PeriodName = keyof typeof periods

/** From and to, where the URL has both: a link to what was. */
export type FixedPeriod = { readonly from: string; readonly to: string }

export function periodIn(query: URLSearchParams): PeriodName | FixedPeriod {
  const [from, to, name] = [query.get('from'), query.get('to'), query.get('last')]
  if (from !== null && to !== null) return { from, to }
  return isPeriodName(name) ? name : '1h'
}

export const isPeriodName = (name: string | null): name is PeriodName => name !== null && Object.hasOwn(periods, name)

export const nameOfPeriod = (period: PeriodName | FixedPeriod): string =>
  typeof period === 'string'
    ? `The last ${periods[period].name}`
    : `${shortTime(period.from)} to ${shortTime(period.to)}`

/** ISO 8601 to the minute, without its T. */
const shortTime = (iso: string): string => iso.slice(0, 16).replace('T', ' ')
