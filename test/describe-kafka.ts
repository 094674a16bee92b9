import { spawnSync } from 'node:child_process'
import { describe } from '@jest/globals'

const hasTools = spawnSync('sh', ['-c', 'command -v java && command -v mvn']).status === 0

/** As `describe`, where a Kafka can be started; in CI one must. */
export const describeKafka = hasTools || process.env.CI === 'true' ? describe : describe.skip
