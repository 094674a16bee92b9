import fc from 'fast-check'
import { plus, seconds, type EpochMicros } from '@earshot/units'
import { noon } from './batches.fixture.ts'
import { lastOf } from './reference.fixture.ts'
import type { Batch, RetentionLimits } from './store.ts'

/* Random limits for what is in batches.fixture.ts, and what they leave of it. */

/** Before when records begin that go, minutes that go, and alerts that go end. */
type Horizons = { readonly records: EpochMicros; readonly minutes: EpochMicros; readonly alerts: EpochMicros }

const wholeHours = (count: number): EpochMicros => plus(noon, seconds(count * 3600))

/** Of which records go up to a whole hour, which is the first before the age that is given. */
export const someLimits: fc.Arbitrary<{ now: EpochMicros; limits: RetentionLimits; horizons: Horizons }> = fc
  .record({
    records: fc.integer({ min: 1, max: 4 }),
    minutes: fc.integer({ min: 0, max: 4 }),
    alerts: fc.integer({ min: 0, max: 4 * 3600 }),
    beyond: fc.integer({ min: 0, max: 3599 })
  })
  .map(({ records, minutes, alerts, beyond }) => {
    const now = wholeHours(10)
    const since = (offset: number): number => 36_000 - offset
    const limits = {
      attemptsSeconds: since(records * 3600 + beyond),
      messagesSeconds: since(0),
      minutesSeconds: since(minutes * 3600 + beyond),
      hoursSeconds: since(0),
      alertsSeconds: since(alerts),
      messagesBytes: 1e12,
      bytes: 1e12
    }
    const horizons = { records: wholeHours(records), minutes: wholeHours(minutes), alerts: plus(noon, seconds(alerts)) }
    return { now, limits, horizons }
  })

/** What comes after the others are deleted; attempts that began before the horizon are all there by then. */
export function parted(
  all: Required<Batch>,
  horizon: EpochMicros,
  isLate: readonly boolean[]
): { before: Required<Batch>; late: Required<Batch> } {
  const late = {
    ...nothing,
    attempts: all.attempts.filter(({ startedAt }, index) => startedAt >= horizon && isLate[index]),
    callEnds: all.callEnds.filter((_, index) => isLate[index]),
    rejections: all.rejections.filter((_, index) => isLate[index]),
    legs: all.legs.filter((_, index) => isLate[index])
  }
  const without = <Row>(rows: readonly Row[], others: readonly Row[]): Row[] =>
    rows.filter(row => !others.includes(row))
  const before = {
    ...all,
    attempts: without(all.attempts, late.attempts),
    callEnds: without(all.callEnds, late.callEnds),
    rejections: without(all.rejections, late.rejections),
    legs: without(all.legs, late.legs)
  }
  return { before, late }
}

const nothing: Required<Batch> = {
  attempts: [],
  callEnds: [],
  rejections: [],
  legs: [],
  allows: [],
  alerts: [],
  messages: []
}

export const youngOf = (batch: Required<Batch>, horizon: EpochMicros): Required<Batch> => ({
  ...batch,
  attempts: batch.attempts.filter(({ startedAt }) => startedAt >= horizon),
  callEnds: batch.callEnds.filter(({ endedAt }) => endedAt >= horizon),
  rejections: batch.rejections.filter(({ at }) => at >= horizon),
  legs: batch.legs.filter(({ endedAt }) => endedAt >= horizon)
})

/** An attempt goes when it has ended before the horizon, and not when it has begun before it. */
export const keptOf = (batch: Required<Batch>, { records, alerts }: Horizons): Required<Batch> => ({
  ...youngOf(batch, records),
  attempts: batch.attempts.filter(({ endedAt }) => endedAt >= records),
  alerts: lastOf(batch.alerts).filter(({ endedAt = Infinity }) => endedAt >= alerts),
  allows: batch.allows.filter(({ at }) => at >= alerts)
})

export const together = (one: Required<Batch>, other: Required<Batch>): Required<Batch> => ({
  attempts: [...one.attempts, ...other.attempts],
  callEnds: [...one.callEnds, ...other.callEnds],
  rejections: [...one.rejections, ...other.rejections],
  legs: [...one.legs, ...other.legs],
  allows: [...one.allows, ...other.allows],
  alerts: [...one.alerts, ...other.alerts],
  messages: [...one.messages, ...other.messages]
})
