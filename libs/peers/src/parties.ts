import type { Parties, Party } from '@earshot/calls'
import type { Registry } from './registry.ts'

/** The registry in force as the correlator asks it: an address that no entry covers is a peer by itself (PA-2). */
export const partiesOf = (registry: () => Registry): Parties => ({
  get version() {
    return registry().version
  },
  of: ({ address, port }, transport): Party =>
    registry().resolve(address, port, transport) ?? { name: address, ours: false }
})
