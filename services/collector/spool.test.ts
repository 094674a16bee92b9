import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { AppendError, LocalLog, RecordRefused, stamped, type NewRecord } from '@earshot/bus'
import { Spool, spoolTopic } from './spool.ts'

const folder = mkdtempSync(join(tmpdir(), 'earshot-spool-'))
afterAll(() => rmSync(folder, { recursive: true }))

const topic = 'packets'

/** A record that tells its number, in one of two partitions. */
const record = (number: number, bytes = 0): NewRecord => ({
  partition: number % 2,
  headers: { ...stamped('run', number), kind: 'packets' },
  value: Buffer.concat([Buffer.from(`${number} `), Buffer.alloc(bytes)])
})
const numberIn = ({ value }: Pick<NewRecord, 'value'>): number => parseInt(value.toString('latin1'), 10)

/** After so long a log gives up that has no answer. */
const TIMEOUT_MS = 60

/** A log that is there, refuses, has no answer, or takes without saying so. */
class Away {
  mode: 'there' | 'refuses' | 'silent' | 'takes in silence' = 'there'
  /** Each append that was taken. */
  readonly taken: (readonly NewRecord[])[] = []
  tries = 0

  async partitions(): Promise<number> {
    return 2
  }

  countOf(): number {
    return 2
  }

  append(_topic: string, records: readonly NewRecord[]): Promise<void> {
    this.tries++
    if (this.mode === 'there' || this.mode === 'takes in silence') this.taken.push(records)
    if (this.mode === 'there') return Promise.resolve()
    const failure = (why: string): AppendError => new AppendError(topic, records, new Error(why))
    if (this.mode === 'refuses') return Promise.reject(failure('no broker'))
    return sleep(TIMEOUT_MS).then(() => Promise.reject(failure('no answer')))
  }

  get numbers(): number[] {
    return this.taken.flat().map(numberIn)
  }
}

type Options = { readonly bytes?: number; readonly path?: string; readonly patienceMs?: number }

const open: Spool[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(spool => spool.stop()))
})

async function started(log: Away, { bytes = 1e9, path, patienceMs = 60_000 }: Options = {}): Promise<Spool> {
  const local = new LocalLog({
    ...(path !== undefined && { path }),
    topics: { [spoolTopic]: 1 },
    retention: { ageMs: 0, bytes: Infinity }
  })
  const spool = new Spool({
    log,
    local,
    bytes,
    patienceMs,
    retryMs: 5,
    onRefused: record => refused.push(record),
    onFailure: error => failures.push(error)
  })
  await spool.start()
  open.push(spool)
  return spool
}

