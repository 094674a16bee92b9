import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { foldFile } from './fold.fixture.ts'
import type { Parties } from './index.ts'

/** a is ours; b and c are peers of one group, d of none. */
const parties: Parties = {
  version: 'groups',
  of: ({ address, port }) => {
    if (address.startsWith('10.')) return { name: 'ours', ours: true }
    if (address === '203.0.113.9') return { name: 'd', ours: false }
    return { name: port === 5060 ? address : 'other', ours: false, group: 'carriers' }
  }
}

const repeatsOf = (text: string): object[] =>
  foldFile(
    ladder(`d = 203.0.113.9:5060\na = 10.0.0.1:5060 ours\nb = 203.0.113.7:5060\nc = 203.0.113.8:5060\n${text}`),
    parties
  ).attempts.map(({ peer, repeats, answerRepeats }) => ({ peer, repeats, answerRepeats }))

const [b, c] = ['203.0.113.7', '203.0.113.8']

describe('of the attempts of one call (K-5)', () => {
  it('the second at a peer of the group stands for no further call there', () => {
    const text = '0 a>b INVITE b1\n100 b>a 503\n200 a>c INVITE b2\n300 c>a 200 tt=x\n60s a>d OPTIONS call=2'
    // The answered one ends first, and stands for the call.
    expect(repeatsOf(text)).toEqual([{ peer: b, repeats: ['group'] }, { peer: c }])
  })

  it('that at a peer of no group stands for itself', () => {
    const text = '0 a>b INVITE b1\n100 b>a 503\n200 a>d INVITE b2\n300 d>a 200 tt=x'
    expect(repeatsOf(text)).toEqual([{ peer: b }, { peer: 'd' }])
  })

  it('the next one at the same peer repeats it there as well', () => {
    const text = '0 a>b INVITE b1\n100 b>a 503\n10s a>b INVITE b2\n10100 b>a 200 tt=x'
    expect(repeatsOf(text)).toEqual([{ peer: b }, { peer: b, repeats: ['peer', 'group'] }])
  })

  it('a second answer is told as well', () => {
    const text = '0 a>b INVITE b1\n100 b>a 200 tt=x\n10s a>c INVITE b2\n10100 c>a 200 tt=y'
    expect(repeatsOf(text)).toEqual([{ peer: b }, { peer: c, repeats: ['group'], answerRepeats: ['group'] }])
  })

  it('one cancelled because another was answered stands for nothing', () => {
    const text = '0 a>b INVITE b1\n10 a>c INVITE b2\n100 c>a 200 tt=x b2\n110 a>b CANCEL b1\n120 b>a 487 b1'
    expect(repeatsOf(text)).toEqual([{ peer: b }, { peer: c }])
  })

  it('another caller under the same Call-ID has a call of his own', () => {
    const text = '0 a>b INVITE b1 ft=1\n100 b>a 486\n200 a>b INVITE b2 ft=2\n300 b>a 486'
    expect(repeatsOf(text)).toEqual([{ peer: b }, { peer: b }])
  })
})
