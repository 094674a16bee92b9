/** How far back a page looks; `last` in its URL. */
export const periods = {
  '1h': { name: '1 h', seconds: 3_600 },
  '6h': { name: '6 h', seconds: 21_600 },
  '24h': { name: '24 h', seconds: 86_400 },
  '7d': { name: '7 d', seconds: 604_800 },
  '30d': { name: '30 d', seconds: 2_592_000 }
} as const
export type PeriodName = keyof typeof periods

export const periodIn = (query: URLSearchParams): PeriodName => {
  const name = query.get('last')
  return name !== null && name in periods ? (name as PeriodName) : '1h'
}