const failures: Error[] = []
const refused: NewRecord[] = []
afterEach(() => expect([failures.splice(0), refused.splice(0)]).toEqual([[], []]))

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 4000
  while (!isSo() && performance.now() < deadline) await setImmediate()
  expect(isSo()).toBe(true)
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('a spool', () => {
  it('is not there while the log takes everything', async () => {
    const log = new Away()
    const spool = await started(log)
    expect(await spool.partitions(topic)).toBe(2)
    const first = [record(1), record(2)]
    await spool.append(topic, first)
    expect(log.taken).toEqual([first])
    expect(log.taken[0]).toBe(first)
    expect([spool.isSpooling, spool.records, spool.bytes]).toEqual([false, 0, 0])
  })

  it('keeps what the log refuses, and hands it on in its order when that takes again', async () => {
    const log = new Away()
    const spool = await started(log)
    await spool.append(topic, [record(0)])
    log.mode = 'refuses'
    for (const number of numbers(1, 20)) await spool.append(topic, [record(2 * number), record(2 * number + 1)])
    expect(spool.isSpooling).toBe(true)
    expect(spool.records).toBe(40)
    expect(spool.bytes).toBeGreaterThan(40)
    log.mode = 'there'
    await until(() => !spool.isSpooling)
    await spool.append(topic, [record(42)])
    expect(log.numbers).toEqual([0, ...numbers(2, 42)])
    expect([spool.records, spool.bytes]).toEqual([0, 0])
  })

  it('gives the log the very records: partition, headers and bytes', async () => {
    const log = new Away()
    const spool = await started(log)
    log.mode = 'refuses'
    const bare = { partition: 1, value: Buffer.from('bare') }
    await spool.append(topic, [record(1, 1000), bare])
    log.mode = 'there'
    await until(() => !spool.isSpooling)
    expect(log.taken).toEqual([[record(1, 1000), bare]])
  })

  it('puts what comes later behind what waits, though the log takes again', async () => {
    const log = new Away()
    const spool = await started(log)
    log.mode = 'refuses'
    await spool.append(topic, [record(1)])
    log.mode = 'there'
    const appended = [spool.append(topic, [record(2)]), spool.append(topic, [record(3)])]
    await Promise.all(appended)
    await until(() => !spool.isSpooling)
    expect(log.numbers).toEqual([1, 2, 3])
  })

  it('takes over from a log that does not answer, all that it was given at once and first', async () => {
    const log = new Away()
    const spool = await started(log, { patienceMs: 20 })
    log.mode = 'silent'
    const appended = [1, 2, 3].map(number => spool.append(topic, [record(number)]))
    await Promise.all(appended)
    await spool.append(topic, [record(4)])
    expect(spool.records).toBe(4)
    expect(log.numbers).toEqual([])
  })

  it('hands on once more what a log has taken without saying so: the stamps tell', async () => {
    const log = new Away()
    const spool = await started(log, { patienceMs: 20 })
    log.mode = 'takes in silence'
    await Promise.all([1, 2].map(number => spool.append(topic, [record(number)])))
    expect(log.numbers.slice(0, 2)).toEqual([1, 2])
    await until(() => log.taken.length > 2)
    log.mode = 'there'
    await until(() => !spool.isSpooling)
    await spool.append(topic, [record(3)])
    expect(log.numbers).toEqual([1, 2, 1, 2, 1, 2, 3])
  })

  it('is not for what waiting does not mend', async () => {
    const log = new Away()
    const spool = await started(log)
    log.append = (_topic, records) =>
      Promise.reject(new AppendError(topic, records, new RangeError('a record of 2000000 bytes')))
    await expect(spool.append(topic, [record(1)])).rejects.toThrow(AppendError)
    expect([spool.isSpooling, spool.records]).toEqual([false, 0])
  })

  it('tells of a failure that waiting does not mend when it hands on', async () => {
    const log = new Away()
    const spool = await started(log)
    log.mode = 'refuses'
    await spool.append(topic, [record(1)])
    log.append = (_topic, records) =>
      Promise.reject(new AppendError(topic, records, new RangeError('the log has no topic packets')))
    await until(() => failures.length > 0)
    expect(failures.splice(0).map(({ message }) => message)).toEqual([expect.stringContaining('gave up on spool')])
    expect(spool.records).toBe(1)
  })

  it.each(['while it is there', 'when it is back'])(
    'drops a record that the log never takes, alone, and nothing of what is before or behind it: %s',
    async when => {
      const log = new Away()
      const spool = await started(log)
      const taken: number[] = []
      log.append = (_topic, records) => {
        if (log.mode === 'refuses') return Promise.reject(new AppendError(topic, records, new Error('no broker')))
        const tooLarge = records.some(each => [3, 7].includes(numberIn(each)))
        if (tooLarge) return Promise.reject(new AppendError(topic, records, new RecordRefused('too large')))
        taken.push(...records.map(numberIn))
        return Promise.resolve()
      }
      if (when === 'when it is back') log.mode = 'refuses'
      for (const number of [1, 3, 5, 7]) await spool.append(topic, [record(number), record(number + 1)])
      log.mode = 'there'
      await until(() => !spool.isSpooling)
      expect(taken).toEqual([1, 2, 4, 5, 6, 8])
      expect(refused.splice(0).map(numberIn)).toEqual([3, 7])
      expect(spool.isAway).toBe(false)
    }
  )

  it('hands on what it kept for another number of partitions where it belongs now, at the next start too', async () => {
    const path = join(folder, 'repartitioned.sqlite')
    const log = new Away()
    const before = await started(log, { path })
    log.mode = 'refuses'
    const tick = { ...record(1), partition: 0, headers: { ...stamped('run', 1), kind: 'tick' } }
    await before.append(topic, [tick, { ...tick, partition: 1 }])
    await before.stop()
    log.countOf = () => 3
    log.mode = 'there'
    const after = await started(log, { path })
    await until(() => !after.isSpooling)
    expect(log.taken.flat().map(({ partition }) => partition)).toEqual([0, 1, 2])
  })

  it('hands on only what is left of what the log has taken in part', async () => {
    const log = new Away()
    const spool = await started(log)
    log.mode = 'refuses'
    await spool.append(topic, [record(1), record(2), record(3)])
    const tried: number[][] = []
    log.append = (_topic, records) => {
      tried.push(records.map(numberIn))
      const left = records.filter(({ partition }) => partition === 0)
      return tried.length > 1 ? Promise.resolve() : Promise.reject(new AppendError(topic, left, new Error('half')))
    }
    await until(() => !spool.isSpooling)
    expect(tried).toEqual([[1, 2, 3], [2]])
  })

  it('confirms nothing more once it is full, keeps that too, and goes on when there is room', async () => {
    const log = new Away()
    const spool = await started(log, { bytes: 50_000 })
    log.mode = 'refuses'
    let confirmed = 0
    const append = (number: number) => spool.append(topic, [record(number, 20_000)]).then(() => confirmed++)
    await append(1)
    expect(spool.isFull).toBe(false)
    const waiting = [append(2), append(3)]
    await until(() => spool.records === 3)
    await setImmediate()
    expect([spool.isFull, confirmed]).toEqual([true, 1])
    log.mode = 'there'
    await Promise.all(waiting)
    await until(() => !spool.isSpooling)
    expect(log.numbers).toEqual([1, 2, 3])
    expect(spool.isFull).toBe(false)
  })

  it('lets go of those who wait for room, so that they can stop', async () => {
    const log = new Away()
    const spool = await started(log, { bytes: 0 })
    log.mode = 'refuses'
    const waiting = spool.append(topic, [record(1)])
    await until(() => spool.records === 1)
    spool.release()
    await waiting
    await spool.append(topic, [record(2)])
    expect(spool.records).toBe(2)
  })

  it('keeps over a restart what waits, hands it on before anything else, and counts it', async () => {
    const path = join(folder, 'restart.sqlite')
    const log = new Away()
    const before = await started(log, { path })
    log.mode = 'refuses'
    for (const number of numbers(1, 300)) await before.append(topic, [record(number, 500)])
    const { bytes } = before
    await before.stop()
    expect(log.taken).toEqual([])

    const after = await started(log, { path })
    expect([after.isSpooling, after.records, after.bytes]).toEqual([true, 300, bytes])
    const last = after.append(topic, [record(301)])
    log.mode = 'there'
    await last
    await until(() => !after.isSpooling)
    expect(log.numbers).toEqual(numbers(1, 301))
    await after.stop()

    const third = await started(log, { path })
    expect([third.isSpooling, third.records]).toEqual([false, 0])
  })

  it('has after kill -9 all that it had confirmed, in its order', async () => {
    const path = join(folder, 'killed.sqlite')
    const child = fork(fileURLToPath(new URL('spool.child.ts', import.meta.url)), [path])
    let confirmed = -1
    child.on('message', number => {
      confirmed = number as number
      if (confirmed === 100) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const log = new Away()
    const spool = await started(log, { path })
    await spool.append(topic, [record(100_000)])
    await until(() => !spool.isSpooling)
    const handedOn = log.numbers
    expect(handedOn.pop()).toBe(100_000)
    expect(handedOn).toEqual(numbers(0, handedOn.length - 1))
    expect(handedOn.length).toBeGreaterThan(confirmed)
  })

  it('lets a log that answers take what is left before it stops', async () => {
    const path = join(folder, 'grace.sqlite')
    const log = new Away()
    const spool = await started(log, { path })
    log.mode = 'refuses'
    for (const number of numbers(1, 3)) await spool.append(topic, [record(number)])
    log.mode = 'there'
    await until(() => log.taken.length > 0 || !spool.isSpooling)
    await spool.append(topic, [record(4)])
    await spool.stop()
    expect(log.numbers).toEqual(numbers(1, 4))
  })

  it('does not hold up a stop while the log is away', async () => {
    const log = new Away()
    const spool = await started(log, { patienceMs: 20 })
    log.mode = 'silent'
    await spool.append(topic, [record(1)])
    await until(() => log.tries > 1)
    const began = performance.now()
    await spool.stop()
    expect(performance.now() - began).toBeLessThan(TIMEOUT_MS)
  })

  it.each([1000, 15_000, 70_000])('takes about as much of the disk as it says, records of %d bytes', async size => {
    const path = join(folder, `size-${size}.sqlite`)
    const log = new Away()
    const spool = await started(log, { path })
    log.mode = 'refuses'
    for (const number of numbers(1, Math.ceil(20e6 / size))) await spool.append(topic, [record(number, size)])
    const { bytes } = spool
    await spool.stop()
    const onDisk = statSync(path).size
    expect(onDisk).toBeLessThan(bytes)
    expect(onDisk).toBeGreaterThan(bytes / 3)
  })

  it('uses the disk again that records had which the log has', async () => {
    const path = join(folder, 'again.sqlite')
    const log = new Away()
    const spool = await started(log, { path })
    for (const round of numbers(1, 5)) {
      log.mode = 'refuses'
      for (const number of numbers(1, 50)) await spool.append(topic, [record(100 * round + number, 100_000)])
      log.mode = 'there'
      await until(() => !spool.isSpooling)
    }
    await spool.stop()
    expect(statSync(path).size).toBeLessThan(15e6)
    expect(log.taken.flat().length).toBe(250)
  })

  it('loses nothing and keeps the order, whenever the log is away and comes back', async () => {
    const modes = fc.constantFrom<Away['mode']>('there', 'refuses', 'silent', 'takes in silence')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(modes, fc.nat({ max: 5 }), fc.nat({ max: 30 })), { maxLength: 8 }),
        async phases => {
          const log = new Away()
          const spool = await started(log, { patienceMs: 1 })
          let number = 0
          for (const [mode, count, pauseMs] of phases) {
            log.mode = mode
            for (let each = 0; each < count; each++) await spool.append(topic, [record(number++)])
            await sleep(pauseMs)
          }
          log.mode = 'there'
          await until(() => !spool.isSpooling)
          expect(firstTimes(log.numbers)).toEqual(numbers(0, number - 1))
          await spool.stop()
        }
      ),
      { numRuns: 15 }
    )
  })
})

/** Without repetitions, in the order of their first times. */
const firstTimes = (all: readonly number[]): number[] => [...new Set(all)]
