import { join } from 'node:path'
import type { Config } from '@earshot/runtime'
import { SqliteStore, type Store } from '@earshot/store'

/** The store that the configuration names, not started. */
export function openStore({ memory, dataDir }: Pick<Config, 'memory' | 'dataDir' | 'store'>): Store {
  return new SqliteStore(memory ? undefined : join(dataDir, 'store.sqlite'))
}
