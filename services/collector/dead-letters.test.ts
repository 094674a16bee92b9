import { describe, expect, it } from '@jest/globals'
import { AppendError, type NewRecord } from '@earshot/bus'
import { encodeHep } from '@earshot/hep'
import { Metrics } from '@earshot/telemetry'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import { DeadLetters, readDeadLetter, type DeadLetter } from './dead-letters.ts'
import { RecordingLog } from './recording-log.fixture.ts'

const noon = epochMicros(1_767_225_600e6)
const origin = (at: EpochMicros = noon) =>
  ({ reason: 'truncated', transport: 'udp', address: '192.0.2.1', agent: 'sbc', at }) as const

async function started(log = new RecordingLog()) {
  const metrics = new Metrics({ version: 'test' })
  const letters = new DeadLetters({ log, collector: 'edge', metrics })
  await letters.start()
  const kept = (): DeadLetter[] => log.appended.flat().map(read)
  return { log, letters, metrics, kept }
}

const read = ({ headers = {}, value }: NewRecord): DeadLetter => readDeadLetter({ headers, value })

const endpoint = { address: '192.0.2.9', port: 5060 }
const withKey = (key: string): Buffer =>
  encodeHep({
    captureId: 1,
    protocol: 1,
    transport: 'udp',
    source: endpoint,
    destination: endpoint,
    authKey: Buffer.from(key),
    payload: Buffer.from('OPTIONS')
  })

describe('a frame that cannot be decoded', () => {
  it('is kept with its reason and where it came from', async () => {
    const { letters, kept } = await started()
    letters.take(Buffer.from('no HEP'), { ...origin(), reason: 'not-hep', agent: undefined })
    letters.take(Buffer.from('HEP3'), origin())
    await letters.stop()
    expect(kept()).toEqual([
      { ...origin(), reason: 'not-hep', agent: undefined, collector: 'edge', length: 6, bytes: Buffer.from('no HEP') },
      { ...origin(), collector: 'edge', length: 4, bytes: Buffer.from('HEP3') }
    ])
  })

  it('is kept in its first 2 KiB, as a copy', async () => {
    const { letters, kept } = await started()
    const frame = Buffer.alloc(60_000, 'x')
    letters.take(frame, origin())
    frame.fill('y')
    await letters.stop()
    expect(kept()).toMatchObject([{ length: 60_000, bytes: Buffer.alloc(2048, 'x') }])
  })

  it.each([
    { name: 'a frame cut short', frame: withKey('secret').subarray(0, -3) },
    { name: 'a frame in front of which something stands', frame: Buffer.concat([Buffer.from('x'), withKey('secret')]) },
    { name: 'a password cut short', frame: withKey('secret').subarray(0, -14) },
    {
      name: 'a password with a length of nothing',
      frame: withKey('secret').fill(0, withKey('secret').indexOf('secret') - 2, withKey('secret').indexOf('secret'))
    },
    { name: 'two of them', frame: Buffer.concat([withKey('secret'), withKey('secret')]) }
  ])('is kept without its password: $name', async ({ frame }) => {
    expect(frame.includes('secr')).toBe(true)
    const { letters, kept } = await started()
    letters.take(frame, origin())
    await letters.stop()
    expect(kept()[0]!.bytes.includes('secr')).toBe(false)
    expect(kept()[0]!.length).toBe(frame.length)
  })

  it('is only counted beyond ten in a second of its reason', async () => {
    const { letters, kept, metrics } = await started()
    for (let each = 0; each < 50; each++) letters.take(Buffer.from('x'), origin())
    letters.take(Buffer.from('y'), { ...origin(), reason: 'not-hep' })
    for (let each = 0; each < 50; each++) letters.take(Buffer.from('x'), origin(plus(noon, seconds(1))))
    await letters.stop()
    expect(kept().length).toBe(21)
    const text = await metrics.prometheusText()
    expect(text).toContain('earshot_dead_letters_total{reason="truncated"} 20')
    expect(text).toContain('earshot_dead_letters_total{reason="not-hep"} 1')
    expect(text).toContain('earshot_dead_letters_suppressed_total{reason="truncated"} 80')
  })

  it('is only counted while the log is away', async () => {
    const log = new RecordingLog()
    log.append = (topic, records) => Promise.reject(new AppendError(topic, records, new Error('no broker')))
    const { letters, metrics } = await started(log)
    letters.take(Buffer.from('x'), origin())
    await letters.stop()
    expect(await metrics.prometheusText()).toContain('earshot_dead_letters_suppressed_total{reason="truncated"} 1')
  })

  it('of a later format is refused', () => {
    expect(() => readDeadLetter({ headers: { format: '2' }, value: Buffer.alloc(0) })).toThrow(
      'A dead letter of format 2; this version of Earshot reads 1'
    )
  })
})
