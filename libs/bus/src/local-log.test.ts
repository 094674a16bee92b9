import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'
import type { RunOptions } from './log.ts'
import { LocalLog, type LocalLogOptions } from './local-log.ts'
import { logContract } from './log.contract.ts'
import { contractTopics, type TestLog, untilIdle } from './test-log.fixture.ts'

class TestLocalLog extends LocalLog implements TestLog {
  readonly #crash: { commitsLeft: number }

  constructor(options: LocalLogOptions) {
    const crash = { commitsLeft: Infinity }
    super({
      ...options,
      inCommit: () => {
        if (--crash.commitsLeft === 0) throw new Error('crash')
      }
    })
    this.#crash = crash
  }

  async crashDuringCommit(options: RunOptions, nth: number): Promise<void> {
    this.#crash.commitsLeft = nth
    const outcome = await untilIdle(this, { ...options, retryDelaysMs: [] }).catch((error: unknown) => error)
    if (this.#crash.commitsLeft > 0) throw new Error('it ended before', { cause: outcome })
    this.#crash.commitsLeft = Infinity
  }

  close(): Promise<void> {
    return this.stop()
  }
}

const directory = mkdtempSync(join(tmpdir(), 'earshot-log-'))
afterAll(() => rmSync(directory, { recursive: true }))

let files = 0
const create = async (path?: string): Promise<TestLog> => {
  const log = new TestLocalLog({ topics: contractTopics, ...(path !== undefined && { path }) })
  await log.start()
  return log
}

logContract('the local log in memory', () => create())
logContract('the local log in a file', () => create(join(directory, `${files++}`, 'log.sqlite')))
