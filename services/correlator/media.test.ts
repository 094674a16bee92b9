import { describe, expect, it } from '@jest/globals'
import type { NewRecord } from '@earshot/bus'
import { byAddress, defaultLimits, type AttemptRecord } from '@earshot/calls'
import { encodeHep, type HepFields } from '@earshot/hep'
import { Metrics } from '@earshot/telemetry'
import { ladder } from '@earshot/traffic'
import { epochMicros, plus, seconds, type Captured } from '@earshot/units'
import { Access } from '../collector/access.ts'
import { Agents } from '../collector/agents.ts'
import { Intake } from '../collector/intake.ts'
import { Packer } from '../collector/packer.ts'
import { RecordingLog } from '../collector/recording-log.fixture.ts'
import { readCalls, tickRecord } from '../pipeline.ts'
import { TestPartition } from './partition.fixture.ts'
import { CorrelatorStage } from './stage.ts'

const start = epochMicros(1_767_225_600e6)
const producer = { collector: 'edge', run: 'run-1' }

const fieldsOf = ({ agent: _agent, media, ...packet }: Captured): HepFields => ({
  ...packet,
  captureId: 7,
  protocol: media?.protocol ?? 1,
  correlationId: media?.correlationId
})

/** What a collector with so many partitions packs of these packets, each given as HEP. */
async function packedBy(partitions: number, packets: readonly Captured[]): Promise<RecordingLog> {
  const log = new RecordingLog({ partitions })
  const packer = new Packer(log, producer, error => {
    throw error
  })
  await packer.start()
  const access = new Access()
  const metrics = new Metrics({ version: 'test' })
  const now = () => plus(start, seconds(100))
  const intake = new Intake({ agents: new Agents({ trusting: false }), access, packer, metrics, now })
  for (const packet of packets) {
    intake.take(encodeHep(fieldsOf(packet)), 'tcp', access.source('192.0.2.1'))
    packer.cut()
  }
  await packer.stop()
  expect([...intake.drops.values()].reduce((sum, count) => sum + count, 0)).toBe(0)
  return log
}

type Worked = { readonly attempts: readonly AttemptRecord[]; readonly media: Readonly<Record<string, number>> }

/** Works one partition to the end of all calls, with crashes on the way. */
async function worked(records: readonly NewRecord[], options: { mediaByAddress: boolean }): Promise<Worked> {
  const ticks = [3, 6, 12, 60].map(at => tickRecord(producer, 0, 0, plus(start, seconds(at))))
  const stage = (): CorrelatorStage =>
    new CorrelatorStage(0, { parties: byAddress, limits: defaultLimits, callsPartitions: 1, ...options })
  const partition = new TestPartition([...records, ...ticks], stage)
  for (let step = 1; !partition.isDone; step++) {
    // What waits is read again after a crash: with one at each step it would never get on.
    const crash = step > 12 ? 'none' : step % 3 === 0 ? 'before commit' : 'after commit'
    await partition.work(step, crash)
  }
  const attempts: AttemptRecord[] = []
  const media: Record<string, number> = {}
  for (const { headers = {}, value } of partition.emitted) {
    const output = readCalls({ headers, value })
    if (output.kind === 'attempt') attempts.push(output)
    if (output.kind !== 'counts') continue
    for (const [result, count = 0] of Object.entries(output.media ?? {})) media[result] = (media[result] ?? 0) + count
  }
  return { attempts, media }
}

const packetsIn = (log: RecordingLog, partition: number): NewRecord[] =>
  log.appended
    .flat()
    .filter(record => record.partition === partition)
    .map(record => ({ ...record, partition: 0 }))

const call = `0 a>b INVITE +S
500 b>a 183 tt=x +S
9000 b>a 480 tt=x`

describe('reports of media through the collector', () => {
  it.each([
    { name: 'RTCP', line: '3400 b>a rtcp packets=140', evidence: 'seen', media: { matched: 2 } },
    { name: 'RTCP without any packets', line: '3400 b>a rtcp', evidence: 'none_seen', media: { matched: 2 } },
    { name: 'a report of a stream', line: '5400 b>a report packets=9', evidence: 'seen', media: { matched: 1 } },
    { name: 'RTCP without Call-ID', line: '3400 b>a rtcp packets=1 call=', evidence: 'seen', media: { matched: 2 } },
    { name: 'RTCP of another call', line: '3400 c>c rtcp call=2', evidence: 'unverified', media: { unmatched: 2 } }
  ])('$name reach the attempt, through crashes', async ({ line, evidence, media }) => {
    const log = await packedBy(1, ladder(`${call}\n${line}`, { start }))
    const found = await worked(packetsIn(log, 0), { mediaByAddress: true })
    expect(found.attempts).toMatchObject([{ class: 'early_media', mediaEvidence: evidence }])
    expect(found.media).toEqual(media)
  })

  it('go to the partition of their call, and only the Call-ID tells which', async () => {
    const traffic = ladder(`${call}\n3400 b>a rtcp packets=140`, { start })
    const log = await packedBy(12, traffic)
    const partitions = new Set(log.appended.flat().map(({ partition }) => partition))
    expect(partitions.size).toBe(1)
    const [partition] = partitions
    const { attempts } = await worked(packetsIn(log, partition!), { mediaByAddress: false })
    expect(attempts).toMatchObject([{ mediaEvidence: 'seen' }])

    const stray = ladder(`${call}\n3400 b>a rtcp packets=140 call=`, { start })
    const found = await worked(packetsIn(await packedBy(1, stray), 0), { mediaByAddress: false })
    expect(found).toMatchObject({ attempts: [{ mediaEvidence: 'unverified' }], media: { unmatched: 2 } })
  })

  it('that cannot be read are counted, and harm nothing', async () => {
    const [report] = ladder('0 b>a rtcp', { start })
    const hostile = ['{', '\x80\xc8\x00\x06', '\x80\x08', '{"sender_information":[]}'].map(text => ({
      ...report!,
      payload: Buffer.from(text, 'latin1')
    }))
    const log = await packedBy(1, [...ladder(call, { start }), ...hostile])
    const { attempts, media } = await worked(packetsIn(log, 0), { mediaByAddress: true })
    expect(attempts).toMatchObject([{ mediaEvidence: 'unverified' }])
    expect(media).toEqual({ not_json: 1, truncated: 2, no_count: 1 })
  })
})
