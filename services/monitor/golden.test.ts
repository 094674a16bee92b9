import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import type { Headers, LogRecord } from '@earshot/bus'
import { rowsOf } from './partition-figures.ts'
import { TestMonitor } from './monitor.fixture.ts'

const versions = new URL('testdata/state/', import.meta.url)

/** Records of calls, what was kept when the first of them had been worked, and the figures when all have been. */
type Golden = {
  readonly records: readonly { readonly key: string; readonly headers: Headers; readonly value: string }[]
  readonly worked: number
  readonly resumeFrom: number
  readonly state: Readonly<Record<string, string>>
  readonly expected: object
}

const read = (file: string): Golden => JSON.parse(readFileSync(new URL(file, versions), 'utf8')) as Golden

const recordsOf = ({ records, worked }: Golden): LogRecord[] =>
  records.map(({ value, ...record }, offset) => ({
    ...record,
    partition: 0,
    offset,
    value: Buffer.from(value),
    appendedMs: 0,
    replayed: offset < worked
  }))

function figuresOf({ stage: { figures } }: TestMonitor): object {
  const { since, watermark, counts } = figures
  return { since, watermark, counts, rows: rowsOf([figures]) }
}

// WRITE_STATE=v2 node … adds the golden files of a new version; those of a former one are never written again.
const adds = process.env['WRITE_STATE']
if (adds !== undefined) {
  mkdirSync(new URL(`${adds}/`, versions), { recursive: true })
  for (const name of readdirSync(new URL('v1/', versions))) {
    const golden = read(`v1/${name}`)
    const monitor = new TestMonitor()
    const fresh = recordsOf(golden).map(record => ({ ...record, replayed: false }))
    const { resumeFrom = golden.worked } = monitor.commit(monitor.stage.handle(fresh.slice(0, golden.worked)))
    const state = Object.fromEntries([...monitor.state].map(([key, value]) => [key, value.toString()]))
    monitor.commit(monitor.stage.handle(fresh.slice(golden.worked)))
    const text = JSON.stringify({ ...golden, resumeFrom, state, expected: figuresOf(monitor) }, null, 2)
    writeFileSync(new URL(`${adds}/${name}`, versions), `${text}\n`, { flag: 'wx' })
  }
}

const goldens = readdirSync(versions).flatMap(version =>
  readdirSync(new URL(`${version}/`, versions)).map(file => `${version}/${file}`)
)

describe('the state of a monitor that a former version wrote', () => {
  it.each(goldens)('%s is read, and what follows makes the figures of then', async file => {
    const golden = read(file)
    const monitor = new TestMonitor()
    for (const [key, value] of Object.entries(golden.state)) monitor.state.set(key, Buffer.from(value))
    await monitor.restart()
    for (const record of recordsOf(golden).slice(golden.resumeFrom)) monitor.commit(monitor.stage.handle([record]))
    expect(figuresOf(monitor)).toMatchObject(golden.expected)
  })
})
