import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { plus, seconds, type EpochMicros } from '@earshot/units'
import { endOf, noon } from './batches.fixture.ts'
import { answeredAttempt, rawMessage, rejectionOf } from './records.fixture.ts'
import { refreshed, type Contracted } from './stored.fixture.ts'
import type { Batch, Store } from './store.ts'

/** What is deleted, and what stays as it was. */
export function retentionContract({ create }: Contracted): void {
  describe('retain', () => {
    let store: Store

    beforeEach(async () => {
      store = await create()
    })
    afterEach(() => store.stop())

    const days = (count: number): number => count * 86_400
    const limits = {
      attemptsSeconds: days(2),
      messagesSeconds: days(1),
      minutesSeconds: days(1),
      hoursSeconds: days(10),
      alertsSeconds: days(5),
      messagesBytes: 1e12,
      bytes: 1e12
    }
    const after = (day: number): EpochMicros => plus(noon, seconds(days(day)))
    const week = { from: noon, to: after(20), step: 'hour' } as const
    // Each day a call of half an hour, and one that never ends.
    const attempts = [0, 1, 2, 3].flatMap(day => [0, 1].map(number => answeredAttempt(`${day}-${number}`, after(day))))
    const batch: Batch = {
      attempts,
      callEnds: attempts.filter(({ id }) => id.endsWith('0')).map(each => endOf(each, 1800)),
      rejections: [rejectionOf(attempts[0]!), rejectionOf(attempts.at(-1)!)],
      messages: [0, 1, 2, 3].map(day => rawMessage(`${day}-0`, after(day)))
    }
    const stored = async (): Promise<void> => {
      await store.write(batch)
      await refreshed(store)
    }

    it('deletes what is too old of each class, and leaves sums and what is under way as they were', async () => {
      await stored()
      const before = await store.series(week)
      await store.retain(after(3.5), limits)
      expect((await store.attempts({})).rows.map(({ id }) => id)).toEqual(['3-1', '3-0', '2-1', '2-0'])
      expect((await store.attempts({ rejectedMethod: 'UPDATE' })).rows.map(({ id }) => id)).toEqual(['3-1'])
      expect((await store.rejections({})).rows).toHaveLength(1)
      expect((await store.call('2-0')).callEnds).toHaveLength(1)
      expect((await store.call('2-0')).messages).toEqual([])
      expect(await store.call('1-0')).toEqual({ attempts: [], callEnds: [], rejections: [], legs: [], messages: [] })
      expect((await store.call('3-0')).messages).toHaveLength(1)
      expect(await store.series(week)).toEqual(before)
      const minutes = { from: after(0), to: plus(after(0), seconds(3600)), step: 'minute' } as const
      expect(await store.series(minutes)).toEqual([])
      expect(await store.size()).toMatchObject({ oldest: after(2) })
    })

    it('takes no record of a time whose others are gone, but one that is younger than that', async () => {
      await stored()
      await store.retain(after(3.5), limits)
      const late = await store.write({
        attempts: [answeredAttempt('late', after(1)), answeredAttempt('less', after(1.9))]
      })
      expect(late.tooOld).toBe(1)
      await refreshed(store)
      const hour = plus(after(1), seconds(0.9 * 86_400 - ((0.9 * 86_400) % 3600)))
      const [row] = await store.series({ from: hour, to: plus(hour, seconds(3600)), step: 'hour' })
      expect(row?.sums.attempts).toEqual({ early_media: { answered: 1 } })
    })

    it('keeps count of what is under way when the hours are deleted that told so', async () => {
      await stored()
      const before = (await store.series(week)).filter(({ at }) => at >= after(2))
      await store.retain(after(3.5), { ...limits, hoursSeconds: days(1.5) })
      await store.retain(after(3.5), { ...limits, hoursSeconds: days(1.5) })
      expect(await store.series({ ...week, from: after(2) })).toEqual(before)
      await store.retain(after(4), { ...limits, hoursSeconds: days(1) })
      expect(await store.series({ ...week, from: after(3) })).toEqual(before.filter(({ at }) => at >= after(3)))
      expect(await store.series(week)).toEqual(before.filter(({ at }) => at >= after(3)))
    })

    it('deletes raw messages first where it is too much, then the oldest records, never those of now', async () => {
      await stored()
      const large = { ...limits, attemptsSeconds: days(100), messagesSeconds: days(100) }
      await store.retain(after(3.1), { ...large, messagesBytes: 0 })
      expect((await store.attempts({})).rows).toHaveLength(8)
      expect((await store.call('0-0')).messages).toEqual([])
      await store.retain(after(3), { ...large, bytes: 0 })
      expect((await store.attempts({})).rows.map(({ id }) => id)).toEqual(['3-1', '3-0'])
    })
  })
}
