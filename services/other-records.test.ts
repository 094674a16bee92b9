import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import type { Headers, LogRecord } from '@earshot/bus'
import { readAgents } from './agents-record.ts'
import { readDeadLetter } from './collector/dead-letters.ts'
import { readCommand } from './command-record.ts'
import { readAlert } from './pipeline.ts'

type Golden = { readonly headers: Headers; readonly value: string; readonly reads: object }
type Read = (record: Pick<LogRecord, 'headers' | 'value'>) => object

const versions = new URL('testdata/others/', import.meta.url)

const readers: Readonly<Record<string, Read>> = {
  agents: readAgents,
  alert: readAlert,
  acknowledge: readCommand,
  silence: readCommand,
  'dead-letter': record => ({ ...readDeadLetter(record), bytes: record.value.toString() })
}

describe('a record that a former version wrote', () => {
  it.each(globSync('*/*.json', { cwd: versions }))('%s is read as its golden file says', file => {
    const { headers, value, reads } = JSON.parse(readFileSync(new URL(file, versions), 'utf8')) as Golden
    expect(readers[headers.kind!]!({ headers, value: Buffer.from(value) })).toEqual(reads)
  })
})
