import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import {
  diagnosisCodes,
  earlyClasses,
  outcomes,
  type AttemptRecord,
  type Direction,
  type RejectionRecord
} from '@earshot/calls'
import { alertKinds, noSums, addSums, type Alert, type Sums } from '@earshot/peers'

import {
  endOf,
  everything,
  noon,
  someCallId,
  someDirection,
  someMethod,
  somePeer,
  someTime
} from './batches.fixture.ts'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import { expectedSeries, isNothing, sumsOfRecords } from './series.fixture.ts'
import { digitsOf } from './numbers.ts'
import { CursorError } from './paging.ts'
import type { AlertQuery, AttemptQuery, Batch, NumberMatch, Page, RawMessage, RejectionQuery, Store } from './store.ts'

/** What every store promises, whatever it is made of. */
export function storeContract(
  name: string,
  create: () => Promise<Store>,
  { numRuns }: { readonly numRuns: number }
): void {
  describe(`${name} keeps the promises of Store`, () => {
    jest.setTimeout(120_000)
    let store: Store

    beforeEach(async () => {
      store = await create()
    })
    afterEach(() => store.stop())

    const whileStored = async (batches: readonly Batch[], look: (fresh: Store) => Promise<void>): Promise<void> => {
      const fresh = await create()
      try {
        for (const batch of batches) await fresh.write(batch)
        await look(fresh)
      } finally {
        await fresh.stop()
      }
    }

    it('answers queries as whoever looks at every record would, however they were cut, repeated and mixed', async () => {
      await fc.assert(
        fc.asyncProperty(
          everything,
          fc.array(anyQuery, { minLength: 8, maxLength: 8 }),
          cuts,
          async (all, queries, cut) => {
            await whileStored(cutInto(all, cut), async fresh => {
              for (const query of queries) expect(await answer(fresh, query)).toEqual(expected(all, query))
            })
          }
        ),
        { numRuns }
      )
    })

    it('tells everything of a call, each message once', async () => {
      await fc.assert(
        fc.asyncProperty(everything, someCallId, cuts, async (all, callId, cut) => {
          await whileStored(cutInto(all, cut), async fresh => {
            const { messages, ...records } = await fresh.call(callId)
            const own = <Row extends { readonly callId: string }>(rows: readonly Row[]): Row[] =>
              rows.filter(row => row.callId === callId)
            expect(records).toEqual({
              attempts: inOrder(own(all.attempts), 'startedAt'),
              callEnds: inOrder(own(all.callEnds), 'endedAt'),
              rejections: inOrder(own(all.rejections), 'at'),
              legs: inOrder(
                all.legs.filter(record => record.legs.some(leg => leg.callId === callId)),
                'endedAt'
              )
            })
            expect(messages.map(textOf).sort()).toEqual([...new Set(own(all.messages).map(textOf))].sort())
            expect(messages.map(({ capturedAt }) => capturedAt)).toEqual(
              messages.map(({ capturedAt }) => capturedAt).toSorted((a, b) => a - b)
            )
          })
        }),
        { numRuns }
      )
    })

    it('knows whose messages are worth keeping', async () => {
      await fc.assert(
        fc.asyncProperty(everything, async all => {
          await whileStored([all], async fresh => {
            const callIds = [...new Set(all.attempts.map(({ callId }) => callId)), 'never seen']
            const telling = new Set([
              ...all.rejections.map(({ callId }) => callId),
              ...all.attempts.filter(isTelling).map(({ callId }) => callId)
            ])
            expect(await fresh.interesting(callIds)).toEqual(new Set(callIds.filter(each => telling.has(each))))
          })
        }),
        { numRuns }
      )
    })

    it('tells how what a peer allows has changed', async () => {
      await fc.assert(
        fc.asyncProperty(everything, somePeer, async (all, peer) => {
          await whileStored([all, all], async fresh => {
            const own = all.allows
              .filter(each => each.peer === peer)
              .toSorted((a, b) => a.at - b.at || compare(a.source, b.source))
            expect(await fresh.capabilityHistory(peer)).toEqual(own)
            const changes = await fresh.capabilityHistory(peer, 'UPDATE')
            for (const source of ['options', 'answer']) {
              const said = own.filter(each => each.source === source).map(({ methods }) => methods.includes('UPDATE'))
              const changed = said.filter((is, index) => is !== said[index - 1])
              expect(
                changes.filter(each => each.source === source).map(({ methods }) => methods.includes('UPDATE'))
              ).toEqual(changed)
            }
          })
        }),
        { numRuns }
      )
    })

    it.each(steps)('sums each %s as whoever looks at every record would, to the unit', async step => {
      await fc.assert(
        fc.asyncProperty(everything, cuts, async (all, cut) => {
          await whileStored(cutInto(all, cut), async fresh => {
            await refreshed(fresh)
            const from = epochMicros(noon + (step === 'minute' ? 3600e6 : 0))
            const to = plus(noon, seconds(step === 'minute' ? 2 * 3600 : 8 * 3600))
            for (const peers of [undefined, ['atlantic', 'pacific', 'nobody']]) {
              const query = { from, to, step, ...(peers && { peers }) }
              expect(await fresh.series(query)).toEqual(expectedSeries(all, query))
            }
          })
        }),
        { numRuns }
      )
    })

    it('sums over all steps to what the records sum to, whenever it was brought up to date', async () => {
      await fc.assert(
        fc.asyncProperty(
          everything,
          cuts,
          fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
          async (all, cut, when) => {
            const fresh = await create()
            for (const [index, batch] of cutInto(all, cut).entries()) {
              await fresh.write(batch)
              if (when[index]) await refreshed(fresh)
            }
            await fresh.refresh('minute')
            const peers = [...new Set([...all.attempts, ...all.rejections].map(({ peer }) => peer))].sort()
            const whole = { from: noon, to: plus(noon, seconds(24 * 3600)) }
            expect([...(await fresh.peers(whole))].sort()).toEqual(peers)
            await refreshed(fresh)
            expect([...(await fresh.peers(whole))].sort()).toEqual(peers)
            const rows = (await fresh.series({ ...whole, step: 'hour', peers })).filter(
              each => each.direction !== 'both'
            )
            const together = new Map<string, Sums>()
            for (const { peer, direction, sums } of rows) {
              const name = `${peer} ${direction}`
              const sum = together.get(name) ?? noSums(peer, direction as Direction)
              addSums(sum, sums)
              together.set(name, sum)
            }
            expect([...together.values()].filter(each => !isNothing(each)).sort(byName)).toEqual(
              sumsOfRecords(all, () => true).sort(byName)
            )
            await fresh.stop()
          }
        ),
        { numRuns }
      )
    })

    describe('retain', () => {
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
      const attempts = [0, 1, 2, 3].flatMap(day =>
        [0, 1].map(number => answeredAttempt(`${day}-${number}`, after(day)))
      )
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

    it('gives nothing of an empty store, and refuses a cursor that no page gave', async () => {
      expect(await store.attempts({})).toEqual({ rows: [] })
      expect(await store.interesting([])).toEqual(new Set())
      await expect(store.attempts({ cursor: 'AAAA' })).rejects.toThrow(CursorError)
    })
  })
}

export const answeredAttempt = (id: string, startedAt: EpochMicros): AttemptRecord => ({
  kind: 'attempt',
  id,
  callId: id,
  peer: 'atlantic',
  direction: 'outbound',
  responder: '203.0.113.7',
  from: '+4930123@a',
  to: '+4930124@b',
  startedAt,
  endedAt: plus(startedAt, seconds(90)),
  class: 'early_media',
  outcome: 'answered',
  status: 200,
  firstCode: 183,
  alerted: false,
  earlyMediaSeconds: 10,
  earlyMediaSpans: [[plus(startedAt, seconds(55)), plus(startedAt, seconds(65))]],
  responses183: { withSdp: 1, withoutSdp: 0 },
  transactions: 1,
  retries: [],
  flags: [],
  registry: ''
})

const rejectionOf = ({ id, callId, startedAt, peer, direction }: AttemptRecord): RejectionRecord => ({
  kind: 'rejection',
  id: `rejection of ${id}`,
  at: startedAt,
  callId,
  peer,
  direction,
  requester: '10.0.0.1',
  responder: '203.0.113.7',
  method: 'UPDATE',
  code: 501,
  vias: 1,
  origin: true,
  registry: ''
})

const rawMessage = (callId: string, capturedAt: EpochMicros): RawMessage => ({
  callId,
  capturedAt,
  agent: '7',
  transport: 'udp',
  source: { address: '203.0.113.7', port: 5060 },
  destination: { address: '10.0.0.1', port: 5060 },
  payload: Buffer.from('INVITE')
})

const steps = ['minute', 'hour'] as const

export async function refreshed(store: Store): Promise<void> {
  for (const step of steps) await store.refresh(step)
}

const byName = (a: Sums, b: Sums): number => compare(`${a.peer} ${a.direction}`, `${b.peer} ${b.direction}`)

type AnyQuery =
  | { readonly of: 'attempts'; readonly query: AttemptQuery }
  | { readonly of: 'rejections'; readonly query: RejectionQuery }
  | { readonly of: 'alerts'; readonly query: AlertQuery }

const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })

