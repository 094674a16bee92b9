import { describe, expect, it } from '@jest/globals'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import fc from 'fast-check'
import { defaultLimits, LegJoin, type Leg, type LegsRecord } from './index.ts'

const noon = epochMicros(1_767_225_600e6)
const after = (count: number): EpochMicros => plus(noon, seconds(count))

/** A leg that began at noon and whose attempt closed so many seconds later. */
const leg = (id: string, closed: number, keys: readonly string[], change: Partial<Leg> = {}): Leg => ({
  id,
  callId: id,
  peer: 'far',
  direction: 'outbound',
  requester: `from ${id}`,
  responder: `to ${id}`,
  startedAt: noon,
  endedAt: after(closed),
  class: 'none',
  outcome: 'busy',
  status: 486,
  closedAt: after(closed),
  codes: [],
  keys: [...keys, `call ${id}`],
  ...change
})

function joining(): { join: LegJoin; told: LegsRecord[] } {
  const told: LegsRecord[] = []
  return { join: new LegJoin({ emit: record => told.push(record), keepsChanges: true }), told }
}

const attemptsOf = (records: readonly LegsRecord[]): string[][] =>
  records.map(({ legs }) => legs.map(({ attempt }) => attempt))

describe('LegJoin', () => {
  it('tells legs that name each other 66 s after the last of them has closed', () => {
    const { join, told } = joining()
    join.take(leg('b', 10, ['call a']))
    join.take(leg('a', 12, []))
    join.advance(after(78))
    expect(told).toEqual([])
    join.advance(after(78.1))
    expect(attemptsOf(told)).toEqual([['a', 'b']])
    expect(join.size).toBe(0)
  })

  it('lets each attempt go once, behind the record that names it', () => {
    const told: string[] = []
    const join = new LegJoin({
      emit: ({ legs }) => told.push(`joined ${legs.map(({ attempt }) => attempt).join(' ')}`),
      released: attempt => told.push(attempt)
    })
    join.take(leg('b', 10, ['call a']))
    join.take(leg('a', 12, []))
    join.take(leg('alone', 11, []))
    expect([join.waits('alone'), join.waits('nobody')]).toEqual([true, false])
    join.advance(after(77.1))
    expect(told).toEqual(['alone'])
    expect(join.waits('alone')).toBe(false)
    join.advance(after(200))
    expect(told).toEqual(['alone', 'joined a b', 'b', 'a'])
  })

  it('lets those go that are too many for one call', () => {
    const told: string[] = []
    const join = new LegJoin({ emit: () => undefined, released: attempt => told.push(attempt) })
    for (let number = 0; number < 30; number++) join.take(leg(`l${number}`, 10, ['icid everywhere']))
    join.settle()
    expect(told).toHaveLength(30)
    expect(new Set(told).size).toBe(30)
  })

  it('waits for a leg that is named as long as that may have early media', () => {
    const { join, told } = joining()
    join.take(leg('b', 10, ['call a']))
    join.advance(after(970))
    join.take(leg('a', 971, []))
    join.advance(after(1100))
    expect(attemptsOf(told)).toEqual([['a', 'b']])
  })

  it('does not wait so long for one that nobody named', () => {
    const { join, told } = joining()
    join.take(leg('a', 10, []))
    join.advance(after(77))
    join.take(leg('b', 78, ['call a']))
    join.advance(after(3000))
    expect(told).toEqual([])
  })

  it('forgets what has waited in vain', () => {
    const { join, told } = joining()
    join.take(leg('b', 10, ['call a', 'icid 1']))
    join.advance(after(3000))
    expect([told, join.size, join.changes().filter(({ value }) => value)]).toEqual([[], 0, []])
  })

  it('takes a leg once', () => {
    const { join, told } = joining()
    for (const each of [leg('a', 1, ['icid 1']), leg('b', 1, ['icid 1']), leg('a', 1, ['icid 1'])]) join.take(each)
    join.settle()
    expect(attemptsOf(told)).toEqual([['a', 'b']])
  })

  it('of attempts with one Call-ID tells nothing: they are no legs of a B2BUA', () => {
    const { join, told } = joining()
    for (const id of ['1', '2']) join.take(leg(id, 1, ['icid 1'], { callId: 'one' }))
    join.settle()
    expect(told).toEqual([])
  })

  it('goes on when the clock stood', () => {
    const { join, told } = joining()
    join.take(leg('b', 10, ['call a']))
    join.take(leg('a', 12, []))
    join.settle()
    join.take(leg('d', 500, ['call c']))
    join.take(leg('c', 502, []))
    join.advance(after(900))
    expect(attemptsOf(told)).toEqual([
      ['a', 'b'],
      ['c', 'd']
    ])
  })
})

