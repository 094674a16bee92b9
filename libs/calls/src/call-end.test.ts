import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { plus, seconds } from '@earshot/units'
import { foldFile, partiesOf } from './fold.fixture.ts'
import { Correlator, messagesOf, type CallEndRecord } from './index.ts'

const answered = '0 a>b INVITE +S\n1s b>a 200 tt=x +S\n'

const endsOf = (text: string): readonly CallEndRecord[] => foldFile(ladder(`${answered}${text}`)).ends

/** Whether the end is told when the clock stands so many seconds behind the INVITE. */
function isToldBy(text: string, clock: number): boolean {
  const ends: CallEndRecord[] = []
  const correlator = new Correlator({ emit: record => void (record.kind === 'call_end' && ends.push(record)) })
  const messages = messagesOf(ladder(`${answered}${text}`))
  const at = plus(messages[0]!.at, seconds(clock))
  for (const message of messages) if (message.at <= at) correlator.process(message)
  correlator.advance(at)
  return ends.length > 0
}

describe('the end of a call (K-1)', () => {
  it.each([
    { name: 'no response', text: '', end: { byeStatus: 0, disconnectDelay: undefined } },
    { name: 'a 200', text: '10500 b>a 200 BYE b8', end: { byeStatus: 200, disconnectDelay: 0.5 } },
    { name: 'a 200 at the same time', text: '10000 b>a 200 BYE b8', end: { byeStatus: 200, disconnectDelay: 0 } },
    { name: 'a 299', text: '10500 b>a 299 BYE b8', end: { byeStatus: 299, disconnectDelay: 0.5 } },
    { name: 'a 300', text: '10500 b>a 300 BYE b8', end: { byeStatus: 300, disconnectDelay: 0.5 } },
    { name: 'a 481', text: '10500 b>a 481 BYE b8', end: { byeStatus: 481, disconnectDelay: 0.5 } },
    { name: 'a challenge', text: '10500 b>a 401 BYE b8', end: { byeStatus: 401, disconnectDelay: undefined } },
    {
      name: 'a challenge of a proxy',
      text: '10500 b>a 407 BYE b8',
      end: { byeStatus: 407, disconnectDelay: undefined }
    },
    {
      name: 'a challenge, and then a 200',
      text: '10500 b>a 401 BYE b8\n11s a>b BYE tt=x b9\n11300 b>a 200 BYE b9',
      end: { byeStatus: 200, disconnectDelay: 1.3 }
    },
    {
      name: 'a challenge, and then a 481',
      text: '10500 b>a 401 BYE b8\n11s a>b BYE tt=x b9\n11300 b>a 481 BYE b9',
      end: { byeStatus: 481, disconnectDelay: 1.3 }
    },
    {
      name: 'a challenge, and then nothing',
      text: '10500 b>a 401 BYE b8\n11s a>b BYE tt=x b9',
      end: { byeStatus: 401, disconnectDelay: undefined }
    },
    {
      name: 'a 500, and then a 200',
      text: '10500 b>a 500 BYE b8\n11s a>b BYE tt=x b9\n11300 b>a 200 BYE b9',
      end: { byeStatus: 200, disconnectDelay: 0.5 }
    },
    {
      name: 'a 481 behind the 200 of a BYE that was repeated',
      text: '10800 b>a 481 BYE b8\n10900 a>b BYE tt=x b9\n10950 b>a 200 BYE b9',
      end: { byeStatus: 200, disconnectDelay: 0.8 }
    }
  ])('by a BYE with $name', ({ text, end }) => {
    const [found, ...others] = endsOf(`10s a>b BYE tt=x b8\n${text}`)
    expect(others).toEqual([])
    expect(found).toMatchObject({ release: 'caller', talkSeconds: 9, byeStatus: end.byeStatus })
    expect(found!.disconnectDelay).toBe(end.disconnectDelay)
    expect('disconnectDelay' in found!).toBe(end.disconnectDelay !== undefined)
    expect('cause' in found!).toBe(false)
  })

  it.each([
    { name: 'the one who sent it', text: '10s a>b BYE tt=x b8', release: 'caller' },
    { name: 'the other one', text: '10s b>a BYE tt=x b8', release: 'callee' }
  ])('is of $name', ({ text, release }) => {
    expect(endsOf(text)).toMatchObject([{ release }])
  })

  it('has the cause of the BYE, the first that one has of those that repeat it', () => {
    const bye = (at: number, branch: string, cause: string): string => `${at} a>b BYE tt=x ${branch}   ${cause}\n`
    const repeated = (one: string, other: string): string =>
      `${bye(10_000, 'b7', one)}10100 b>a 401 BYE b7\n${bye(10_200, 'b8', other)}10300 b>a 200 BYE b8`
    const found = [
      repeated('Reason: Q.850;cause=16', 'Reason: Q.850;cause=31'),
      repeated('Subject: none', 'Reason: Q.850;cause=31')
    ].map(text => endsOf(text)[0]!.cause)
    expect(found).toEqual([16, 31])
  })

  it.each([
    { name: 'another dialog', text: '10s a>b BYE tt=y' },
    { name: 'another caller', text: '10s a>b BYE tt=x ft=other' },
    { name: 'another dialog, of the callee', text: '10s b>a BYE tt=y' },
    { name: 'another caller, of the callee', text: '10s b>a BYE tt=x ft=other' },
    { name: 'the early dialog, when it was answered', text: '1000 a>b BYE tt=x' },
    { name: 'the early dialog, before it was answered', text: '900 a>b BYE tt=x' }
  ])('is none by a BYE of $name', ({ text }) => {
    expect(endsOf(text)).toEqual([])
  })

  it('is by the earliest BYE, wherever its response was seen before it', () => {
    // The clock of who sees the responses is ahead.
    const text = `10200 a>b BYE tt=x b9 @agent1
      10050 b>a 481 BYE b9 @agent2
      10100 b>a BYE tt=x b8 @agent1
      10150 a>b 200 BYE b8 @agent1`
    expect(endsOf(text)).toMatchObject([{ release: 'callee', talkSeconds: 9.1, disconnectDelay: 0.05, byeStatus: 200 }])
  })

  it('has no delay where clocks differ so that it would be negative', () => {
    const [end] = endsOf('10200 a>b BYE tt=x b9 @agent1\n10050 b>a 200 BYE b9 @agent2')
    expect(end).toMatchObject({ byeStatus: 200, talkSeconds: 9.2 })
    expect('disconnectDelay' in end!).toBe(false)
  })
})

