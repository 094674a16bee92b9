import type { Peer } from './api.ts'
import { methodLabels } from './figures.ts'

/** What the states of the matrix mean (MC-8), each with a sign that needs no colour. */
export const states: Readonly<Record<string, { readonly mark: string; readonly meaning: string }>> = {
  supported: { mark: '✓', meaning: 'it works' },
  advertised: { mark: '○', meaning: 'its Allow lists it, nobody tried' },
  rejected: { mark: '✕', meaning: 'answered 501 or 405' },
  inconsistent: { mark: '≠', meaning: 'its Allow lists what it rejects' },
  regressed: { mark: '▲', meaning: 'it worked, and is rejected now' }
}

export type MethodRow = { readonly peer: string; readonly capabilities: ReadonlyMap<string, string> }

/** One row for each peer that showed something, whatever its directions; the methods as the contract orders them. */
export function methodRows(peers: readonly Peer[]): {
  readonly methods: readonly string[]
  readonly rows: readonly MethodRow[]
} {
  const rows = new Map<string, MethodRow>()
  for (const { peer, ours, capabilities = {} } of peers) {
    const known = Object.entries(capabilities)
    if (ours !== true && known.length > 0) rows.set(peer, { peer, capabilities: new Map(known) })
  }
  const found = new Set([...rows.values()].flatMap(row => [...row.capabilities.keys()]))
  const labels: readonly string[] = methodLabels
  const own = [...found].filter(method => !labels.includes(method)).sort()
  return { methods: [...labels.filter(method => found.has(method)), ...own], rows: [...rows.values()] }
}
