import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { outcomes } from './api.ts'
import type { Tally } from './api.ts'
import {
  answerRate,
  earlyMediaAnswerRate,
  earlyMediaRate,
  heat,
  rejected,
  rejectedMethods,
  secondsPerEarlyMedia,
  segmentsOf,
  sumOf
} from './figures.ts'

const nothing: Tally = {
  attempts: 0,
  outcomes: {},
  classes: {},
  earlyMedia: { attempts: 0, outcomes: {}, seconds: 0 },
  responses183: { withSdp: 0, withoutSdp: 0 },
  rejections: []
}

const some: Tally = {
  attempts: 100,
  outcomes: { answered: 60, busy: 10, congestion: 10, open: 20 },
  classes: { early_media: 50, ringing: 50 },
  earlyMedia: { attempts: 50, outcomes: { answered: 10, cancelled: 30, open: 10 }, seconds: 250 },
  responses183: { withSdp: 45, withoutSdp: 5 },
  rejections: [
    { method: 'UPDATE', code: 501, transactions: 7 },
    { method: 'UPDATE', code: 405, transactions: 2 },
    { method: 'X-NORTEL', code: 501, transactions: 3 },
    { method: 'INFO', code: 501, transactions: 0 }
  ]
}

describe('ratios', () => {
  it.each([
    { name: 'the answer rate', figure: answerRate, some: 60 / 80 },
    { name: 'the early-media rate', figure: earlyMediaRate, some: 40 / 80 },
    { name: 'EM-ASR', figure: earlyMediaAnswerRate, some: 10 / 40 },
    { name: 'seconds per early media', figure: secondsPerEarlyMedia, some: 5 }
  ])('$name is over what has ended, and undefined over nothing', ({ figure, some: expected }) => {
    expect(figure(some)).toBeCloseTo(expected)
    expect(figure(nothing)).toBeUndefined()
  })

  it('leave open attempts out: while all are open there is no ratio', () => {
    expect(answerRate({ ...nothing, attempts: 3, outcomes: { open: 3 } })).toBeUndefined()
  })
})

describe('segmentsOf', () => {
  const counts = fc.record(Object.fromEntries(outcomes.map(outcome => [outcome, fc.nat(1e6)])))

  it('adds up to the attempts, whatever the outcomes', () => {
    fc.assert(
      fc.property(counts, each => {
        const attempts = Object.values(each).reduce((sum, n) => sum + n, 0)
        const parts = Object.values(segmentsOf(attempts, each))
        expect(parts.reduce((sum, n) => sum + n, 0)).toBe(attempts)
      })
    )
  })

  it('counts as failed what is no part of its own', () => {
    expect(segmentsOf(9, { answered: 2, not_found: 3, timeout: 4 })).toMatchObject({ answered: 2, failed: 7 })
  })
})

describe('rejections', () => {
  it.each([
    { name: 'all', expected: rejected(some), is: 12 },
    { name: 'of a method', expected: rejected(some, 'UPDATE'), is: 9 },
    { name: 'of a method by code', expected: rejected(some, 'UPDATE', 405), is: 2 },
    { name: 'by code', expected: rejected(some, undefined, 501), is: 10 },
    { name: 'of a method that has no label', expected: rejected(some, 'OTHER'), is: 3 }
  ])('are counted $name', ({ expected, is }) => expect(expected).toBe(is))

  it('make columns in one order, unknown methods in one column, and none for a zero', () => {
    expect(rejectedMethods([some, { rejections: [{ method: 'PRACK', code: 405, transactions: 1 }] }])).toEqual([
      'PRACK',
      'UPDATE',
      'OTHER'
    ])
  })

  it.each([
    { transactions: 0, decade: 0 },
    { transactions: 1, decade: 1 },
    { transactions: 9, decade: 1 },
    { transactions: 10, decade: 2 },
    { transactions: 1000, decade: 4 },
    { transactions: 9_999_999, decade: 5 }
  ])('$transactions have the heat $decade', ({ transactions, decade }) => expect(heat(transactions)).toBe(decade))
})

describe('sumOf', () => {
  it('of nothing is nothing', () => expect(sumOf([])).toEqual(nothing))

  it('adds every figure, rejections by method and code', () => {
    expect(sumOf([some, some])).toEqual({
      attempts: 200,
      outcomes: { answered: 120, busy: 20, congestion: 20, open: 40 },
      classes: { early_media: 100, ringing: 100 },
      earlyMedia: { attempts: 100, outcomes: { answered: 20, cancelled: 60, open: 20 }, seconds: 500 },
      responses183: { withSdp: 90, withoutSdp: 10 },
      rejections: some.rejections.map(r => ({ ...r, transactions: 2 * r.transactions }))
    })
  })
})
