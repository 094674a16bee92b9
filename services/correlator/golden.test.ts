import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import type { Emitted, Headers, LogRecord } from '@earshot/bus'
import { defaultLimits, noCounts } from '@earshot/calls'
import { parseRegistry, partiesOf } from '@earshot/peers'
import { readCalls, type CallsOutput } from '../pipeline.ts'
import { CorrelatorStage } from './stage.ts'

const versions = new URL('testdata/state/', import.meta.url)

/** Packets (base64) and ticks, what was emitted and kept when the first of them had been worked, and all that is emitted. */
type Golden = {
  readonly records: readonly { readonly headers: Headers; readonly value: string }[]
  readonly worked: number
  readonly resumeFrom: number
  readonly emitted: readonly { readonly key: string; readonly headers: Headers; readonly value: string }[]
  readonly state: Readonly<Record<string, string>>
  readonly expected: { readonly records: readonly CallsOutput[]; readonly counts: Readonly<Record<string, number>> }
}

const registry = parseRegistry(
  'peers: [{ name: far, members: [203.0.113.7] }, { name: ours, ours: true, members: [10.0.0.0/8] }]',
  'golden'
)
const stage = (): CorrelatorStage =>
  new CorrelatorStage(0, { parties: partiesOf(() => registry), limits: defaultLimits, callsPartitions: 1 })

const read = (file: string): Golden => JSON.parse(readFileSync(new URL(file, versions), 'utf8')) as Golden

const recordsOf = ({ records, worked }: Golden): LogRecord[] =>
  records.map(({ headers, value }, offset) => ({
    partition: 0,
    offset,
    key: undefined,
    headers,
    value: Buffer.from(value, 'base64'),
    appendedMs: Number(headers.newest ?? 0) / 1e3,
    replayed: offset < worked
  }))

/** What becomes figures: the records of calls, and the counts in sum. */
function foundIn(emitted: readonly Pick<Emitted, 'headers' | 'value'>[]): Golden['expected'] {
  const outputs = emitted.map(({ headers = {}, value }) => readCalls({ headers, value }))
  const counts: Record<string, number> = { ...noCounts(), notSip: 0 }
  for (const output of outputs) {
    if (output.kind !== 'counts') continue
    for (const [name, count] of Object.entries(output.counts)) counts[name] = (counts[name] ?? 0) + count
  }
  return {
    records: outputs.filter(({ kind }) => kind !== 'counts' && kind !== 'pending' && kind !== 'evidence'),
    counts
  }
}

const written = ({ key, headers = {}, value }: Emitted) => ({ key, headers, value: value.toString() })

// WRITE_STATE=v2 node … adds the golden files of a new version; those of a former one are never written again.
const adds = process.env['WRITE_STATE']
if (adds !== undefined) {
  mkdirSync(new URL(`${adds}/`, versions), { recursive: true })
  for (const name of readdirSync(new URL('v1/', versions))) {
    const golden = read(`v1/${name}`)
    const worker = stage()
    const fresh = recordsOf(golden).map(record => ({ ...record, replayed: false }))
    const { emit, changed, resumeFrom = golden.worked } = await worker.handle(fresh.slice(0, golden.worked))
    const state = Object.fromEntries(changed.map(({ key, value }) => [key, value!.toString()]))
    const expected = foundIn([...emit, ...(await worker.handle(fresh.slice(golden.worked))).emit])
    const text = JSON.stringify({ ...golden, resumeFrom, emitted: emit.map(written), state, expected }, null, 2)
    writeFileSync(new URL(`${adds}/${name}`, versions), `${text}\n`, { flag: 'wx' })
  }
}

const goldens = readdirSync(versions).flatMap(version =>
  readdirSync(new URL(`${version}/`, versions)).map(file => `${version}/${file}`)
)

describe('the state of a partition that a former version wrote', () => {
  it.each(goldens)('%s is read, and what follows makes the records of then', async file => {
    const golden = read(file)
    const worker = stage()
    const entries = Object.entries(golden.state).map(([key, value]) => ({ key, value: Buffer.from(value) }))
    await worker.restore(
      (async function* () {
        yield* entries
      })()
    )
    const before = golden.emitted.map(({ value, ...record }) => ({ ...record, value: Buffer.from(value) }))
    const after: Emitted[] = []
    for (const record of recordsOf(golden).slice(golden.resumeFrom)) {
      after.push(...(await worker.handle([record])).emit)
    }
    expect(foundIn([...before, ...after])).toMatchObject(golden.expected)
  })
})
