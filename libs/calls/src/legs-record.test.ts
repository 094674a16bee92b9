import { describe, expect, it } from '@jest/globals'
import { epochMicros, seconds, plus } from '@earshot/units'
import type { Leg } from './index.ts'
import { crowdRecord, legsRecord } from './legs-record.ts'

const noon = epochMicros(1_767_225_600e6)
const after = (count: number) => plus(noon, seconds(count))

/** Began `began` seconds after noon with a Call-ID of its own, and took ten seconds. */
const leg = (id: string, began: number, change: Partial<Leg> = {}): Leg => ({
  id,
  callId: `call ${id}`,
  peer: 'far',
  direction: 'outbound',
  requester: 'sbc',
  responder: `to ${id}`,
  startedAt: after(began),
  endedAt: after(began + 10),
  class: 'none',
  outcome: 'busy',
  status: 486,
  closedAt: after(began + 20),
  codes: [],
  keys: ['icid 1'],
  ...change
})

const outers = (...legs: readonly Leg[]): string[] =>
  legsRecord(legs).legs.map(({ attempt, outer }) => (outer === undefined ? attempt : `${outer} > ${attempt}`))

const faults = (...legs: readonly Leg[]): string[] =>
  legsRecord(legs).faults.map(({ attempt, codes }) => `${attempt} ${codes.join(' ')}`)

describe('the record of a joined call', () => {
  const outer = leg('a', 0, { requester: 'far', responder: 'sbc' })
  const inner = leg('b', 1, { endedAt: after(30), keys: ['icid 1', 'call x', 'session y'] })
  const other = leg('c', 2, { keys: ['session y'] })

  it('is of its attempts, whatever their order', () => {
    const record = legsRecord([outer, inner, other])
    expect(record).toMatchObject({ kind: 'legs', startedAt: noon, endedAt: after(30), keys: ['icid 1', 'session y'] })
    expect(record.id).toMatch(/^[\w-]{27}$/)
    for (const legs of [
      [other, inner, outer],
      [inner, outer, other]
    ]) {
      expect(legsRecord(legs)).toEqual(record)
    }
    expect(legsRecord([outer, inner]).id).not.toBe(record.id)
  })

  it('has of each leg what tells it apart, and not what joined it', () => {
    expect(legsRecord([outer, inner]).legs[1]).toEqual({
      attempt: 'b',
      outer: 'a',
      callId: 'call b',
      peer: 'far',
      direction: 'outbound',
      requester: 'sbc',
      responder: 'to b',
      startedAt: after(1),
      endedAt: after(30),
      class: 'none',
      outcome: 'busy',
      status: 486
    })
  })

  it('names keys that legs of two Call-IDs share, the first eight by name', () => {
    const [one, two] = [leg('a', 0), leg('b', 1, { callId: 'call a', keys: ['icid 1', 'icid 2'] })]
    expect(legsRecord([one, two]).keys).toEqual([])
    const many = Array.from({ length: 12 }, (_, index) => `icid ${9 - (index % 10)}${index < 10 ? '' : 'x'}`)
    expect(legsRecord([leg('a', 0, { keys: many }), leg('b', 1, { keys: many })]).keys).toEqual(
      many.toSorted().slice(0, 8)
    )
  })

  it('has the leg of the caller first, of those of one time the one that came in', () => {
    const at = (id: string, direction: Leg['direction']): Leg => leg(id, 0, { direction, requester: id })
    const legs = [at('a', 'outbound'), at('b', 'internal'), at('c', 'inbound'), at('d', 'outbound')]
    expect(legsRecord(legs).legs.map(({ attempt }) => attempt)).toEqual(['c', 'b', 'a', 'd'])
    const earlier = leg('e', -1, { requester: 'e' })
    expect(legsRecord([...legs, earlier]).legs.map(({ attempt }) => attempt)).toEqual(['e', 'c', 'b', 'a', 'd'])
  })

  it('of thousands has their keys, their number and their time', () => {
    const keys = Array.from({ length: 12 }, (_, index) => `icid ${index}`)
    const record = crowdRecord(keys, 5000, noon, after(60))
    expect(record).toMatchObject({ kind: 'legs', legs: [], faults: [], crowd: 5000, startedAt: noon })
    expect([record.endedAt, record.keys]).toEqual([after(60), keys.slice(0, 8)])
    const ids = [record, crowdRecord(keys, 5000, after(1), after(60)), crowdRecord(['icid 0'], 5000, noon, after(60))]
    expect(new Set(ids.map(({ id }) => id)).size).toBe(3)
  })
})