describe('a key that thousands of attempts have', () => {
  const crowd = (from: number, count: number): Leg[] =>
    Array.from({ length: count }, (_, index) => leg(`${from + index}`, (from + index) / 1000, ['icid same']))

  it('joins none of them, and says how many there were', () => {
    const { join, told } = joining()
    for (const each of crowd(0, 5000)) join.take(each)
    join.settle()
    expect(told).toMatchObject([{ kind: 'legs', legs: [], faults: [], crowd: 5000 }])
    expect(told[0]!.keys).toContain('icid same')
  })

  it('is kept small, whatever else they have', () => {
    const { join } = joining()
    for (const each of crowd(0, 5000)) join.take(each)
    join.advance(after(60))
    const kept = join.changes().filter(({ value }) => value)
    expect(join.size).toBe(0)
    expect(kept.map(({ key }) => key.split(' ')[0])).toEqual(['crowd'])
    expect(kept[0]!.value!.length).toBeLessThan(1000)
  })

  it('is told again and again while it goes on', () => {
    const { join, told } = joining()
    for (let second = 0; second < 300; second++) {
      for (const each of crowd(1000 * second, 20)) join.take(each)
      join.advance(after(second + 1))
    }
    expect(told.length).toBeGreaterThan(2)
  })
})

describe('the join of legs, when nothing more comes', () => {
  const pair = (name: string, closed: number): Leg[] => [
    leg(`${name}1`, closed, [`icid ${name}`]),
    leg(`${name}2`, closed, [`icid ${name}`])
  ]
  const settled = (...all: readonly Leg[]): string[] => {
    const { join, told } = joining()
    for (const each of all) join.take(each)
    join.settle()
    expect(join.size).toBe(0)
    return told.map(({ legs }) => legs[0]!.attempt)
  }

  it('tells first what would have been told first', () => {
    const [early, late] = [pair('z', 10), pair('a', 20)]
    expect(settled(...early, ...late)).toEqual(['z1', 'a1'])
    expect(settled(...late, ...early)).toEqual(['z1', 'a1'])
  })

  it('tells what is due at one time in an order that no arrival decides', () => {
    const [one, other] = [pair('a', 10), pair('b', 10)]
    expect(settled(...one, ...other)).toEqual(['a1', 'b1'])
    expect(settled(...other, ...one)).toEqual(['a1', 'b1'])
  })
})

describe('the state of a join', () => {
  it('is given only where it is asked for, and each change once', () => {
    const silent = new LegJoin({ emit: () => undefined })
    silent.take(leg('a', 10, ['icid 1']))
    expect(silent.changes()).toEqual([])
    const { join } = joining()
    join.take(leg('a', 10, ['icid 1']))
    expect(join.changes().map(({ key }) => key)).toEqual(['leg a'])
    expect(join.changes()).toEqual([])
    join.settle()
    expect(join.changes()).toEqual([{ key: 'leg a', value: undefined }])
  })

  it('has of a crowd what goes on after a restart, and nothing when it has been told', () => {
    const state = new Map<string, Buffer>()
    const keep = (join: LegJoin): void => {
      for (const { key, value } of join.changes()) {
        if (value) state.set(key, value)
        else state.delete(key)
      }
    }
    const before = joining()
    for (let number = 0; number < 20; number++) before.join.take(leg(`${number}`, number, ['icid same']))
    before.join.advance(after(30))
    keep(before.join)
    expect([...state.keys()]).toEqual(['crowd 0'])
    const later = joining()
    later.join.advance(after(30))
    for (const [key, value] of state) later.join.restore(key, value)
    for (let number = 31; number < 41; number++) later.join.take(leg(`${number}`, number, ['icid same']))
    // The 17th made it a crowd, which is told 66 s later.
    later.join.advance(after(81.9))
    expect(later.told).toEqual([])
    later.join.advance(after(82.1))
    keep(later.join)
    expect(later.told).toMatchObject([{ crowd: 30, startedAt: noon, endedAt: after(40) }])
    expect(later.told[0]!.keys).toHaveLength(8)
    expect(later.told[0]!.keys).toContain('icid same')
    expect(state.size).toBe(0)
    expect(before.told).toEqual([])
  })
})

