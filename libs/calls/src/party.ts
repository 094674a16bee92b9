import type { Endpoint, Transport } from '@earshot/units'

export type Direction = 'outbound' | 'inbound' | 'internal'

/** Whom an address belongs to. */
export type Party = { readonly name: string; readonly ours: boolean; readonly group?: string }

/** What the correlator asks of the peer registry (semantics.md §5); a reload may change the answers at any time. */
export interface Parties {
  /** Of the registry that answers; records keep it. Empty without one. */
  readonly version: string
  of(endpoint: Endpoint, transport: Transport): Party
}

/** Without a registry every responder is a peer by its own address, ports left out (PA-2, PA-3). */
export const byAddress: Parties = {
  version: '',
  of: ({ address }) => ({ name: address, ours: false })
}

export type Side = { readonly peer: string; readonly direction: Direction }

/** PA-2: the peer is the responder unless that is ours, then the requester; between our own it is internal. */
export function sideOf(parties: Parties, requester: Endpoint, responder: Endpoint, transport: Transport): Side {
  const answering = parties.of(responder, transport)
  if (!answering.ours) return { peer: answering.name, direction: 'outbound' }
  const asking = parties.of(requester, transport)
  return asking.ours ? { peer: answering.name, direction: 'internal' } : { peer: asking.name, direction: 'inbound' }
}

/** MC-5: a rejection belongs to whoever answered with it, our own equipment included. */
export function rejectingSide(parties: Parties, requester: Endpoint, responder: Endpoint, transport: Transport): Side {
  const { peer, direction } = sideOf(parties, requester, responder, transport)
  return direction === 'inbound' ? { peer: parties.of(responder, transport).name, direction } : { peer, direction }
}