const some = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
  fc.uniqueArray(value, { minLength: 1, maxLength: 3 })

const given = <Query extends object>(query: Query): Query =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Query

const someNumber: fc.Arbitrary<NumberMatch> = fc.record({
  digits: fc.constantFrom('', '49', '4930123', '4930124', '2001', '7'),
  prefix: fc.boolean()
})
const range = { from: optional(someTime), to: optional(someTime), limit: fc.integer({ min: 1, max: 20 }) }

const anyQuery: fc.Arbitrary<AnyQuery> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        ...range,
        peers: optional(some(somePeer)),
        direction: optional(someDirection),
        callId: optional(someCallId),
        caller: optional(someNumber),
        callee: optional(someNumber),
        number: optional(someNumber),
        outcomes: optional(some(fc.constantFrom(...outcomes))),
        classes: optional(some(fc.constantFrom(...earlyClasses))),
        diagnosis: optional(fc.constantFrom(...diagnosisCodes)),
        rejectedMethod: optional(someMethod)
      })
      .map(query => ({ of: 'attempts', query: given(query) as AttemptQuery }) as const)
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        ...range,
        peers: optional(some(somePeer)),
        direction: optional(someDirection),
        method: optional(someMethod),
        code: optional(fc.constantFrom(405, 501)),
        callId: optional(someCallId)
      })
      .map(query => ({ of: 'rejections', query: given(query) as RejectionQuery }) as const)
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        ...range,
        peers: optional(some(somePeer)),
        kinds: optional(some(fc.constantFrom(...alertKinds))),
        active: optional(fc.boolean())
      })
      .map(query => ({ of: 'alerts', query: given(query) as AlertQuery }) as const)
  }
)

