import { afterAll, beforeAll } from '@jest/globals'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { TestClickhouse } from './clickhouse.fixture.ts'
import { storeContract } from './store.contract.ts'

const folder = temporaryFolder()
let clickhouse: TestClickhouse

beforeAll(async () => {
  clickhouse = await TestClickhouse.start(folder)
}, 60_000)
afterAll(() => clickhouse.stop())

storeContract('ClickhouseStore', () => clickhouse.store(), { numRuns: 4 })
