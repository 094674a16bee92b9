import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { LogRecord, Stage } from './log.ts'
import { lastRemembered, numbered, numberOf, numbersIn, runningSum, sumsOf } from './numbers.ts'
import { stampedNumbers, stateless, sum, untilIdle, type CreateLog, type TestLog } from './test-log.fixture.ts'

/** After a crash, or a stage that throws, all is as if nothing had been. */
export function failuresContract(create: CreateLog): void {
  describe('failures', () => {
    let log: TestLog

    beforeEach(async () => {
      log = await create()
    })

    afterEach(() => log.close())

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
  })
}
