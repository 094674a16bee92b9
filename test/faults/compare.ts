import type { CallsRecord } from '@earshot/calls'

/** What a reader of a failure wants to see first: how many, and what is there twice. */
export function ids(records: readonly CallsRecord[]): { readonly count: number; readonly twice: readonly string[] } {
  const seen = new Map<string, number>()
  for (const record of records) if ('id' in record) seen.set(record.id, (seen.get(record.id) ?? 0) + 1)
  return { count: seen.size, twice: [...seen].filter(([, times]) => times > 1).map(([id]) => id) }
}

/** The records by id. */
export const comparable = (records: readonly CallsRecord[]): object =>
  Object.fromEntries(records.flatMap(record => ('id' in record ? [[record.id, record] as const] : [])))