describe('the end of a call through a proxy', () => {
  const hops = `p = 10.0.0.9:5060 ours\nc = 203.0.113.8:5060\nb = 203.0.113.7:5060\n
    0 c>p INVITE +S\n5 p>b INVITE +S\n4500 b>p 200 tt=x +S\n4505 p>c 200 tt=x +S\n`
  const byPeer = (text: string) =>
    Object.fromEntries(foldFile(ladder(`${hops}${text}`), partiesOf(hops)).ends.map(end => [end.peer, end]))

  it('is of each hop by its own BYE', () => {
    const ends = byPeer('10s c>p BYE tt=x\n10100 p>b BYE tt=x\n10200 b>p 200 BYE\n10900 p>c 408 BYE')
    expect(ends['c']).toMatchObject({ disconnectDelay: 0.9, byeStatus: 408, release: 'caller' })
    expect(ends['b']).toMatchObject({ disconnectDelay: 0.1, byeStatus: 200, release: 'caller' })
  })

  it('is of each hop by its own BYE where the callee sends it', () => {
    const ends = byPeer('10s b>p BYE tt=x\n10100 p>c BYE tt=x\n10200 c>p 200 BYE\n10900 p>b 408 BYE')
    expect(ends['b']).toMatchObject({ disconnectDelay: 0.9, byeStatus: 408, release: 'callee' })
    expect(ends['c']).toMatchObject({ disconnectDelay: 0.1, byeStatus: 200, release: 'callee' })
  })
})

