import { describe, expect, it } from '@jest/globals'
import type { Peer } from './api.ts'
import { problemsOf, rowsOf } from './problems.ts'

const healthy: Peer = {
  peer: 'North',
  direction: 'outbound',
  attempts: 200,
  outcomes: { answered: 120, busy: 60, open: 20 },
  classes: { early_media: 100, ringing: 100 },
  earlyMedia: { attempts: 100, outcomes: { answered: 40, no_answer: 60 }, seconds: 900 },
  responses183: { withSdp: 100, withoutSdp: 0 },
  rejections: [],
  allow: ['INVITE', 'UPDATE']
}

const others = { answered: 400, settled: 1000 }
const rejections = (method: string, transactions: number, code = 501) => [{ method, code, transactions }]
const earlyMedia = (answered: number, attempts: number) => ({
  earlyMedia: { attempts, outcomes: { answered, no_answer: attempts - answered }, seconds: 1 }
})

describe('problemsOf', () => {
  it.each([
    { name: 'a healthy peer', peer: {}, problems: [] },
    { name: 'four rejections', peer: { rejections: rejections('UPDATE', 4) }, problems: [] },
    {
      name: 'five rejections of a method that its Allow lists',
      peer: { rejections: rejections('UPDATE', 5) },
      problems: ['warning: rejects allowed UPDATE']
    },
    {
      name: 'rejections by both codes, five together',
      peer: { rejections: [...rejections('UPDATE', 3), ...rejections('UPDATE', 2, 405)] },
      problems: ['warning: rejects allowed UPDATE']
    },
    {
      name: 'a method that it never claimed to know',
      peer: { rejections: rejections('INFO', 50) },
      problems: ['notice: rejects INFO']
    },
    {
      name: 'a method that the matrix says worked before',
      peer: { rejections: rejections('INFO', 1), capabilities: { INFO: 'regressed' } },
      problems: ['alarm: INFO regressed']
    },
    { name: 'a rejected INVITE', peer: { rejections: rejections('INVITE', 99) }, problems: [] },
    {
      name: 'early media that nobody ever answers',
      peer: earlyMedia(0, 20),
      problems: ['alarm: EM never answered']
    },
    { name: 'too little early media to judge', peer: earlyMedia(0, 19), problems: [] },
    {
      name: 'less than half of the usual EM-ASR',
      peer: earlyMedia(19, 100),
      problems: ['warning: EM-ASR 19%, usual 40%']
    },
    { name: 'half of the usual EM-ASR', peer: earlyMedia(20, 100), problems: [] },
    {
      name: 'early media that cannot play in a twentieth of the attempts',
      peer: { classes: { early_media: 100, unusable: 10, ringing: 90 } },
      problems: ['warning: EM cannot play: 10']
    },
    {
      name: 'a fifth of the ended attempts failing',
      peer: { outcomes: { answered: 144, congestion: 30, timeout: 6, open: 20 } },
      problems: ['warning: 20.0% of attempts fail']
    },
    {
      name: 'several, the worst first',
      peer: { rejections: rejections('INFO', 50), ...earlyMedia(0, 20) },
      problems: ['alarm: EM never answered', 'notice: rejects INFO']
    }
  ])('of $name', ({ peer, problems }) => {
    const found = problemsOf({ ...healthy, ...peer } as Peer, others)
    expect(found.map(problem => `${problem.severity}: ${problem.headline}`)).toEqual(problems)
  })

  it('compares EM-ASR with nothing where the others have too little', () => {
    expect(problemsOf({ ...healthy, ...earlyMedia(1, 100) }, { answered: 19, settled: 19 })).toEqual([])
  })
})

describe('rowsOf', () => {
  const south: Peer = { ...healthy, ...earlyMedia(5, 100), peer: 'South' }

  it('compares a peer with the others of its direction, itself left out', () => {
    const headlines = (peers: Peer[]) => rowsOf(peers).map(row => row.problems.map(problem => problem.headline))
    expect(headlines([healthy, south])).toEqual([[], ['EM-ASR 5%, usual 40%']])
    expect(headlines([healthy, { ...south, direction: 'inbound' }])).toEqual([[], []])
  })

  it('keeps the object of a row that did not change, and of no other', () => {
    const before = rowsOf([healthy, south])
    const after = rowsOf([structuredClone(healthy), { ...south, attempts: 201 }], before)
    expect(after[0]).toBe(before[0])
    expect(after[1]).not.toBe(before[1])
  })
})
