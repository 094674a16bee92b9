import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { causeText, type AttemptRecord, type CallEndRecord, type Direction } from '@earshot/calls'
import { emptyRegistry, SDP_MISSING } from '@earshot/peers'
import { SqliteStore, type Batch, type Side } from '@earshot/store'
import { epochMicros } from '@earshot/units'
import { everything, noon, spanSeconds } from '../../libs/store/src/batches.fixture.ts'
import { capacityReport } from './capacity.ts'
import { earlyMediaReport, type UnansweredMedia } from './early-media.ts'
import { HOUR } from './hours.fixture.ts'
import { LocalTime } from './local-time.ts'
import { methodsReport } from './methods.ts'
import type { ReportSource, Subject } from './subjects.ts'

const local = new LocalTime('Asia/Kolkata')
const range = { from: noon, to: epochMicros(noon + spanSeconds * 1e6 + 3 * HOUR) }

type Records = Required<Pick<Batch, 'attempts' | 'callEnds' | 'rejections'>>
type Row = { readonly subject: Subject; readonly direction: Side }

async function stored(batch: Required<Batch>): Promise<ReportSource> {
  const store = new SqliteStore()
  await store.start()
  // Written twice, in two ways: it counts once.
  await store.write({ ...batch, callEnds: [], rejections: [] })
  await store.write(batch)
  await store.refresh('minute')
  await store.refresh('hour')
  return { store, registry: emptyRegistry, local }
}

/** The records that a row is about. */
function recordsOf({ attempts, callEnds, rejections }: Records, { subject, direction }: Row): Records {
  const isOwn = (record: { readonly peer: string; readonly direction: Direction }): boolean =>
    (subject.kind === 'all' || record.peer === (subject as { name: string }).name) &&
    (direction === 'both' ? record.direction !== 'internal' : record.direction === direction)
  return { attempts: attempts.filter(isOwn), callEnds: callEnds.filter(isOwn), rejections: rejections.filter(isOwn) }
}

const micros = (seconds: number): number => Math.round(seconds * 1e6)

function countsBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> {
  return Object.fromEntries(Array.from(Map.groupBy(items, keyOf), ([key, same]) => [key, same.length]))
}

/** Microseconds of the report in which calls were in a state. */
const within = (spans: readonly (readonly [number, number])[]): number =>
  spans.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, range.to) - Math.max(from, range.from)), 0)

const inAttempt = ({ startedAt, endedAt }: AttemptRecord) => [startedAt, endedAt] as const

function inTalk(
  { id, outcome, endedAt }: AttemptRecord,
  ends: readonly CallEndRecord[]
): (readonly [number, number])[] {
  if (outcome !== 'answered') return []
  return [[endedAt, ends.find(end => end.id === id)?.endedAt ?? Infinity]]
}

/** Causes and seconds to the unit, the median to the bucket. */
function expectUnanswered(
  { attempts, meanSeconds, medianSeconds, causes }: UnansweredMedia,
  own: AttemptRecord[]
): void {
  expect(attempts).toBe(own.length)
  expect(Object.fromEntries(causes.map(each => [each.cause, each.attempts]))).toEqual(
    countsBy(own, ({ effectiveCause: cause }) => (cause === undefined ? '' : causeText(cause)))
  )
  if (own.length === 0) return expect([meanSeconds, medianSeconds]).toEqual([null, null])
  const seconds = own.map(each => each.earlyMediaSeconds).sort((a, b) => a - b)
  expect(micros(meanSeconds! * attempts)).toBe(seconds.reduce((sum, each) => sum + micros(each), 0))
  const middle = Math.max(seconds[Math.ceil(attempts / 2) - 1]!, 1e-3)
  expect(Math.abs(Math.log2(medianSeconds! / middle))).toBeLessThanOrEqual(0.2501)
}

describe('the sum over a report is the sum over the records, to the unit', () => {
  const runs = { numRuns: 25 }

  it('of capacity', async () => {
    await fc.assert(
      fc.asyncProperty(everything, async batch => {
        const { rows } = await capacityReport(await stored(batch), range)
        for (const row of rows) {
          const { attempts, callEnds } = recordsOf(batch, row)
          const early = attempts.flatMap(({ earlyMediaSpans = [] }) => earlyMediaSpans)
          expect(row.attempts).toBe(attempts.length)
          expect(micros(row.seconds.earlyMedia)).toBe(within(early))
          expect(micros(row.seconds.setup)).toBe(within(attempts.map(inAttempt)) - within(early))
          expect(micros(row.seconds.established)).toBe(within(attempts.flatMap(each => inTalk(each, callEnds))))
        }
        const told = rows
          .filter(({ subject, hours }) => subject.kind === 'peer' && hours)
          .reduce((sum, row) => sum + row.attempts, 0)
        expect(told).toBe(batch.attempts.filter(({ direction }) => direction !== 'internal').length)
      }),
      runs
    )
  })

  it('of early media', async () => {
    await fc.assert(
      fc.asyncProperty(everything, async batch => {
        const { rows } = await earlyMediaReport(await stored(batch), range)
        for (const row of rows) {
          const { attempts } = recordsOf(batch, row)
          const early = attempts.filter(each => each.class === 'early_media')
          expect(row.classes).toEqual(countsBy(attempts, each => each.class))
          expect(row.outcomes).toEqual(countsBy(early, ({ outcome }) => outcome))
          expect(micros(row.seconds)).toBe(attempts.reduce((sum, each) => sum + micros(each.earlyMediaSeconds), 0))
          const codes = attempts.flatMap(({ diagnosis }) => diagnosis?.codes ?? [])
          const told = row.diagnoses.filter(({ code }) => code !== SDP_MISSING)
          expect(Object.fromEntries(told.map(({ code, attempts: count }) => [code, count]))).toEqual(
            countsBy(codes, code => code)
          )
          expectUnanswered(
            row.unanswered,
            early.filter(({ outcome }) => outcome !== 'answered' && outcome !== 'open')
          )
        }
      }),
      runs
    )
  })

  it('of methods', async () => {
    await fc.assert(
      fc.asyncProperty(everything, async batch => {
        const { rows } = await methodsReport(await stored(batch), range)
        const told = rows.filter(({ subject }) => subject.kind === 'peer')
        const keyed = told.map(
          ({ subject, method, code, transactions }) =>
            [`${(subject as { name: string }).name} ${method} ${code}`, transactions] as const
        )
        const own = batch.rejections.filter(({ direction }) => direction !== 'internal')
        expect(Object.fromEntries(keyed)).toEqual(
          countsBy(own, ({ peer, method, code }) => `${peer} ${method} ${code}`)
        )
      }),
      runs
    )
  })
})
