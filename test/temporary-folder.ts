import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'

/** A folder of this test file, gone when its tests are over. To be called outside of tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