describe('the end of a call is told', () => {
  const bye = '10s a>b BYE tt=x b8\n'

  it.each([
    { name: 'at the 200 of its BYE', text: '10500 b>a 200 BYE b8', before: 10.4, at: 10.6 },
    { name: 'when nothing can come any more', text: '', before: 41.9, at: 42.1 },
    { name: 'so late where it was refused', text: '10500 b>a 481 BYE b8', before: 41.9, at: 42.1 },
    { name: 'so late where it was redirected', text: '10500 b>a 300 BYE b8', before: 41.9, at: 42.1 },
    { name: 'so late where it was challenged', text: '10500 b>a 401 BYE b8', before: 41.9, at: 42.1 },
    {
      name: 'when a BYE of the other side completes it',
      text: '10500 b>a 481 BYE b8\n11s b>a BYE tt=x b9\n12s a>b 200 BYE b9',
      before: 11.9,
      at: 12.1
    },
    {
      name: 'when a BYE of the other side had completed it before it was refused',
      text: '10100 b>a BYE tt=x b9\n10200 a>b 200 BYE b9\n10500 b>a 481 BYE b8',
      before: 10.4,
      at: 10.6
    }
  ])('$name', ({ text, before, at }) => {
    expect([isToldBy(`${bye}${text}`, before), isToldBy(`${bye}${text}`, at)]).toEqual([false, true])
  })

  it('not before the clock has passed its BYE, whatever was seen of the response', () => {
    const text = '10200 a>b BYE tt=x b9 @agent1\n10050 b>a 200 BYE b9 @agent2'
    expect([isToldBy(text, 10.1), isToldBy(text, 10.3)]).toEqual([false, true])
  })
})

describe('session request delay (K-1, RFC 6076 §4.3)', () => {
  it.each([
    { text: '20 b>a 100\n400 b>a 180 tt=x\n900 b>a 183 tt=x\n1s b>a 200 tt=x', delay: 0.4 },
    { text: '300 b>a 199 tt=x\n400 b>a 183 tt=x\n900 b>a 180 tt=x\n1s b>a 486 tt=x', delay: 0.4 },
    { text: '1s b>a 200 tt=x', delay: 1 },
    { text: '1s b>a 299 tt=x', delay: 1 },
    { text: '0 b>a 180 tt=x\n1s b>a 486 tt=x', delay: 0 },
    { text: '1s b>a 300 tt=x', delay: undefined },
    { text: '1s b>a 400 tt=x', delay: 1 },
    { text: '1s b>a 402 tt=x', delay: undefined },
    { text: '1s b>a 603 tt=x', delay: 1 },
    { text: '20 b>a 100', delay: undefined },
    { text: '100 b>a 407 b1 tt=z\n200 a>b INVITE b2 cseq=2\n900 b>a 180 b2 tt=x\n1s b>a 486 b2 tt=x', delay: 0.7 },
    { text: '100 b>a 407 b1 tt=z\n200 a>b INVITE b2 cseq=2\n1s b>a 486 b2 tt=x', delay: 0.8 },
    { text: '100 b>a 407 b1 tt=z\n200 a>b INVITE b2 cseq=2\n300 b>a 407 b2 tt=z', delay: undefined },
    // Two forks: the first sign of any.
    { text: '5 a>b INVITE b2\n700 b>a 180 b1 tt=x\n505 b>a 180 b2 tt=y\n1s b>a 200 b1 tt=x', delay: 0.5 },
    { text: '5 a>b INVITE b2\n700 b>a 200 b1 tt=x\n505 b>a 180 b2 tt=y', delay: 0.5 },
    { text: '5 a>b INVITE b2\n300 b>a 180 b1 tt=x\n505 b>a 200 b2 tt=y', delay: 0.3 },
    { text: '5 a>b INVITE b2\n700 b>a 200 b1 tt=x\n505 b>a 200 b2 tt=y', delay: 0.5 }
  ])('is $delay s of $text', ({ text, delay }) => {
    const [attempt] = foldFile(ladder(`0 a>b INVITE b1 cseq=1\n${text}`)).attempts
    expect(attempt!.sessionRequestDelay).toBe(delay)
  })

  it('is none where clocks differ so that it would be negative', () => {
    const [attempt] = foldFile(
      ladder('100 a>b INVITE b1 @agent1\n50 b>a 180 b1 tt=x @agent2\n1s b>a 486 b1 tt=x')
    ).attempts
    expect(attempt!.sessionRequestDelay).toBeUndefined()
  })
})
