import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { AppendError, maxValueBytes } from './log.ts'
import { numbered, numbersIn, sumsOf } from './numbers.ts'
import { allOf, stampedNumbers, sum, untilIdle, type CreateLog, type TestLog } from './test-log.fixture.ts'

/** What `append` promises. */
export function appendContract(create: CreateLog): void {
  describe('append', () => {
    let log: TestLog

    beforeEach(async () => {
      log = await create()
    })

    afterEach(() => log.close())

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
}
