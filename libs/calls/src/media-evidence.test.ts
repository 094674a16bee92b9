import { describe, expect, it } from '@jest/globals'
import { first, listening } from './media.fixture.ts'

type Report = Parameters<ReturnType<typeof listening>['hear']>[0]

/** Rings from 0.5 s on, and ends when and as told. */
const call = (end: string): string => `0 a>b INVITE +S\n500 b>a 183 tt=x +S\n${end}`
const failed = call('9s b>a 480 tt=x')

/** Of each attempt `seen`, `none_seen`, `none_seen, noticed` or `unverified`. */
function evidence(text: string, ...reports: readonly Report[]): string[] {
  const { hear, finish } = listening(text)
  for (const report of reports) hear({ callId: first, ...report })
  return finish().map(
    ({ mediaEvidence, flags }) => `${mediaEvidence}${flags.includes('silence_risk') ? ', noticed' : ''}`
  )
}

describe('which way media goes (EM-11)', () => {
  it.each([
    { name: 'between both', way: 'b 20000 > a 20000', found: 'seen' },
    { name: 'from where the callee listens', way: 'b 20000 > a 9', found: 'seen' },
    { name: 'to where the caller listens', way: 'b 9 > a 20000', found: 'seen' },
    { name: 'to where the callee listens', way: 'a 9 > b 20000', found: 'none_seen, noticed' },
    { name: 'from where the caller listens', way: 'a 20000 > b 9', found: 'none_seen, noticed' },
    { name: 'of neither', way: 'b 9 > a 9', found: 'unverified' },
    { name: 'from and to the callee', way: 'b 20000 > b 20000', found: 'unverified' },
    { name: 'RTCP one port higher', way: 'b 20001 > a 9', from: 'rtcp', found: 'seen' },
    { name: 'RTCP of the same port', way: 'b 20000 > a 9', from: 'rtcp', found: 'seen' },
    { name: 'RTP one port higher', way: 'b 20001 > a 20001', found: 'unverified' },
    { name: 'RTCP between their hosts', way: 'b 9 > a 9', from: 'rtcp', found: 'seen' },
    { name: 'a stream between their hosts', way: 'b 9 > a 9', from: 'report', found: 'seen' },
    { name: 'a stream back between their hosts', way: 'a 9 > b 9', from: 'report', found: 'none_seen, noticed' },
    { name: 'a stream of other hosts', way: 'c 9 > 192.0.2.1 9', from: 'report', found: 'unverified' }
  ] as const)('is told by $name: $found', ({ found, name: _name, ...report }) => {
    expect(evidence(failed, { at: 3, ...report })).toEqual([found])
  })

  it('is not told by the host where both sides have the same one', () => {
    const text = failed.replaceAll('+S', '+S(address=192.0.2.1)').replace('192.0.2.1)', '192.0.2.1,port=30000)')
    const way = '192.0.2.1 9 > 192.0.2.1 11'
    expect(evidence(text, { at: 3, way, from: 'report' })).toEqual(['unverified'])
    expect(evidence(text, { at: 3, way: '192.0.2.1 20000 > 192.0.2.1 30000', from: 'report' })).toEqual(['seen'])
  })

  it.each([
    { name: 'the caller offered in UPDATE', way: 'b 9 > a 31000', found: 'seen' },
    { name: 'the callee answered it', way: 'b 32000 > a 9', found: 'seen' },
    { name: 'the caller first did', way: 'b 9 > a 20000', found: 'seen' },
    { name: 'the callee answered it, the other way', way: 'a 9 > b 32000', found: 'none_seen, noticed' }
  ])('is told by what $name', ({ way, found }) => {
    const text = `0 a>b INVITE +S\n500 b>a 183 tt=x rseq=7 +S\n600 a>b PRACK rack=7\n610 b>a 200 PRACK
      700 a>b UPDATE +S(port=31000,v=2)\n800 b>a 200 UPDATE +S(port=32000,v=2)\n9s b>a 480 tt=x`
    expect(evidence(text, { at: 3, way })).toEqual([found])
  })

  it('is told by what the callee offered in UPDATE, and the caller answered', () => {
    const text = `0 a>b INVITE +S\n500 b>a 183 tt=x rseq=7 +S\n600 a>b PRACK rack=7\n610 b>a 200 PRACK
      700 b>a UPDATE +S(port=31000,v=2)\n800 a>b 200 UPDATE +S(port=32000,v=2)\n9s b>a 480 tt=x`
    expect(evidence(text, { at: 3, way: 'b 9 > a 32000' })).toEqual(['seen'])
    expect(evidence(text, { at: 3, way: 'b 31000 > a 9' })).toEqual(['seen'])
  })

  it('of what another responder still sends is none of this one', () => {
    const text = `0 a>b INVITE b1 +S\n500 b>a 183 b1 tt=x +S\n3s b>a 503 b1 tt=x\n3100 a>c INVITE b2 +S
      3600 c>a 183 b2 tt=y +S\n9s c>a 480 b2 tt=y`
    expect(evidence(text, { at: 5, way: 'b 20000 > a 20000' })).toEqual(['unverified', 'unverified'])
    expect(evidence(text, { at: 5, way: 'c 20000 > a 20000' })).toEqual(['unverified', 'seen'])
    expect(evidence(text, { at: 5, way: 'b 9 > a 20000' })).toEqual(['unverified', 'seen'])
  })

  it('to where two responders of one call listen is of both: the source does not tell', () => {
    const text = `0 a>b INVITE b1 +S\n500 b>a 183 b1 tt=x +S(address=192.0.2.1)\n3s b>a 503 b1 tt=x\n3100 a>c INVITE b2 +S
      3600 c>a 183 b2 tt=y +S(address=192.0.2.1)\n9s c>a 480 b2 tt=y`
    expect(evidence(text, { at: 5, way: '192.0.2.1 20000 > a 20000' })).toEqual(['unverified', 'seen'])
  })
})

