import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Stage } from './log.ts'
import { numbered, numberOf, numbersIn, sumsOf } from './numbers.ts'
import { nothing, stateless, sum, untilIdle, type CreateLog, type TestLog } from './test-log.fixture.ts'

/** When work begins and ends, and how far it is. */
export function runContract(create: CreateLog): void {
  describe('runs', () => {
    let log: TestLog

    beforeEach(async () => {
      log = await create()
    })

    afterEach(() => log.close())

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
