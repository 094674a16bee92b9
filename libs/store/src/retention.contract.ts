import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { plus, seconds, type EpochMicros } from '@earshot/units'
import { endOf, everything, noon } from './batches.fixture.ts'
import { answer } from './queries.contract.ts'
import { anyQuery, type AnyQuery } from './queries.fixture.ts'
import { alertSince, answeredAttempt, rawMessage, rejectionOf } from './records.fixture.ts'
import { expectedAnswer } from './reference.fixture.ts'
import { keptOf, parted, someLimits, together, youngOf } from './retention.fixture.ts'
import { expectedSeries } from './series.fixture.ts'
import { cutInto, cuts, refreshed, whileStored, type Contracted } from './stored.fixture.ts'
import type { Batch, Store } from './store.ts'

/** What is deleted, and what stays as it was. */
export function retentionContract({ create, numRuns }: Contracted): void {
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

    it('keeps an attempt until it is over, as minutes that are made anew have it', async () => {
      const midnight = after(1)
      const crossing = answeredAttempt('crossing', plus(midnight, seconds(-60)))
      await store.write({ attempts: [crossing, answeredAttempt('old', plus(midnight, seconds(-120)))] })
      await refreshed(store)
      const hour = { from: midnight, to: plus(midnight, seconds(3600)), step: 'hour', peers: ['atlantic'] } as const
      const before = await store.series(hour)
      const ids = async (): Promise<string[]> => (await store.attempts({})).rows.map(({ id }) => id)
      await store.retain(after(2), { ...limits, attemptsSeconds: days(1) })
      await store.write({ attempts: [{ ...answeredAttempt('late', midnight), peer: 'pacific' }] })
      await refreshed(store)
      expect(await store.series(hour)).toEqual(before)
      expect(await ids()).toEqual(['late', 'crossing'])
      await store.retain(plus(after(2), seconds(3600)), { ...limits, attemptsSeconds: days(1) })
      expect(await ids()).toEqual([])
    })

    it('deletes an alert that is over, however often it was written before', async () => {
      const lasting = alertSince(after(0))
      for (const alert of [lasting, { ...lasting, endedAt: after(0.5) }]) await store.write({ alerts: [alert] })
      await store.retain(after(5.4), limits)
      expect((await store.alerts({})).rows).toHaveLength(1)
      await store.retain(after(5.6), limits)
      expect((await store.alerts({})).rows).toEqual([])
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
      await store.write({ attempts: [answeredAttempt('crossing', plus(after(3), seconds(-60)))] })
      const large = { ...limits, attemptsSeconds: days(100), messagesSeconds: days(100) }
      await store.retain(after(3.1), { ...large, messagesBytes: 0 })
      expect((await store.attempts({})).rows).toHaveLength(9)
      expect((await store.call('0-0')).messages).toEqual([])
      await store.retain(after(3), { ...large, bytes: 0 })
      expect((await store.attempts({})).rows.map(({ id }) => id)).toEqual(['3-1', '3-0', 'crossing'])
    })

    it('deletes what a record says is over, whatever is random, and sums what comes later with what is left', async () => {
      await fc.assert(
        fc.asyncProperty(
          everything,
          cuts,
          fc.array(anyQuery, { minLength: 8, maxLength: 8 }),
          someLimits,
          fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
          async (all, cut, some, { now, limits: own, horizons }, isLate) => {
            const queries = [...some, ...always]
            const { before, late } = parted(all, horizons.records, isLate)
            await whileStored(create, cutInto(before, cut), async fresh => {
              await refreshed(fresh)
              await fresh.retain(now, own)
              const kept = keptOf(before, horizons)
              for (const query of queries) expect(await answer(fresh, query)).toEqual(expectedAnswer(kept, query))
              const young = youngOf(late, horizons.records)
              for (const batch of cutInto(late, cut)) await fresh.write(batch)
              await refreshed(fresh)
              const sums = together(before, young)
              const hours = { from: noon, to: plus(noon, seconds(8 * 3600)), step: 'hour' } as const
              expect(await fresh.series(hours)).toEqual(expectedSeries(sums, hours))
              const minutes = {
                from: horizons.minutes,
                to: plus(horizons.minutes, seconds(3600)),
                step: 'minute'
              } as const
              expect(await fresh.series(minutes)).toEqual(expectedSeries(sums, minutes))
              for (const query of queries) {
                expect(await answer(fresh, query)).toEqual(expectedAnswer(together(kept, young), query))
              }
            })
          }
        ),
        { numRuns }
      )
    })
  })
}

const always: readonly AnyQuery[] = [
  { of: 'attempts', query: { limit: 500 } },
  { of: 'attempts', query: { rejectedMethod: 'UPDATE', limit: 500 } },
  { of: 'rejections', query: { limit: 500 } },
  { of: 'alerts', query: { limit: 500 } }
]
