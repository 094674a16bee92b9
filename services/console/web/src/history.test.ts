import { describe, expect, it } from '@jest/globals'
import { minutesOf } from './history.ts'

const peer = { peer: 'North', direction: 'outbound' } as const
const start = 1_700_000_040 // a full minute

const history = (first: number, steps: number) => {
  const times = Array.from({ length: steps }, (_, i) => first + 20 * i)
  const each = (value: number) => times.map(() => value)
  const series = {
    attempts: each(3),
    answered: each(2),
    earlyMedia: times.map((_, i) => (i < 3 ? 0 : 2)),
    earlyMediaAnswered: times.map((_, i) => (i < 3 ? 0 : 1)),
    rejections: each(1)
  }
  return { step: 20, times, peers: { 'North|outbound': series } }
}

describe('minutesOf', () => {
  it('adds the steps of a minute; a minute without early media has no EM-ASR', () => {
    expect(minutesOf(history(start, 6), peer)).toEqual({
      times: [new Date(start * 1_000), new Date((start + 60) * 1_000)],
      attempts: [9, 9],
      earlyMedia: [0, 6],
      earlyMediaAnswerRate: [undefined, 0.5],
      rejections: [3, 3]
    })
  })

  it('leaves out minutes that are not whole', () => {
    expect(minutesOf(history(start - 20, 6), peer)?.attempts).toEqual([9])
    expect(minutesOf(history(start + 20, 1), peer)?.attempts).toEqual([])
  })

  it('is undefined without a history, and for a peer without one', () => {
    expect(minutesOf(undefined, peer)).toBeUndefined()
    expect(minutesOf(history(start, 6), { ...peer, direction: 'inbound' })).toBeUndefined()
  })
})
