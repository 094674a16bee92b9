import { emptyRegistry, loadRegistry, partiesOf } from '@earshot/peers'
import type { Config } from '@earshot/runtime'
import { legHeadersIn, limitsOf } from './settings.ts'

/** How captures are read: by the settings, and by what the registry, if one is given, says of the peers in them. */
export async function howToRead(config: Config, peersFile: string | undefined) {
  const registry = peersFile === undefined ? emptyRegistry : await loadRegistry(peersFile)
  return {
    limits: limitsOf(config),
    legHeaders: legHeadersIn(config),
    parties: partiesOf(() => registry),
    maintenanceOf: (peer: string) => registry.named(peer)?.maintenance ?? [],
    contractOf: (peer: string) => registry.named(peer),
    groupOf: (peer: string) => registry.named(peer)?.group
  }
}
