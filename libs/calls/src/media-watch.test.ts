import { describe, expect, it } from '@jest/globals'
import { first, listening } from './media.fixture.ts'

const ringing = '0 a>b INVITE +S\n500 b>a 183 tt=x +S\n9s b>a 480 tt=x'

const counts = (matched: number, unmatched: number, notKept = 0) => ({ matched, unmatched, notKept })

describe('a report of media', () => {
  it.each([
    { name: 'RTP between both', way: 'b 20000 > a 20000', found: true },
    { name: 'RTP from elsewhere to the caller', way: 'c 99 > a 20000', found: true },
    { name: 'RTP to the callee', way: 'c 99 > b 20000', found: true },
    { name: 'RTP of nobody', way: 'c 99 > c 20000', found: false },
    { name: 'RTP one port higher', way: 'b 20001 > a 20001', found: false },
    { name: 'RTCP one port higher', way: 'b 20001 > a 20001', from: 'rtcp', found: true },
    { name: 'RTCP of the same port', way: 'b 20000 > a 20000', from: 'rtcp', found: true },
    { name: 'RTCP one port lower', way: 'b 19999 > a 19999', from: 'rtcp', found: false },
    { name: 'a Call-ID', way: 'c 99 > c 99', callId: first, found: true },
    { name: 'a Call-ID that nobody knows', way: 'c 99 > c 99', callId: 'other', found: false },
    { name: 'endpoints beside one', way: 'b 20000 > a 20000', callId: 'other', found: true }
  ] as const)('finds its call by $name: $found', ({ found, name: _name, ...report }) => {
    const { correlator, hear } = listening(ringing)
    hear({ at: 3, ...report })
    expect(correlator.takeMediaCounts()).toEqual(found ? counts(1, 0) : counts(0, 1))
    expect(correlator.takeMediaCounts()).toEqual(counts(0, 0))
  })

  it('finds it by Call-ID only, where that is asked for', () => {
    const { correlator, hear } = listening(ringing, { mediaByAddress: false })
    hear({ at: 3, way: 'b 20000 > a 20000' })
    hear({ at: 3, way: 'b 20000 > a 20000', callId: first })
    expect(correlator.takeMediaCounts()).toEqual(counts(1, 1))
  })

  it('finds a call that was described after the first report, and none that described nothing', () => {
    const { correlator, hear } = listening(
      `0 a>b INVITE call=1\n1s a>b INVITE call=2 +S(port=31000)\n9s b>a 486 call=2`
    )
    hear({ at: 0.5, way: 'c 99 > a 31000' })
    hear({ at: 2, way: 'c 99 > a 31000' })
    expect(correlator.takeMediaCounts()).toEqual(counts(1, 1))
  })

  it('finds no call whose attempts are over: the time in which its INVITE may be repeated belongs to them', () => {
    const { correlator, hear } = listening(`${ringing}\n20s a>b OPTIONS call=2`)
    hear({ at: 14, way: 'b 20000 > a 20000' })
    hear({ at: 14.001, way: 'b 20000 > a 20000' })
    expect(correlator.takeMediaCounts()).toEqual(counts(1, 1))
  })

  it('is of every call that names its endpoint', () => {
    const text = `0 a>b INVITE call=1 +S\n5 b>c INVITE call=2 +S(port=30000)
      500 c>b 183 call=2 tt=y +S\n505 b>a 183 call=1 tt=x +S(port=30002)
      9s c>b 480 call=2 tt=y\n9005 b>a 480 call=1 tt=x`
    const { correlator, hear, finish } = listening(text)
    hear({ at: 3, way: 'c 20000 > b 30000' })
    hear({ at: 3, way: 'b 30002 > a 20000' })
    expect(correlator.takeMediaCounts()).toEqual(counts(2, 0))
    expect(finish().map(({ mediaEvidence }) => mediaEvidence)).toEqual(['seen', 'seen'])
  })

  it.each([
    { name: 'the same later', report: {}, isNew: false },
    { name: 'the same earlier', report: { at: 2 }, isNew: true },
    { name: 'that there was none', report: { packets: 0 }, isNew: true },
    { name: 'another port of its source', report: { way: 'b 20002 > a 20000' }, isNew: true },
    { name: 'another source', report: { way: 'c 20000 > a 20000' }, isNew: true },
    { name: 'another port of its destination', report: { way: 'b 20000 > a 20002' }, isNew: true },
    { name: 'another destination', report: { way: 'b 20000 > c 20000' }, isNew: true },
    { name: 'RTCP', report: { from: 'rtcp' }, isNew: true }
  ] as const)('behind another one tells something new: $name: $isNew', ({ report, isNew }) => {
    const { hear, changed } = listening(ringing)
    hear({ at: 3, way: 'b 20000 > a 20000' })
    hear({ at: 3, way: 'b 20000 > a 20002', from: 'report', callId: first })
    expect(changed()).toContain(`call ${first}`)
    hear({ at: 4, way: 'b 20000 > a 20000', callId: first, ...report })
    expect(changed().includes(`call ${first}`)).toBe(isNew)
  })

  it('that there was none tells something new when it is later', () => {
    const { hear, changed } = listening(ringing)
    const none = { way: 'b 20000 > a 20000', packets: 0, callId: first }
    const isNew = [3, 4, 3.5, 4].map(at => {
      hear({ at, ...none })
      return changed().includes(`call ${first}`)
    })
    expect(isNew).toEqual([true, true, false, false])
  })

  it('is not kept where a call has too many ways of media, unless its way is one of them', () => {
    const { correlator, hear, changed } = listening(ringing)
    for (let port = 1; port <= 33; port++) hear({ at: 3, way: `b ${port} > a 20000` })
    expect(correlator.takeMediaCounts()).toEqual(counts(32, 0, 1))
    changed()
    hear({ at: 2.5, way: 'b 32 > a 20000' })
    hear({ at: 2.5, way: 'b 33 > a 20000' })
    expect(correlator.takeMediaCounts()).toEqual(counts(1, 0, 1))
  })

  it('of calls that come and go costs no room: it is forgotten with the attempt', () => {
    const again = (number: number): string =>
      `${number * 100}s a>b INVITE b${number} cseq=${number} +S\n${number * 100}500 b>a 183 b${number} tt=x${number} +S\n` +
      `${number * 100 + 9}s b>a 480 b${number} tt=x${number}`
    const { correlator, hear, finish } = listening([1, 2, 3].map(again).join('\n'))
    for (const number of [0, 1, 2]) {
      for (let port = 1; port <= 32; port++) hear({ at: 100 * number + 3, way: `b ${port} > a 20000` })
    }
    expect(correlator.takeMediaCounts()).toEqual(counts(96, 0))
    expect(finish().map(({ mediaEvidence }) => mediaEvidence)).toEqual(['seen', 'seen', 'seen'])
  })
})
