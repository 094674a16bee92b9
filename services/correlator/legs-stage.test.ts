import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { partitionOf, type Emitted, type Headers, type NewRecord } from '@earshot/bus'
import { byAddress, defaultLegHeaders, defaultLimits, noLegHeaders, type LegsRecord } from '@earshot/calls'
import { encodeHep } from '@earshot/hep'
import { findCallId } from '@earshot/sip'
import { ladder } from '@earshot/traffic'
import { epochMicros, plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import { readJoined } from '../legs-records.ts'
import { packetsRecord, tickRecord, topics } from '../pipeline.ts'
import { LegsStage } from './legs-stage.ts'
import { TestPartition } from './partition.fixture.ts'
import { CorrelatorStage } from './stage.ts'

const start = epochMicros(1_767_225_600e6)
const after = (count: number): EpochMicros => plus(start, seconds(count))
const producer = { collector: 'edge', run: 'run-1' }

/** A call of three legs, and what a B2BUA without a header makes of one. */
const call = (at: number, name: number): Captured[] =>
  ladder(
    `
s = 10.0.0.1:5060 ours
t = 10.0.0.2:5060 ours
b = 203.0.113.7:5060
c = 203.0.113.8:5060
0    b>s INVITE call=${name}1 +S
5    s>t INVITE call=${name}2 +S
X-CID: call-${name}1@ladder.example
10   t>c INVITE call=${name}3 +S
X-CID: call-${name}2@ladder.example
12   t>c INVITE call=${name}4 +S
300  c>t 183 call=${name}3 tt=x +S
305  t>s 183 call=${name}2 tt=y +S
310  s>b 183 call=${name}1 tt=z
5300 c>t 486 call=${name}3 tt=x
5305 t>s 486 call=${name}2 tt=y
5310 s>b 486 call=${name}1 tt=z
`,
    { start: after(at) }
  )

const traffic = [call(0, 1), call(1, 2), call(40, 3)]

/** What the correlator of each partition of packets tells of legs, in its order, until a time long after the calls. */
async function told(sources: number, legHeaders = defaultLegHeaders, until = 1200): Promise<Emitted[][]> {
  const all = Array.from({ length: sources }, async (_, source) => {
    const stage = new CorrelatorStage(source, {
      parties: byAddress,
      limits: defaultLimits,
      callsPartitions: 1,
      legHeaders
    })
    const own = traffic.flat().filter(({ payload }) => partitionOf(findCallId(payload) ?? '', sources) === source)
    const frames = Buffer.concat(own.map(each => encodeHep({ ...each, captureId: 1, protocol: 1 })))
    const ticks = [3, 10, 60, 80, 300, until, until].map(second => tickRecord(producer, 0, source, after(second)))
    const records: NewRecord[] = [...(own.length > 0 ? [packetsRecord(producer, 0, source, frames)] : []), ...ticks]
    const partition = new TestPartition(records, () => stage)
    while (!partition.isDone) await partition.work(1)
    return partition.emitted.filter(({ topic }) => topic === topics.legs)
  })
  return Promise.all(all)
}

const asAppended = ({ headers = {}, value }: Emitted): NewRecord => ({ partition: 0, headers, value })

const joinedOf = (partition: TestPartition): string[][] =>
  partition.emitted.map(({ headers = {}, value }) => readJoined({ headers, value }).legs.map(({ callId }) => callId))

const expected = [1, 2, 3].map(name => [1, 2, 3].map(leg => `call-${name}${leg}@ladder.example`))

const versions = new URL('testdata/legs/', import.meta.url)

/** What a join of that version kept of the three calls, what it was told afterwards, and what it said then. */
type Golden = {
  readonly state: Readonly<Record<string, string>>
  readonly records: readonly { readonly headers: Headers; readonly value: string }[]
  readonly joined: readonly LegsRecord[]
}

// WRITE_STATE=v2 node … adds the golden file of a new version; those of a former one are never written again.
const adds = process.env['WRITE_STATE']
if (adds !== undefined) {
  const records = (await told(1)).flat().map(asAppended)
  const partition = new TestPartition(records, () => new LegsStage({ sources: 1, limits: defaultLimits }))
  await partition.work(3)
  const state = Object.fromEntries(Array.from(partition.state, ([key, value]) => [key, value.toString()]))
  while (!partition.isDone) await partition.work(1)
  const golden: Golden = {
    state,
    records: records.slice(3).map(({ headers = {}, value }) => ({ headers, value: value.toString() })),
    joined: partition.emitted.map(({ headers = {}, value }) => readJoined({ headers, value }))
  }
  mkdirSync(versions, { recursive: true })
  writeFileSync(new URL(`${adds}.json`, versions), `${JSON.stringify(golden, null, 2)}\n`, { flag: 'wx' })
}

describe('the legs that a former version kept', () => {
  it.each(readdirSync(versions))('of %s are read, and what follows makes the records of then', async file => {
    const golden = JSON.parse(readFileSync(new URL(file, versions), 'utf8')) as Golden
    const stage = new LegsStage({ sources: 1, limits: defaultLimits })
    await stage.restore(
      (async function* () {
        for (const [key, value] of Object.entries(golden.state)) yield { key, value: Buffer.from(value) }
      })()
    )
    const records = golden.records.map(({ headers, value }, offset) => ({
      partition: 0,
      offset,
      key: undefined,
      headers,
      value: Buffer.from(value),
      appendedMs: 0,
      replayed: false
    }))
    const { emit } = stage.handle(records)
    expect(emit.map(({ headers = {}, value }) => readJoined({ headers, value }))).toEqual(golden.joined)
  })
})

describe('LegsStage', () => {
  it('joins the legs that the correlators of several partitions saw, each call once', async () => {
    const partition = new TestPartition(
      (await told(3)).flat().map(asAppended),
      () => new LegsStage({ sources: 3, limits: defaultLimits })
    )
    await partition.work(1000)
    expect(joinedOf(partition)).toEqual(expected)
  })

  it('says the same whichever source is faster, wherever it is cut, and after crashes', async () => {
    const sources = await told(3)
    const crash = fc.constantFrom('none', 'before commit', 'after commit')
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.nat({ max: 2 })),
        fc.infiniteStream(fc.tuple(fc.integer({ min: 1, max: 9 }), crash)),
        async (turns, batches) => {
          const left = sources.map(each => [...each])
          const records: NewRecord[] = []
          while (left.some(each => each.length > 0)) {
            const next = left[turns.next().value as number]!.shift()
            if (next) records.push(asAppended(next))
          }
          const partition = new TestPartition(records, () => new LegsStage({ sources: 3, limits: defaultLimits }))
          while (!partition.isDone) {
            const [count, crash] = batches.next().value as [number, 'none']
            await partition.work(count, crash)
          }
          expect(joinedOf(partition)).toEqual(expected)
        }
      ),
      { numRuns: 30 }
    )
  })

  it('has no time before every partition of packets has told its own', async () => {
    const [first = []] = await told(3)
    const partition = new TestPartition(
      first.map(asAppended),
      () => new LegsStage({ sources: 3, limits: defaultLimits })
    )
    await partition.work(1000)
    expect(partition.emitted).toEqual([])
  })

  it('waits for nothing more when the clocks of all collectors stand', async () => {
    const records = (await told(2, defaultLegHeaders, 60)).flat().map(asAppended)
    const partition = new TestPartition(records, () => new LegsStage({ sources: 2, limits: defaultLimits }))
    await partition.work(1000)
    expect(joinedOf(partition)).toEqual(expected)
    expect([...partition.state.keys()]).toEqual(['clock'])
  })

  it('is told nothing where no header tells of legs', async () => {
    expect((await told(2, noLegHeaders)).flat()).toEqual([])
  })

  it('says where early media got lost', async () => {
    const partition = new TestPartition(
      (await told(1)).flat().map(asAppended),
      () => new LegsStage({ sources: 1, limits: defaultLimits })
    )
    await partition.work(1000)
    const [{ headers = {}, value } = { value: Buffer.alloc(0) }] = partition.emitted
    expect(readJoined({ headers, value }).faults).toMatchObject([
      { callId: 'call-11@ladder.example', codes: ['not_forwarded'] }
    ])
  })

  it('refuses a state of a later version', async () => {
    const stage = new LegsStage({ sources: 1, limits: defaultLimits })
    const later = async function* () {
      yield { key: 'clock', value: Buffer.from('{"format":2}') }
    }
    await expect(stage.restore(later())).rejects.toThrow('format 2')
  })
})
