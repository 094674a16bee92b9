import { describe, expect, it } from '@jest/globals'
import type { PeerRow } from '@earshot/peers'
import { epochMicros, plus, seconds, type EpochMicros } from '@earshot/units'
import { History } from './history.ts'

const noon = epochMicros(1_767_225_600e6)
const after = (count: number): EpochMicros => plus(noon, seconds(count))

const row = (peer: string, attempts: number, answered = 0): Omit<PeerRow, 'figures' | 'capacity'> => ({
  peer,
  direction: 'outbound',
  attempts,
  outcomes: { answered },
  classes: { early_media: answered },
  earlyMedia: { attempts: answered, outcomes: { answered }, seconds: 0 },
  responses183: { withSdp: 0, withoutSdp: 0 },
  diagnoses: [],
  causeMapping: { followed: 0, notFollowed: 0 },
  rejections: [
    { method: 'UPDATE', code: 501, transactions: attempts },
    { method: 'INFO', code: 501, transactions: 1 }
  ],
  allow: []
})

/** A history of a peer that had so many attempts at each step of ten seconds. */
function historyOf(...counts: readonly number[]): History {
  const history = new History()
  for (const [index, count] of counts.entries()) history.note(after(10 * index), () => [row('far', count, count)])
  return history
}

describe('History', () => {
  it('shows what was added in each step of ten seconds', () => {
    const far = [3, 0, 7]
    expect(historyOf(5, 8, 8, 15).show(60)).toEqual({
      step: 10,
      times: [10, 20, 30].map(later => noon / 1e6 + later),
      peers: {
        'far|outbound': { attempts: far, answered: far, earlyMedia: far, earlyMediaAnswered: far, rejections: far }
      }
    })
  })

  it('looks at the rows once a step only', () => {
    const history = new History()
    let looked = 0
    for (const later of [0, 1, 9.9, 10, 10.1, 5, 20]) {
      history.note(after(later), () => {
        looked++
        return []
      })
    }
    expect(looked).toBe(3)
  })

  it('shows no less than nothing: an attempt that stands otherwise than before is no rise', () => {
    expect(historyOf(5, 3).show(60)).toMatchObject({ peers: { 'far|outbound': { attempts: [0] } } })
  })

  it('shows only the minutes asked for', () => {
    const history = historyOf(...Array.from({ length: 31 }, (_, index) => index))
    expect(history.show(1)).toMatchObject({
      times: Array.from({ length: 6 }, (_, index) => noon / 1e6 + 250 + index * 10)
    })
  })

  it('forgets what is older than an hour', () => {
    const history = historyOf(...Array.from({ length: 500 }, (_, index) => index))
    expect((history.show(600) as { times: number[] }).times.length).toBe(360)
  })

  it('shows a peer from 0 on that was not there before', () => {
    const history = new History()
    history.note(noon, () => [])
    history.note(after(10), () => [row('new', 4)])
    expect(history.show(60)).toMatchObject({ peers: { 'new|outbound': { attempts: [4] } } })
  })

  it('keeps the busiest 500 peers', () => {
    const history = new History()
    const rows = Array.from({ length: 600 }, (_, index) => row(`peer ${index}`, index))
    for (const later of [0, 10]) history.note(after(later), () => rows)
    const { peers } = history.show(60) as { peers: object }
    expect(Object.keys(peers).length).toBe(500)
    expect(peers).toHaveProperty(['peer 599|outbound'])
    expect(peers).not.toHaveProperty(['peer 99|outbound'])
  })

  it('invents no rise when a peer comes back among the busiest', () => {
    const history = new History()
    const others = Array.from({ length: 500 }, (_, index) => row(`other ${index}`, 100))
    history.note(noon, () => [...others, row('quiet', 99)])
    history.note(after(10), () => [...others, row('quiet', 101)])
    expect(history.show(60)).toMatchObject({ peers: { 'quiet|outbound': { attempts: [2] } } })
  })

  it('is empty before anything was noted', () => {
    expect(new History().show(60)).toEqual({ step: 10, times: [], peers: {} })
  })

  it('takes any name of a peer', () => {
    const history = new History()
    for (const later of [0, 10]) history.note(after(later), () => [row('__proto__', later)])
    expect(JSON.stringify(history.show(60))).toContain('"__proto__|outbound":{"attempts":[10]')
  })
})
