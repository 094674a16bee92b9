import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Log, LogRecord, RunOptions, Stage, StateChange, StateEntry, Work } from './log.ts'
import { AppendError, maxValueBytes } from './log.ts'
import { partitionOf } from './partition.ts'
import { stamped } from './repetitions.ts'
import { lastRemembered, numbered, numberOf, numbersIn, runningSum, sumsOf } from './numbers.ts'

/** A log that can be made to crash. */
export interface TestLog extends Log {
  /** Runs until its n-th commit, which ends in the middle as the process would; nothing the run held outlives it. */
  crashDuringCommit(options: RunOptions, nth: number): Promise<void>
  close(): Promise<void>
}

/** Has topics `in` and `out` of one partition each, `many` and `keyed` of four. */
export type CreateLog = () => Promise<TestLog>

export const contractTopics = { in: 1, out: 1, many: 4, keyed: 4 }

export function logContract(name: string, create: CreateLog): void {
  const sum = (options: Partial<RunOptions> = {}): RunOptions => ({
    input: 'in',
    group: 'sum',
    stage: () => runningSum(),
    batch: { records: 10 },
    retryDelaysMs: [],
    ...options
  })

  describe(`${name} keeps the promises of Log`, () => {
    let log: TestLog

    beforeEach(async () => {
      log = await create()
    })

    afterEach(() => log.close())

    describe('append', () => {
      it('resolves when every record can be read, in the order of calls', async () => {
        await Promise.all([log.append('in', numbered(1, 3)), log.append('in', numbered(4, 5))])
        expect(await numbersIn(log, 'in')).toEqual([1, 2, 3, 4, 5])
      })

      it('keeps headers and bytes as they are', async () => {
        const value = Buffer.from([0, 255, 0, 10])
        await log.append('in', [{ partition: 0, headers: { kind: 'tick', ünï: '\0"' }, value }])
        const [record] = await allOf(log.read('in', 0, 0))
        expect(record).toMatchObject({ key: undefined, headers: { kind: 'tick', ünï: '\0"' }, replayed: false })
        expect(record!.value.equals(value)).toBe(true)
      })

      it('puts each record into the partition it names', async () => {
        await log.append(
          'many',
          [3, 0, 3].map(partition => ({ partition, value: Buffer.from([partition]) }))
        )
        expect((await allOf(log.read('many', 3, 0))).map(record => record.value[0])).toEqual([3, 3])
        expect((await allOf(log.read('many', 1, 0))).length).toBe(0)
      })

      it.each([
        { name: 'of a topic that does not exist', topic: 'none', partition: 0, bytes: 1 },
        { name: 'of a partition that does not exist', topic: 'in', partition: 1, bytes: 1 },
        { name: 'that is too large', topic: 'in', partition: 0, bytes: maxValueBytes + 1 }
      ])('rejects with the records $name', async ({ topic, partition, bytes }) => {
        const records = [{ partition, value: Buffer.alloc(bytes) }]
        const error = await log.append(topic, records).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(AppendError)
        expect((error as AppendError).records).toBe(records)
      })

      it('counts a record that is stamped and appended twice once, another restart between them or not', async () => {
        const first = stampedNumbers(1, 4)
        await log.append('in', first)
        await log.append('in', [...first.slice(2), ...stampedNumbers(5, 6)])
        await untilIdle(log, sum())
        await log.append('in', [...first, ...stampedNumbers(7, 7)])
        await untilIdle(log, sum())
        expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 7))
      })

      it('lets records without a stamp repeat', async () => {
        await log.append('in', [...numbered(5, 5), ...numbered(5, 5)])
        await untilIdle(log, sum())
        expect(await numbersIn(log, 'out')).toEqual([5, 10])
      })
    })

    describe('partitions', () => {
      it('tells how many a topic has, and rejects for one that does not exist', async () => {
        expect([await log.partitions('in'), await log.partitions('many')]).toEqual([1, 4])
        await expect(log.partitions('none')).rejects.toThrow('none')
      })
    })

    describe('a stage', () => {
      it('gets the records of its partition in order, each once, in batches no larger than asked', async () => {
        const sizes: number[] = []
        const stage = (): Stage => {
          const inner = runningSum()
          const handle = (records: readonly LogRecord[]) => {
            sizes.push(records.length)
            return inner.handle(records)
          }
          return { restore: states => inner.restore(states), handle }
        }
        await log.append('in', numbered(1, 95))
        await untilIdle(log, sum({ stage }))
        expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 95))
        expect(Math.max(...sizes)).toBe(10)
      })

      it('gets a record that alone is larger than a batch', async () => {
        const values = [Buffer.alloc(5), Buffer.alloc(2000), Buffer.alloc(5)]
        await log.append(
          'in',
          values.map(value => ({ partition: 0, value }))
        )
        const sizes: number[][] = []
        const stage = () => stateless(records => void sizes.push(records.map(record => record.value.length)))
        await untilIdle(log, sum({ stage, batch: { bytes: 1000 } }))
        expect(sizes.flat()).toEqual([5, 2000, 5])
      })

      it('is made for each partition of the topic, with states apart', async () => {
        const made: number[] = []
        const stage = (partition: number): Stage => {
          made.push(partition)
          return runningSum('keyed', `sum of ${partition}`)
        }
        await log.append(
          'many',
          [0, 1, 2, 3].flatMap(partition => numbered(1, 3 + partition, partition))
        )
        await untilIdle(log, sum({ input: 'many', stage }))
        expect(made.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3])
        for (const partition of [0, 1, 2, 3]) {
          const emitted = await allOf(log.read('keyed', partitionOf(`sum of ${partition}`, 4), 0))
          const own = emitted.filter(record => record.key === `sum of ${partition}`)
          expect(own.map(numberOf)).toEqual(sumsOf(1, 3 + partition))
        }
      })

      it('is restored with every key committed last, before any record', async () => {
        const value = (text: string) => Buffer.from(text)
        const before = [
          { key: '', value: value('empty key') },
          { key: 'a\0b', value: value('zero') },
          ...Array.from({ length: 2500 }, (_, index) => ({ key: `call ${index}`, value: value(String(index)) }))
        ]
        await log.append('in', numbered(1, 1))
        await untilIdle(log, sum({ stage: () => stateless(() => undefined, { changed: before }) }))
        const changed = [
          { key: 'call 7', value: undefined },
          { key: 'call 8', value: value('new') }
        ]
        await log.append('in', numbered(2, 2))
        await untilIdle(log, sum({ stage: () => stateless(() => undefined, { changed }) }))
        const restored = new Map<string, string>()
        const stage: Stage = {
          restore: async states => {
            for await (const state of states) restored.set(state.key, state.value.toString())
          },
          handle: () => ({ emit: [], changed: [] })
        }
        await untilIdle(log, sum({ stage: () => stage }))
        expect(restored.size).toBe(2501)
        expect(restored.has('call 7')).toBe(false)
        expect([restored.get('call 8'), restored.get('a\0b'), restored.get('')]).toEqual(['new', 'zero', 'empty key'])
      })

      it('sends what it emits to the partition it names, else to that of the key', async () => {
        const value = Buffer.from('1')
        const emit = [
          { topic: 'keyed', key: 'a', partition: 3, value },
          { topic: 'keyed', key: 'a', value }
        ]
        await log.append('in', numbered(1, 1))
        await untilIdle(log, sum({ stage: () => stateless(() => undefined, { emit }) }))
        const counts = await Promise.all(
          [0, 1, 2, 3].map(async each => (await allOf(log.read('keyed', each, 0))).length)
        )
        const expected = [0, 0, 0, 1]
        expected[partitionOf('a', 4)]! += 1
        expect(counts).toEqual(expected)
      })

      it.each([
        { name: 'topic', emitted: { topic: 'none' } },
        { name: 'partition', emitted: { topic: 'keyed', partition: 4 } }
      ])('fails when it emits to a $name that does not exist', async ({ emitted }) => {
        const emit = [{ key: 'a', value: Buffer.from('1'), ...emitted }]
        await log.append('in', numbered(1, 1))
        const failing = untilIdle(log, sum({ stage: () => stateless(() => undefined, { emit }) }))
        await expect(failing).rejects.toThrow('gave up')
      })

      it('is told once that it is dropped: when it is replaced, and when the run stops', async () => {
        const told: string[] = []
        let made = 0
        const stage = (): Stage => {
          const name = `stage ${++made}`
          const handle = () => {
            if (name === 'stage 1') throw new Error('not now')
            return nothing()
          }
          return { restore: () => Promise.resolve(), handle, dropped: () => void told.push(`${name} of ${made}`) }
        }
        await log.append('in', numbered(1, 1))
        const run = log.run(sum({ stage, retryDelaysMs: [0] }))
        await run.start()
        await log.worked('in', 'sum')
        expect(told).toEqual(['stage 1 of 1'])
        await run.stop()
        expect(told).toEqual(['stage 1 of 1', 'stage 2 of 2'])
      })

      it('is told of each batch that it is committed, and of none that fails', async () => {
        const told: string[] = []
        let throwsLeft = 1
        const stage = (): Stage => ({
          restore: () => Promise.resolve(),
          handle: records => {
            told.push(`took ${records.map(numberOf).join(' ')}`)
            if (numberOf(records[0]!) === 11 && throwsLeft-- > 0) throw new Error('not now')
            return nothing()
          },
          committed: () => void told.push('committed')
        })
        await log.append('in', numbered(1, 12))
        await untilIdle(log, sum({ stage, retryDelaysMs: [0] }))
        const first = 'took 1 2 3 4 5 6 7 8 9 10'
        expect(told).toEqual([first, 'committed', 'took 11 12', 'took 11 12', 'committed'])
      })

      it('may take its time over a batch', async () => {
        await log.append('in', numbered(1, 30))
        const stage = (): Stage => {
          const inner = runningSum()
          return {
            restore: states => inner.restore(states),
            handle: records => Promise.resolve().then(() => inner.handle(records))
          }
        }
        await untilIdle(log, sum({ stage }))
        expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 30))
      })
    })

    describe('a commit', () => {
      it.each([1, 3, 10])('cut off at the %i. batch shows nothing of it, and it is worked again', async nth => {
        await log.append('in', numbered(1, 100))
        await log.crashDuringCommit(sum(), nth)
        expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 10 * (nth - 1)))
        await untilIdle(log, sum())
        expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 100))
      })

      it('survives a crash at each batch in turn, repetitions included', async () => {
        await log.append('in', stampedNumbers(1, 60))
        for (let crash = 0; crash < 5; crash++) {
          await log.append('in', stampedNumbers(1, 60))
          await log.crashDuringCommit(sum(), 2)
        }
        await untilIdle(log, sum())
        expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 60))
      })
    })

    describe('resumeFrom', () => {
      it('hands out again what a stage still needed, marked as replayed, then the rest', async () => {
        await log.append('in', numbered(1, 40))
        await log.crashDuringCommit(sum({ stage: () => lastRemembered(7, []) }), 3)
        const seen: string[] = []
        await untilIdle(log, sum({ stage: () => lastRemembered(7, seen) }))
        const replayed = [14, 15, 16, 17, 18, 19, 20].map(number => `again ${number}`)
        const rest = Array.from({ length: 20 }, (_, index) => String(index + 21))
        expect(seen).toEqual([...replayed, ...rest])
      })

      it('does not hand out again a repetition among them', async () => {
        await log.append('in', [...stampedNumbers(1, 12), ...stampedNumbers(3, 14), ...stampedNumbers(15, 20)])
        await log.crashDuringCommit(sum({ stage: () => lastRemembered(7, []) }), 3)
        const seen: string[] = []
        await untilIdle(log, sum({ stage: () => lastRemembered(7, seen) }))
        const replayed = [8, 9, 10, 11, 12].map(number => `again ${number}`)
        expect(seen.slice(seen.indexOf(replayed[0]!))).toEqual([...replayed, ...seen.slice(-8)])
        expect(seen.slice(-8)).toEqual(['13', '14', '15', '16', '17', '18', '19', '20'])
      })

      it('must not go back, nor past the batch', async () => {
        await log.append('in', numbered(1, 20))
        for (const resumeFrom of [-1, 1000, NaN]) {
          const failing = untilIdle(log, sum({ stage: () => stateless(() => undefined, { resumeFrom }) }))
          await expect(failing).rejects.toThrow('gave up')
        }
      })
    })

    describe('a stage that throws', () => {
      it('is replaced by a new one, restored to what was committed, which gets the batch again', async () => {
        await log.append('in', numbered(1, 50))
        let throwsLeft = 2
        const stage = (): Stage => {
          const inner = runningSum()
          return {
            restore: states => inner.restore(states),
            handle: records => {
              const work = inner.handle(records) // The state is spoilt when it throws.
              if (numberOf(records[0]!) > 20 && throwsLeft-- > 0) throw new Error('not now')
              return work
            }
          }
        }
        await untilIdle(log, sum({ stage, retryDelaysMs: [0, 0] }))
        expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 50))
      })

      it('may fail as often again once a batch was committed', async () => {
        await log.append('in', numbered(1, 50))
        const failed = new Set<number>()
        const stage = (): Stage => {
          const inner = runningSum()
          const handle = (records: readonly LogRecord[]) => {
            const first = numberOf(records[0]!)
            if (failed.has(first)) return inner.handle(records)
            failed.add(first)
            throw new Error(`not ${first} at once`)
          }
          return { restore: states => inner.restore(states), handle }
        }
        await untilIdle(log, sum({ stage, retryDelaysMs: [0] }))
        expect(failed.size).toBe(5)
        expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 50))
      })

      it('fails the run after the last retry, once and for every partition, also when replayed records succeed', async () => {
        let tries = 0
        const stage = (): Stage => {
          const inner = lastRemembered(5, [])
          const handle = (records: readonly LogRecord[]) => {
            if (records.some(record => numberOf(record) === 25 && !record.replayed)) {
              tries++
              throw new Error('never 25')
            }
            return inner.handle(records)
          }
          return { restore: states => inner.restore(states), handle }
        }
        await log.append('many', numbered(1, 40, 2))
        const failures: Error[] = []
        const onFailure = (error: Error) => void failures.push(error)
        const run = log.run(sum({ input: 'many', stage, retryDelaysMs: [0, 0, 0], batch: { records: 4 }, onFailure }))
        await run.start()
        await expect(log.worked('many', 'sum')).rejects.toThrow('never 25')
        await run.stop()
        expect(failures.map(error => [error.message, error.cause])).toEqual([
          ['group sum gave up on many', new Error('never 25')]
        ])
        expect(tries).toBe(4)
      })
    })

    describe('run', () => {
      it('begins a new group with the oldest record, whatever others have read', async () => {
        await log.append('in', numbered(1, 20))
        await untilIdle(log, sum())
        await untilIdle(log, sum({ group: 'other' }))
        expect(await numbersIn(log, 'out')).toEqual([...sumsOf(1, 20), ...sumsOf(1, 20)])
      })

      it('is woken by what is appended, and what one stage emits the next one works', async () => {
        const first = log.run(sum())
        const seen: number[] = []
        const stage = () => stateless(records => void seen.push(...records.map(numberOf)))
        const second = log.run(sum({ input: 'out', group: 'seen', stage }))
        await second.start()
        await first.start()
        for (const number of [1, 2, 3]) {
          await log.append('in', numbered(number, number))
          await log.worked('in', 'sum')
          await log.worked('out', 'seen')
          expect(seen).toEqual(sumsOf(1, number))
        }
        await first.stop()
        await second.stop()
      })

      it('waits for a fuller batch only so long', async () => {
        const run = log.run(sum({ batch: { records: 1000, waitMs: 5 } }))
        await run.start()
        const following = log.read('out', 0, 0, new AbortController().signal)
        await log.append('in', numbered(1, 1))
        for await (const record of following) {
          expect(numberOf(record)).toBe(1)
          break
        }
        await run.stop()
      })

      it('works what is already appended before it stops, and nothing after', async () => {
        const run = log.run(sum())
        await run.start()
        const appending = log.append('in', numbered(1, 25))
        await run.stop()
        await appending
        await log.append('in', numbered(26, 30))
        expect(await numbersIn(log, 'out')).toEqual(sumsOf(1, 25))
      })

      it('can be stopped before start and twice', async () => {
        const run = log.run(sum())
        await run.stop()
        await run.start()
        await Promise.all([run.stop(), run.stop()])
        await run.stop()
      })

      it('rejects at start when a stage cannot be restored, and for a topic that does not exist', async () => {
        const stage: Stage = { restore: () => Promise.reject(new Error('unreadable')), handle: nothing }
        await expect(log.run(sum({ stage: () => stage })).start()).rejects.toThrow('unreadable')
        await expect(log.run(sum({ input: 'none' })).start()).rejects.toThrow('none')
        await untilIdle(log, sum())
      })
    })

    describe('read', () => {
      it('begins at the offset asked for and ends with what is committed', async () => {
        await log.append('in', numbered(1, 200))
        const [tenth] = (await allOf(log.read('in', 0, 0))).slice(9)
        const rest = await allOf(log.read('in', 0, tenth!.offset))
        expect(rest.map(numberOf)).toEqual(Array.from({ length: 191 }, (_, index) => index + 10))
      })

      it('follows until aborted', async () => {
        const abort = new AbortController()
        const seen: number[] = []
        const following = (async () => {
          for await (const record of log.read('in', 0, 0, abort.signal)) {
            if (seen.push(numberOf(record)) === 3) abort.abort()
          }
        })()
        for (const number of [1, 2, 3]) await log.append('in', numbered(number, number))
        await following
        expect(seen).toEqual([1, 2, 3])
      })

      it('ends when the log is closed', async () => {
        await log.append('in', numbered(1, 1))
        const following = log.read('in', 0, 0, new AbortController().signal)
        for await (const record of following) {
          expect(numberOf(record)).toBe(1)
          await log.close()
        }
      })
    })

    describe('states', () => {
      const keep = (changed: readonly StateChange[]) =>
        sum({ stage: () => stateless(() => undefined, { changed }), group: 'keeper' })
      const change = (key: string, value?: string): StateChange => ({
        key,
        value: value === undefined ? undefined : Buffer.from(value)
      })
      const shown = ({ key, value }: StateChange) => `${key}=${value?.toString()}`

      it('tells what a group has committed, key by key, and of no other group', async () => {
        await log.append('in', numbered(1, 1))
        await untilIdle(log, keep([change('a', '1'), change('b', '1'), change('', '1')]))
        await log.append('in', numbered(2, 2))
        await untilIdle(log, keep([change('a'), change('b', '2')]))
        const states = await Array.fromAsync(log.states('in', 'keeper', 0))
        expect(states.map(shown).toSorted()).toEqual(['=1', 'b=2'])
        await untilIdle(log, sum({ group: 'other', stage: () => stateless(() => undefined) }))
        expect(await Array.fromAsync(log.states('in', 'other', 0))).toEqual([])
      })

      it('follows each change as it is committed, deletions too, until aborted', async () => {
        await log.append('in', numbered(1, 1))
        await untilIdle(log, keep([change('a', '1')]))
        const abort = new AbortController()
        const last = new Map<string, string | undefined>()
        const steps = [change('a', '2'), change('b', '1'), change('a')]
        for await (const { key, value } of log.states('in', 'keeper', 0, abort.signal)) {
          last.set(key, value?.toString())
          const step = steps.shift()
          if (step === undefined) abort.abort()
          else {
            await log.append('in', numbered(2, 2))
            await untilIdle(log, keep([step]))
          }
        }
        expect(Object.fromEntries(last)).toEqual({ a: undefined, b: '1' })
      })

      it('tells a key behind all others that ends each commit after all of them', async () => {
        const abort = new AbortController()
        const following = log.states('in', 'keeper', 0, abort.signal)[Symbol.asyncIterator]()
        const commit = async (number: number, ...keys: readonly string[]): Promise<void> => {
          await log.append('in', numbered(number, number))
          await untilIdle(log, keep(keys.map(key => change(key, String(number)))))
        }
        await commit(1, 'a', 'z')
        await following.next()
        await commit(2, 'c', 'z')
        await commit(3, 'b', 'z')
        const told: string[] = []
        while (told.at(-1) !== 'z=3') told.push(shown((await following.next()).value as StateChange))
        expect(told).toEqual(expect.arrayContaining(['c=2', 'b=3']))
        expect((await Array.fromAsync(log.states('in', 'keeper', 0))).map(shown).at(-1)).toBe('z=3')
        abort.abort()
      })

      it('follows a group that has committed nothing yet, and ends when the log is closed', async () => {
        const following = log.states('in', 'keeper', 0, new AbortController().signal)
        const first = following[Symbol.asyncIterator]().next()
        await log.append('in', numbered(1, 1))
        await untilIdle(log, keep([change('a', '1')]))
        expect(shown((await first).value as StateChange)).toBe('a=1')
        const second = following[Symbol.asyncIterator]().next()
        await log.close()
        expect((await second).done).toBe(true)
      })
    })

    describe('worked and lag', () => {
      it('tell how far each group has come', async () => {
        const run = log.run(sum())
        await run.start()
        await log.append('in', numbered(1, 10))
        await log.worked('in', 'sum')
        await run.stop()
        await log.append('in', numbered(11, 13))
        expect(await log.lag()).toEqual([{ group: 'sum', topic: 'in', partition: 0, records: 3, lost: 0 }])
        await expect(log.worked('in', 'sum')).rejects.toThrow('sum')
      })

      it('are done when all is read that stages have emitted', async () => {
        await log.append('in', numbered(1, 10))
        await untilIdle(log, sum())
        const seen = log.run({ input: 'out', group: 'seen', stage: () => stateless(() => undefined) })
        await seen.start()
        await log.worked('out', 'seen')
        await seen.stop()
        expect(await log.lag()).toContainEqual({ group: 'seen', topic: 'out', partition: 0, records: 0, lost: 0 })
      })
    })
  })
}

/** Runs until nothing is left, and throws what the run failed with. */
export async function untilIdle(log: Log, options: RunOptions): Promise<void> {
  let failure: Error | undefined
  const run = log.run({ ...options, onFailure: error => (failure = error) })
  await run.start()
  await run.stop()
  if (failure !== undefined) throw failure
}

const allOf = (records: AsyncIterable<LogRecord>): Promise<LogRecord[]> => Array.fromAsync(records)

const stampedNumbers = (from: number, to: number) =>
  numbered(from, to).map(record => ({ ...record, headers: stamped('a collector', numberOf(record)) }))

const nothing = (): Work => ({ emit: [], changed: [] })

const stateless = (see: (records: readonly LogRecord[]) => void, work: Partial<Work> = {}): Stage => ({
  restore: (_: AsyncIterable<StateEntry>) => Promise.resolve(),
  handle: records => {
    see(records)
    return { ...nothing(), ...work }
  }
})