/** All pages of it. */
async function answer(store: Store, { of, query }: AnyQuery): Promise<unknown[]> {
  const rows: unknown[] = []
  let cursor: string | undefined
  do {
    const asked = { ...query, ...(cursor !== undefined && { cursor }) }
    const page: Page<unknown> = await store[of](asked as never)
    expect(page.rows.length).toBeLessThanOrEqual(query.limit!)
    rows.push(...page.rows)
    cursor = page.next
  } while (cursor !== undefined)
  return rows
}

function expected(all: Required<Batch>, { of, query }: AnyQuery): unknown[] {
  switch (of) {
    case 'attempts':
      return inOrder(
        all.attempts.filter(row => meets(row, query, all)),
        'startedAt'
      ).reverse()
    case 'rejections':
      return inOrder(
        all.rejections.filter(
          row =>
            isIn(row.at, query) &&
            (query.peers?.includes(row.peer) ?? true) &&
            row.direction === (query.direction ?? row.direction) &&
            row.method === (query.method ?? row.method) &&
            row.code === (query.code ?? row.code) &&
            row.callId === (query.callId ?? row.callId)
        ),
        'at'
      ).reverse()
    case 'alerts':
      return inOrder(
        lastOf(all.alerts).filter(
          row =>
            isIn(row.startedAt, query) &&
            (query.peers?.includes(row.peer) ?? true) &&
            (query.kinds?.includes(row.kind) ?? true) &&
            (query.active === undefined || query.active === (row.endedAt === undefined))
        ),
        'startedAt'
      ).reverse()
  }
}

