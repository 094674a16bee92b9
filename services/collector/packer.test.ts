import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { AppendError } from '@earshot/bus'
import { encodeHep } from '@earshot/hep'
import { epochMicros } from '@earshot/units'
import { Packer } from './packer.ts'
import { RecordingLog } from './recording-log.fixture.ts'

const time = epochMicros(1_767_225_600e6)

const frame = (index: number, length = 100): Buffer =>
  encodeHep({
    captureId: index,
    protocol: 1,
    transport: 'udp',
    source: { address: '', port: 0 },
    destination: { address: '', port: 0 },
    payload: Buffer.alloc(length - 59 + 8)
  })

async function started(log: RecordingLog, onFailure = (error: Error): void => void error): Promise<Packer> {
  const packer = new Packer(log, { collector: 'edge', run: 'run-1' }, onFailure)
  await packer.start()
  return packer
}

describe('Packer', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  it('lets no frame wait longer than 20 ms', async () => {
    const log = new RecordingLog()
    const packer = await started(log)
    packer.add(0, frame(1))
    jest.advanceTimersByTime(15)
    packer.add(0, frame(2))
    expect(log.appended.length).toBe(0)
    jest.advanceTimersByTime(5)
    expect(log.frames()).toEqual([frame(1), frame(2)])
    expect(log.appended.length).toBe(1)
  })

  it('appends at once when a run has 64 KiB, and never makes one of more than 128', async () => {
    const log = new RecordingLog()
    const packer = await started(log)
    for (let index = 0; index < 10; index++) packer.add(0, frame(index, 60_000))
    await packer.stop()
    const sizes = log.appended.flat().map(({ value }) => value.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(128 << 10)
    expect(log.appended.length).toBe(5)
    expect(log.frames().length).toBe(10)
  })

  it('cuts the runs of all partitions together, under one sequence number', async () => {
    const log = new RecordingLog({ partitions: 3 })
    const packer = await started(log)
    packer.add(2, frame(2))
    packer.add(0, frame(0))
    jest.advanceTimersByTime(20)
    expect(log.appended.map(cut => cut.map(({ partition }) => partition))).toEqual([[0, 2]])
    const stamps = log.appended[0]!.map(({ headers }) => [headers?.producer, headers?.sequence])
    expect(stamps).toEqual([
      ['run-1', '0'],
      ['run-1', '0']
    ])
  })

  it('puts a tick for each partition behind what was gathered before it', async () => {
    const log = new RecordingLog({ partitions: 2 })
    const packer = await started(log)
    packer.add(1, frame(1))
    packer.cut(time)
    expect(log.appended[0]!.map(({ partition, headers }) => [partition, headers?.kind, headers?.newest])).toEqual([
      [1, 'packets', undefined],
      [0, 'tick', String(time)],
      [1, 'tick', String(time)]
    ])
  })

  it('appends nothing when there is nothing', async () => {
    const log = new RecordingLog()
    const packer = await started(log)
    packer.cut()
    await packer.stop()
    expect(log.appended).toEqual([])
  })

  it('keeps a copy: the frame can be used again', async () => {
    const log = new RecordingLog()
    const packer = await started(log)
    const reused = frame(1)
    packer.add(0, reused)
    reused.fill(0)
    await packer.stop()
    expect(log.frames()).toEqual([frame(1)])
  })

  it('has appended everything when it has stopped', async () => {
    const answer = Promise.withResolvers<void>()
    const log = new RecordingLog({ answers: [answer.promise] })
    const packer = await started(log)
    packer.add(0, frame(1))
    let stopped = false
    const stopping = packer.stop().then(() => (stopped = true))
    await Promise.resolve()
    expect(stopped).toBe(false)
    answer.resolve()
    await stopping
  })

  it('is full while the log has 12 cuts that it has not confirmed', async () => {
    const answer = Promise.withResolvers<void>()
    const log = new RecordingLog({ answers: Array.from({ length: 12 }, () => answer.promise) })
    const packer = await started(log)
    for (let index = 0; index < 12; index++) {
      expect(packer.isFull).toBe(false)
      packer.add(0, frame(index))
      packer.cut()
    }
    expect(packer.isFull).toBe(true)
    answer.resolve()
    await packer.flush()
    expect(packer.isFull).toBe(false)
  })

  it('keeps what the log holds unconfirmed within the 32 numbers by which it knows repetitions, ticks included', async () => {
    const first = Promise.withResolvers<void>()
    const log = new RecordingLog({ answers: [first.promise] })
    const packer = await started(log)
    for (let index = 0; index < 40; index++) {
      packer.add(0, frame(index))
      packer.cut(time)
      await Promise.resolve()
    }
    expect(packer.isFull).toBe(true)
    const numbers = log.appended.flat().map(({ headers }) => Number(headers?.sequence))
    expect(numbers).toEqual(Array.from({ length: 24 }, (_, number) => number))
    first.resolve()
    await packer.flush()
    expect(log.frames()).toEqual(Array.from({ length: 40 }, (_, index) => frame(index)))
  })

  it('appends once more what was not appended, under the same stamp, and then says that the log fails', async () => {
    const log = new RecordingLog({ partitions: 2 })
    const failures: string[] = []
    const failing = new AppendError('t', [], new Error('disk full'))
    const packer = await started(log, error => failures.push(error.message))
    log.append = (_topic, records) => {
      log.appended.push(records)
      return Promise.reject(Object.assign(failing, { records: records.slice(-1) }))
    }
    packer.add(0, frame(0))
    packer.add(1, frame(1))
    await packer.stop()
    expect(log.appended.map(records => records.map(({ partition }) => partition))).toEqual([[0, 1], [1]])
    expect(log.appended[1]![0]).toBe(log.appended[0]![1])
    expect(failures).toEqual(['the log does not take packets'])
  })
})
