import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { StateChange } from './log.ts'
import { numbered, numberOf } from './numbers.ts'
import { allOf, stateless, sum, untilIdle, type CreateLog, type TestLog } from './test-log.fixture.ts'

/** What is read without taking part: records, states, how many partitions there are. */
export function readContract(create: CreateLog): void {
  describe('reading', () => {
    let log: TestLog

    beforeEach(async () => {
      log = await create()
    })

    afterEach(() => log.close())

    describe('partitions', () => {
      it('tells how many a topic has, and rejects for one that does not exist', async () => {
        expect([await log.partitions('in'), await log.partitions('many')]).toEqual([1, 4])
        await expect(log.partitions('none')).rejects.toThrow('none')
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
  })
}