function meets(row: AttemptRecord, query: AttemptQuery, all: Required<Batch>): boolean {
  const { peers, direction, callId, caller, callee, number, diagnosis, rejectedMethod } = query
  const isRejected = (method: string): boolean =>
    all.rejections.some(each => each.callId === row.callId && each.method === method)
  return (
    isIn(row.startedAt, query) &&
    (peers?.includes(row.peer) ?? true) &&
    row.direction === (direction ?? row.direction) &&
    row.callId === (callId ?? row.callId) &&
    (query.outcomes?.includes(row.outcome) ?? true) &&
    (query.classes?.includes(row.class) ?? true) &&
    (caller === undefined || isNumber(row.from, caller)) &&
    (callee === undefined || isNumber(row.to, callee)) &&
    (number === undefined || isNumber(row.from, number) || isNumber(row.to, number)) &&
    (diagnosis === undefined || (row.diagnosis?.codes.includes(diagnosis) ?? false)) &&
    (rejectedMethod === undefined || isRejected(rejectedMethod))
  )
}

function isNumber(party: string, { digits, prefix = false }: NumberMatch): boolean {
  const own = digitsOf(party)
  return own !== '' && (prefix ? own.startsWith(digits) : own === digits)
}

const isTelling = ({ class: early, outcome, diagnosis }: AttemptRecord): boolean =>
  (early === 'early_media' && outcome !== 'answered') || diagnosis !== undefined

const isIn = (at: number, { from, to }: { readonly from?: number; readonly to?: number }): boolean =>
  at >= (from ?? -Infinity) && at < (to ?? Infinity)

/** Of each alert how it ended, or that it has not. */
function lastOf(alerts: readonly Alert[]): Alert[] {
  const last = new Map<string, Alert>()
  for (const alert of alerts) if (last.get(alert.id)?.endedAt === undefined) last.set(alert.id, alert)
  return [...last.values()]
}

function inOrder<Time extends string, Row extends { readonly id: string } & Readonly<Record<Time, number>>>(
  rows: readonly Row[],
  time: Time
): Row[] {
  return rows.toSorted((a, b) => a[time] - b[time] || compare(a.id, b.id))
}

const textOf = ({ capturedAt, payload }: RawMessage): string => `${capturedAt} ${payload.toString('hex')}`

/** As bytes of UTF-8 are: of texts outside of the basic plane JavaScript has another order. */
const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** How records are cut into batches, which of these come twice, and in which order they come. */
type Cut = { readonly of: number; readonly twice: boolean; readonly reversed: boolean }

const cuts: fc.Arbitrary<Cut> = fc.record({
  of: fc.integer({ min: 1, max: 4 }),
  twice: fc.boolean(),
  reversed: fc.boolean()
})

export function cutInto(all: Required<Batch>, { of, twice, reversed }: Cut): Batch[] {
  const batches = Array.from({ length: of }, (_, part) =>
    Object.fromEntries(
      Object.entries(all).map(([kind, rows]) => [
        kind,
        (rows as unknown[]).filter((_row, index) => index % of === part)
      ])
    )
  ) as Batch[]
  const ordered = reversed ? batches.toReversed() : batches
  return twice ? [...ordered, ...ordered] : ordered
}