describe('a leg goes on from', () => {
  const first = leg('a', 0, { requester: 'far', responder: 'sbc' })

  it('the newest on which its requester was called', () => {
    const second = leg('b', 1, { requester: 'proxy', responder: 'sbc', keys: [] })
    expect(outers(first, second, leg('c', 2))).toEqual(['a', 'a > b', 'b > c'])
  })

  it('one that shares a key, where no address tells', () => {
    const legs = [
      leg('a', 0, { requester: 'x', keys: ['call c'] }),
      leg('b', 1, { requester: 'y', keys: ['icid 2'] }),
      leg('c', 2, { requester: 'z', keys: ['call c'] })
    ]
    expect(outers(...legs)).toEqual(['a', 'a > b', 'a > c'])
  })

  it('the newest that somebody else requested, where nothing else tells', () => {
    const legs = [
      leg('a', 0, { requester: 'x', keys: ['1'] }),
      leg('b', 1, { requester: 'y', keys: ['2'] }),
      leg('c', 2, { requester: 'z', keys: ['3'] }),
      leg('d', 3, { requester: 'z', keys: ['3'] })
    ]
    expect(outers(...legs)).toEqual(['a', 'a > b', 'b > c', 'b > d'])
  })

  it('none, where all are of one requester: they are tries side by side', () => {
    expect(outers(leg('a', 0), leg('b', 1))).toEqual(['a', 'b'])
  })

  it('none of its own Call-ID, but by address', () => {
    const again = { callId: 'call a', requester: 'z' }
    expect(outers(first, leg('b', 1, again))).toEqual(['a', 'b'])
    expect(outers(first, leg('b', 1, { ...again, requester: 'sbc' }))).toEqual(['a', 'a > b'])
  })
})

describe('a fault of early media (LG-4)', () => {
  const outer = (change: Partial<Leg> = {}): Leg => leg('a', 0, { requester: 'far', responder: 'sbc', ...change })
  const early = (change: Partial<Leg> = {}): Leg =>
    leg('b', 1, { class: 'early_media', timeToEarlyMedia: 4, ...change })

  it.each(['unusable', 'vetoed', 'precondition'] as const)('arises on the innermost leg that is %s', unfit => {
    const codes = ['codec_mismatch']
    const lost = { class: unfit, codes }
    expect(faults(outer(lost), early())).toEqual(['a codec_mismatch'])
    expect(faults(outer(lost), early(lost))).toEqual(['b codec_mismatch'])
    expect(faults(outer(lost), early({ ...lost, codes: ['port_zero'] }))).toEqual(['a codec_mismatch', 'b port_zero'])
    expect(faults(outer({ class: unfit }), early())).toEqual([])
  })

  it('is told with who had it', () => {
    const [fault] = legsRecord([
      outer({ class: 'unusable', codes: ['port_zero'], direction: 'inbound' }),
      early()
    ]).faults
    expect(fault).toEqual({ attempt: 'a', callId: 'call a', peer: 'far', direction: 'inbound', codes: ['port_zero'] })
  })

  it.each([
    { of: 'a leg that had none', change: {}, found: ['a not_forwarded'] },
    { of: 'a leg that had progress only', change: { class: 'progress' }, found: ['a not_forwarded'] },
    { of: 'a leg that had it', change: { class: 'early_media' }, found: [] },
    // The early media came at 5 s after noon.
    { of: 'a leg answered before', change: { outcome: 'answered', endedAt: after(3) }, found: [] },
    { of: 'a leg answered at that time', change: { outcome: 'answered', endedAt: after(5) }, found: [] },
    { of: 'a leg answered later', change: { outcome: 'answered', endedAt: after(6) }, found: ['a not_forwarded'] },
    { of: 'a leg that failed before', change: { outcome: 'busy', endedAt: after(3) }, found: ['a not_forwarded'] }
  ] as const)('is told of $of where the inner leg had early media', ({ change, found }) => {
    expect(faults(outer(change), early())).toEqual(found)
  })

  it('is none where the inner leg had none, or the leg itself is the innermost', () => {
    expect(faults(outer(), leg('b', 1))).toEqual([])
    expect(faults(outer({ class: 'early_media' }), leg('b', 1))).toEqual([])
  })
})
