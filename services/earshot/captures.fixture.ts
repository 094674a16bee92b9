import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'
import { pcapHeader, pcapRecord } from '@earshot/capture'
import type { Captured } from '@earshot/units'

/** Writes capture files that are gone when the tests of the file are over. To be called outside of tests. */
export function captureWriter(): (name: string, captured: readonly Captured[], lost?: number) => string {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  return (name, captured, lost = 0) => {
    const bytes = Buffer.concat([pcapHeader(), ...captured.map(pcapRecord)])
    writeFileSync(join(folder, name), bytes.subarray(0, bytes.length - lost))
    return join(folder, name)
  }
}
