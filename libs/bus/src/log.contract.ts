import { describe } from '@jest/globals'
import { appendContract } from './append.contract.ts'
import { failuresContract } from './failures.contract.ts'
import { readContract } from './read.contract.ts'
import { runContract } from './run.contract.ts'
import { stageContract } from './stage.contract.ts'
import type { CreateLog } from './test-log.fixture.ts'

/** What every log promises, whatever it is made of. */
export function logContract(name: string, create: CreateLog): void {
  describe(`${name} keeps the promises of Log`, () => {
    for (const contract of [appendContract, stageContract, failuresContract, runContract, readContract])
      contract(create)
  })
}
