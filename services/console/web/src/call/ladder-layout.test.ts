import { describe, expect, it } from '@jest/globals'
import type { Ladder, Rung } from '../api.ts'
import { gutter, layoutOf } from './ladder-layout.ts'

const rung = (more: Partial<Rung> = {}) => ({ from: 0, to: 1, earlyMediaAfter: false, ...more }) as Rung
const ladder = (columns: number, rungs: readonly Rung[]): Ladder => ({
  start: '',
  columns: Array.from({ length: columns }, (_, at) => ({ address: `192.0.2.${at}`, name: '' })),
  rungs
})

describe('the layout of a ladder', () => {
  it('takes the room that there is, and more where columns would be too near', () => {
    expect(layoutOf(ladder(2, [rung()]), 600).width).toBe(2 * 64 + gutter + 380)
    expect(layoutOf(ladder(3, [rung()]), 700).width).toBe(700)
    expect(layoutOf(ladder(5, [rung()]), 300).width).toBe(2 * 64 + gutter + 4 * 128)
  })

  it('has a bar from where early media begins to where it ends', () => {
    const early = rung({ earlyMediaAfter: true })
    const { rungs, early: parts } = layoutOf(ladder(2, [rung(), early, early, rung(), early]), 600)
    expect(parts).toEqual([
      { from: rungs[1], to: rungs[3] },
      { from: rungs[4], to: rungs[4]! + 14 }
    ])
  })
})
