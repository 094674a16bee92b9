import { describe, jest } from '@jest/globals'
import { callsContract } from './calls.contract.ts'
import { queriesContract } from './queries.contract.ts'
import { retentionContract } from './retention.contract.ts'
import { rollupsContract } from './rollups.contract.ts'
import type { Contracted } from './stored.fixture.ts'

/** What every store promises, whatever it is made of. */
export function storeContract(
  name: string,
  create: Contracted['create'],
  { numRuns }: Pick<Contracted, 'numRuns'>
): void {
  describe(`${name} keeps the promises of Store`, () => {
    jest.setTimeout(120_000)
    for (const contract of [queriesContract, callsContract, rollupsContract, retentionContract]) {
      contract({ create, numRuns })
    }
  })
}