describe('a leg', () => {
  const crowd = Array.from({ length: 20 }, (_, number) => leg(`c${number}`, 1, ['icid same']))

  it('with the key of a crowd and that of a call makes the call part of the crowd', () => {
    const { join, told } = joining()
    for (const each of [...crowd, leg('a', 2, ['icid a']), leg('b', 3, ['icid a'])]) join.take(each)
    join.take(leg('both', 4, ['icid a', 'icid same']))
    join.settle()
    expect(told.map(({ crowd, legs }) => crowd ?? legs.length)).toEqual([23])
  })

  it('with the keys of two crowds is counted in one of them, and leaves the other', () => {
    const { join, told } = joining()
    const others = crowd.map(({ id }) => leg(`o${id}`, 2, ['icid other']))
    for (const each of [...crowd, ...others, leg('both', 4, ['icid other', 'icid same'])]) join.take(each)
    join.settle()
    expect(new Set(told.map(({ crowd }) => crowd))).toEqual(new Set([20, 21]))
  })

  it('that comes late joins what is still there', () => {
    const { join, told } = joining()
    join.take(leg('a', 10, ['icid 1']))
    join.advance(after(30))
    join.advance(after(5))
    join.take(leg('b', 11, ['icid 1']))
    join.advance(after(76.9))
    expect(told).toEqual([])
    join.advance(after(77.1))
    expect(attemptsOf(told)).toEqual([['a', 'b']])
  })
})

/** Legs of a few calls with whatever keys, at any times. */
const legs = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 60 }),
    closed: fc.integer({ min: 0, max: 3000 }),
    named: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 2 }),
    icid: fc.integer({ min: 0, max: 8 })
  }),
  { selector: ({ id }) => id, maxLength: 60 }
)

const legOf = ({ id, closed, named, icid }: { id: number; closed: number; named: number[]; icid: number }): Leg => {
  const length = (id * 7) % 40
  const keys = [...named.map(each => `call ${each}`), ...(icid < 4 ? [`icid ${icid}`] : [])]
  return leg(String(id), closed, keys, { startedAt: after(closed - length), requester: `from ${id % 3}` })
}

const WAIT = defaultLimits.earlyMediaTimeout / 1e6 + 100

/** Each leg comes some time before the clock has passed its end, in steps of the clock. */
function whole(all: readonly Leg[], early: readonly number[]): LegsRecord[] {
  const { join, told } = joining()
  const arrivals = all.map((each, index) => ({ each, at: each.closedAt - (early[index % early.length] ?? 0) * 1e6 }))
  arrivals.sort((a, b) => a.at - b.at)
  for (const { each, at } of arrivals) {
    join.advance(epochMicros(at))
    join.take(each)
  }
  join.advance(after(3000 + 2 * WAIT))
  return told
}

describe('the join of legs', () => {
  it('does not depend on which source is faster', () => {
    fc.assert(
      fc.property(legs, fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1 }), (some, early) => {
        const all = some.map(legOf)
        expect(whole(all, early)).toEqual(whole(all, [0]))
      })
    )
  })

  it('has each attempt in one record at most', () => {
    fc.assert(
      fc.property(legs, some => {
        const ids = attemptsOf(whole(some.map(legOf), [0])).flat()
        expect(new Set(ids).size).toBe(ids.length)
      })
    )
  })

  it('is the same when it is cut at any point and continued from its state', () => {
    fc.assert(
      fc.property(legs, fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 90 }), (some, cut, early) => {
        const all = some.map(legOf).sort((a, b) => a.closedAt - b.closedAt)
        const comesBefore = (each: Leg): boolean => each.closedAt - early * 1e6 < after(cut)
        const before = joining()
        for (const each of all.filter(comesBefore)) {
          before.join.advance(epochMicros(each.closedAt - early * 1e6))
          before.join.take(each)
        }
        before.join.advance(after(cut))
        const later = joining()
        later.join.advance(after(cut))
        for (const { key, value } of before.join.changes()) if (value) later.join.restore(key, value)
        for (const each of all.filter(each => !comesBefore(each))) later.join.take(each)
        later.join.advance(after(3000 + 2 * WAIT))
        expect([...before.told, ...later.told]).toEqual(whole(all, [early]))
      })
    )
  })

  it('refuses the state of a later version', () => {
    const { join } = joining()
    expect(() => join.restore('leg a', Buffer.from('{"format":2}'))).toThrow('format 2')
  })
})
