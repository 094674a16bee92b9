import { SqliteStore } from './sqlite-store.ts'
import { storeContract } from './store.contract.ts'

storeContract(
  'SqliteStore',
  async () => {
    const store = new SqliteStore()
    await store.start()
    return store
  },
  { numRuns: 40 }
)
