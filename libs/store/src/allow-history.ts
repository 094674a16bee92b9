import type { AllowRecord } from '@earshot/calls'

/** Of a peer's Allow records, in the order of time, those in which this method came or went, per source. */
export function changesOf(records: readonly AllowRecord[], method: string | undefined): AllowRecord[] {
  if (method === undefined) return [...records]
  const listed = new Map<string, boolean>()
  return records.filter(({ source, methods }) => {
    const is = methods.includes(method)
    const was = listed.get(source)
    listed.set(source, is)
    return is !== was
  })
}