describe('when media proves something', () => {
  const towards = 'b 20000 > a 20000'

  it.each([
    { name: 'at the INVITE', at: 0, found: 'seen' },
    { name: 'at the failure', at: 9, found: 'seen' },
    { name: 'behind the failure', at: 9.1, found: 'unverified' }
  ])('$name: $found', ({ at, found }) => {
    expect(evidence(failed, { at, way: towards })).toEqual([found])
  })

  it.each([
    { name: 'well before the answer', at: 3, found: 'seen' },
    { name: '200 ms before the answer', at: 8.8, found: 'seen' },
    { name: '100 ms before the answer, which is the talk', at: 8.9, found: 'unverified' }
  ])('$name: $found', ({ at, found }) => {
    expect(evidence(call('9s b>a 200 tt=x +S'), { at, way: towards })).toEqual([found])
  })

  it('at the failure as well where that is a 300', () => {
    expect(evidence(call('9s b>a 300 tt=x'), { at: 8.9, way: towards })).toEqual(['seen'])
  })

  it('before the INVITE was repeated with credentials', () => {
    const text = `0 a>b INVITE b1 cseq=1 +S\n100 b>a 407 b1 tt=z\n200 a>b INVITE b2 cseq=2 +S\n500 b>a 183 b2 tt=x +S\n9s b>a 480 b2 tt=x`
    expect(evidence(text, { at: 0.15, way: towards })).toEqual(['seen'])
  })

  it.each([
    { name: 'less than a second behind the description', at: 1.4, found: 'unverified' },
    { name: 'a second behind the description', at: 1.5, found: 'none_seen, noticed' },
    { name: 'more than 10 s before the end', at: 19.9, end: 30, found: 'unverified' },
    { name: '10 s before the end', at: 20, end: 30, found: 'none_seen, noticed' },
    { name: 'a second behind the description, and then the end', at: 1.5, end: 1.5, found: 'none_seen' },
    { name: 'just before the end of a second', at: 1.4, end: 1.499, found: 'unverified' },
    { name: 'for less than 4 s', at: 4, end: 4.4, found: 'none_seen' },
    { name: 'for 4 s', at: 4, end: 4.5, found: 'none_seen, noticed' }
  ])('none was sent: $name: $found', ({ at, end = 9, found }) => {
    expect(evidence(call(`${end * 1000} b>a 480 tt=x`), { at, way: towards, packets: 0 })).toEqual([found])
  })

  it('none was sent, of an attempt that is open, whenever it was told', () => {
    const text = call('60s a>b OPTIONS call=2')
    expect(evidence(text, { at: 2, way: towards, packets: 0 })[0]).toBe('none_seen, noticed')
    expect(evidence(text, { at: 70, way: towards })[0]).toBe('seen')
  })

  it('none was sent by the caller: that says nothing of what the callee sends', () => {
    expect(evidence(failed, { at: 3, way: 'a 20000 > b 20000', packets: 0 })).toEqual(['unverified'])
  })

  it('nothing without early media', () => {
    const text = '0 a>b INVITE +S\n500 b>a 180 tt=x\n9s b>a 480 tt=x'
    expect(evidence(text, { at: 3, way: towards })).toEqual(['undefined'])
  })
})

