import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { assign, type Member } from './kafka-assignment.ts'

const member = (id: string, ...owned: number[]): Member => ({ id, owned })

const shares = (partitions: number, ...members: Member[]) => Object.fromEntries(assign(partitions, members))

describe('partitions are shared out', () => {
  it.each([
    { name: 'to one alone', members: [member('a')], expected: { a: [0, 1, 2, 3] } },
    { name: 'to two', members: [member('b'), member('a')], expected: { a: [0, 1], b: [2, 3] } },
    { name: 'to one more', members: [member('a', 0, 1, 2, 3), member('b')], expected: { a: [0, 1], b: [2, 3] } },
    { name: 'to one less', members: [member('a', 1), member('c', 3)], expected: { a: [0, 1], c: [2, 3] } },
    {
      name: 'to three of four',
      members: [member('a'), member('b', 2, 3), member('c', 1)],
      expected: { a: [0], b: [2, 3], c: [1] }
    },
    {
      name: 'where two claim one',
      members: [member('b', 0, 1), member('a', 0, 1)],
      expected: { a: [0, 1], b: [2, 3] }
    },
    { name: 'without those that do not exist', members: [member('a', 7, 3)], expected: { a: [0, 1, 2, 3] } }
  ])('$name', ({ members, expected }) => {
    expect(shares(4, ...members)).toEqual(expected)
  })

  it('each once, evenly, and none moves without need', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        (partitions, before, after) => {
          const ids = (count: number) => Array.from({ length: count }, (_, index) => `member ${index}`)
          const first = assign(
            partitions,
            ids(before).map(id => member(id))
          )
          const second = assign(
            partitions,
            ids(after).map(id => member(id, ...(first.get(id) ?? [])))
          )
          const all = [...second.values()].flat().toSorted((one, other) => one - other)
          expect(all).toEqual(Array.from({ length: partitions }, (_, index) => index))
          const sizes = [...second.values()].map(own => own.length)
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
          const kept = [...second].map(([id, own]) => own.filter(each => first.get(id)?.includes(each)).length)
          const most = [...second].map(([id, own]) => Math.min(own.length, first.get(id)?.length ?? 0))
          expect(kept).toEqual(most)
        }
      )
    )
  })
})
