import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { LogRecord, Stage } from './log.ts'
import { numbered, numberOf, numbersIn, runningSum, sumsOf } from './numbers.ts'
import { partitionOf } from './partition.ts'
import { allOf, nothing, stateless, sum, untilIdle, type CreateLog, type TestLog } from './test-log.fixture.ts'

/** What a stage is given, and what becomes of its work. */
export function stageContract(create: CreateLog): void {
  describe('a stage', () => {
    let log: TestLog

    beforeEach(async () => {
      log = await create()
    })

    afterEach(() => log.close())

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
      const counts = await Promise.all([0, 1, 2, 3].map(async each => (await allOf(log.read('keyed', each, 0))).length))
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
}