describe('a way on which media of other calls was seen', () => {
  const calls = (secondAt: number): string =>
    `0 a>b INVITE call=1 +S\n500 b>a 183 call=1 tt=x +S\n9s b>a 480 call=1 tt=x
     ${secondAt}s a>b INVITE call=2 +S(port=30000)\n${secondAt}500 b>a 183 call=2 tt=y +S(port=30002)\n${secondAt + 9}s b>a 480 call=2 tt=y`

  it.each([
    { name: 'RTP', way: 'b 20000 > a 20000', found: 'none_seen, noticed' },
    { name: 'RTCP', way: 'b 20001 > a 20001', from: 'rtcp', found: 'unverified' },
    { name: 'RTP the other way', way: 'a 20000 > b 20000', found: 'unverified' },
    { name: 'RTP of other hosts', way: 'c 9 > a 20000', found: 'unverified' },
    { name: 'RTP that came just behind its call', at: 41, way: 'b 20000 > a 20000', found: 'none_seen, noticed' },
    { name: 'RTP that came long behind its call', at: 41.5, way: 'b 20000 > a 20000', found: 'unverified' }
  ] as const)('makes silence tell: $name', ({ found, name: _name, ...report }) => {
    expect(evidence(calls(50), { at: 3, ...report, callId: undefined })[1]).toBe(found)
  })

  it('tells nothing of calls before it was', () => {
    const found = evidence(`${calls(0)}\n30s a>b OPTIONS call=3`, {
      at: 8.9,
      way: 'b 20000 > a 20000',
      callId: undefined
    })
    expect(found[1]).toBe('none_seen, noticed')
  })

  it('is known after a restart', () => {
    const before = listening(calls(50))
    before.hear({ at: 3, way: 'b 20000 > a 20000' })
    before.hear({ at: 4, way: 'b 20000 > a 20000' })
    const state = before.correlator.changes().filter(({ key }) => key.startsWith('media way '))
    expect(state.map(({ key }) => key)).toEqual(['media way 203.0.113.7 10.0.0.1'])
    expect(before.changed().filter(key => key.startsWith('media way '))).toEqual([])
    const after = listening('0 a>b INVITE +S\n500 b>a 183 tt=y +S\n9s b>a 480 tt=y')
    for (const { key, value } of state) after.correlator.restore(key, value!)
    expect(after.finish().map(({ mediaEvidence }) => mediaEvidence)).toEqual(['none_seen'])
  })
})
