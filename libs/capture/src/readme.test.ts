import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { epochMicros } from '@earshot/units'
import { pcapHeader, pcapRecord, readCapture } from './index.ts'
import { temporaryFolder, writeCapture } from './testing/files.ts'
import { options } from './testing/frames.ts'

let folder = ''
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => rmSync(folder, { recursive: true }))

async function example(path: string, console: { log(...words: readonly unknown[]): void }): Promise<void> {
  const reader = readCapture(path)
  for await (const batch of reader) {
    for (const { capturedAt, source, destination, payload } of batch) {
      console.log(capturedAt, source.address, destination.address, payload.length)
    }
  }
  console.log(reader.counters.captured, 'of', reader.counters.packets, 'packets')
}

const fold = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
const exampleIn = (text: string): string => fold(text.slice(text.indexOf('const reader ='), text.indexOf("'packets')")))

it('the example of the README is this one and prints what it says', async () => {
  const captured = {
    capturedAt: epochMicros(1_700_000_000_000_000),
    agent: 'file',
    transport: 'udp' as const,
    source: { address: '192.0.2.1', port: 5060 },
    destination: { address: '203.0.113.7', port: 5060 },
    payload: options()
  }
  const path = writeCapture(folder, Buffer.concat([pcapHeader(), pcapRecord(captured)]))
  const lines: string[] = []
  await example(path, { log: (...words) => lines.push(words.join(' ')) })
  const [readme, self] = ['../README.md', 'readme.test.ts'].map(name => join(import.meta.dirname, name))
  expect(exampleIn(readFileSync(readme!, 'utf8'))).toBe(exampleIn(readFileSync(self!, 'utf8')))
  expect(fold(readFileSync(readme!, 'utf8'))).toContain(`prints: ${lines.join(' / ')}`)
})
