import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { plus, micros, type Captured } from '@earshot/units'
import fc from 'fast-check'
import { partiesOf } from './fold.fixture.ts'
import { Correlator, EvidenceTally, messagesOf, type Evidence, type Parties } from './index.ts'
import { everybody, traffic } from './traffic.fixture.ts'

function evidenceOf(captured: readonly Captured[], parties: Parties, takeEvery = Infinity): Evidence[] {
  const evidence = new EvidenceTally()
  const correlator = new Correlator({ parties, evidence, emit: () => undefined })
  const rows: Evidence[] = []
  for (const [index, observed] of messagesOf(captured).entries()) {
    correlator.process(observed)
    if (index % takeEvery === 0) rows.push(...evidence.take())
  }
  correlator.finish()
  return [...rows, ...evidence.take()]
}

/** What methods show: 'b INVITE 200 ×1', and with an agent 'b (X) …'. */
const methodsIn = (text: string): string[] =>
  evidenceOf(ladder(text), partiesOf(text))
    .filter(row => row.kind === 'method')
    .map(
      ({ peer, agent, method, code, count }) =>
        `${peer}${agent === '' ? '' : ` (${agent})`} ${method} ${code} ×${count}`
    )
    .sort()

const proxied = 'a = 10.0.0.1:5060 ours\np = 203.0.113.1:5060\nb = 203.0.113.7:5060\n'

describe('evidence of methods (MC-6)', () => {
  it.each([
    { name: 'a 2xx', text: '0 a>b OPTIONS\n5 b>a 200 OPTIONS', shows: ['b OPTIONS 200 ×1'] },
    { name: 'a body that was not understood', text: '0 a>b INFO\n5 b>a 415 INFO', shows: ['b INFO 415 ×1'] },
    { name: 'a rejection', text: '0 a>b UPDATE\n5 b>a 501 UPDATE', shows: ['b UPDATE 501 ×1'] },
    { name: 'a rejected INVITE', text: '0 a>b INVITE\n5 b>a 405', shows: ['b INVITE 405 ×1'] },
    { name: 'nothing: authentication comes first', text: '0 a>b REGISTER\n5 b>a 401 REGISTER', shows: [] },
    { name: 'nothing: 503', text: '0 a>b OPTIONS\n5 b>a 503 OPTIONS', shows: [] },
    { name: 'nothing: no answer', text: '0 a>b OPTIONS', shows: [] },
    {
      name: 'nothing of CANCEL',
      text: '0 a>b INVITE\n5 a>b CANCEL\n6 b>a 200 CANCEL\n7 b>a 487',
      shows: []
    },
    { name: 'one transaction once', text: '0 a>b BYE\n5 b>a 200 BYE x3', shows: ['b BYE 200 ×1'] },
    {
      name: 'the first final of a transaction',
      text: '0 a>b UPDATE\n5 b>a 200 UPDATE\n9 b>a 501 UPDATE',
      shows: ['b UPDATE 200 ×1']
    },
    { name: 'nothing of our own equipment (MC-5)', text: '0 b>a UPDATE\n5 a>b 501 UPDATE', shows: [] },
    {
      name: 'who answered, by its name',
      text: '0 a>b OPTIONS b1\n5 b>a 200 OPTIONS b1   Server: X/1\n9 a>b INFO b2\n20 b>a 501 INFO b2   Server: X/1',
      shows: ['b (X/1) INFO 501 ×1', 'b (X/1) OPTIONS 200 ×1']
    }
  ])('$name', ({ text, shows }) => expect(methodsIn(text)).toEqual(shows))

  it('is of the hop where the answer was made', () => {
    const hops = `${proxied}0 a>p OPTIONS b1\n1 p>b OPTIONS b2\n5 b>p 200 OPTIONS b2\n6 p>a 200 OPTIONS b1`
    expect(methodsIn(hops)).toEqual(['b OPTIONS 200 ×1'])
    const skewed = `${proxied}0 a>p OPTIONS b1\n1 p>b OPTIONS b2\n6 p>a 200 OPTIONS b1\n7 b>p 200 OPTIONS b2`
    expect(methodsIn(skewed)).toEqual(['b OPTIONS 200 ×1'])
  })

  it('is of both forks, whichever is answered first', () => {
    const two = `p = 10.0.0.2:5060 ours
q = 10.0.0.3:5060 ours
0 a>p UPDATE b1 cseq=2 tt=x
2 p>b UPDATE b2 tt=x
4 a>q UPDATE b3 cseq=2 tt=y
6 q>c UPDATE b4 tt=y
260 b>p 200 UPDATE b2 tt=x
262 p>a 200 UPDATE b1 tt=x
300 c>q 200 UPDATE b4 tt=y
302 q>a 200 UPDATE b3 tt=y`
    expect(methodsIn(two)).toEqual(['b UPDATE 200 ×1', 'c UPDATE 200 ×1'])
    const oneProxy = `${proxied}0 a>p UPDATE b1 cseq=2 tt=x
2 a>p UPDATE b2 cseq=2 tt=y
4 p>b UPDATE b3 tt=y
260 p>a 200 UPDATE b1 tt=x
300 b>p 200 UPDATE b3 tt=y
302 p>a 200 UPDATE b2 tt=y`
    expect(methodsIn(oneProxy)).toEqual(['b UPDATE 200 ×1', 'p UPDATE 200 ×1'])
  })

  it('is of a rejection too where it was made', () => {
    const hops = `${proxied}0 a>p UPDATE b1\n1 p>b UPDATE b2\n5 b>p 501 UPDATE b2\n6 p>a 501 UPDATE b1`
    expect(methodsIn(hops)).toEqual(['b UPDATE 501 ×1'])
  })

  it('has the first Call-ID by name, whichever was counted first', () => {
    const text = '0 a>b OPTIONS call=2\n5 b>a 200 OPTIONS call=2\n9 a>b OPTIONS call=1\n12 b>a 200 OPTIONS call=1'
    const [row] = evidenceOf(ladder(text), partiesOf(text))
    expect(row).toMatchObject({ count: 2, callId: expect.stringContaining('call-1') })
  })
})

describe('evidence of Allow (MC-7)', () => {
  const allowedIn = (text: string): string[] =>
    evidenceOf(ladder(text), partiesOf(text))
      .filter(row => row.kind === 'allowed')
      .map(({ peer, source, methods, count }) => `${peer} ${source} ${methods.join()} ×${count}`)
      .sort()

  it.each([
    {
      name: 'of an OPTIONS answer',
      text: '0 a>b OPTIONS\n5 b>a 200 OPTIONS  Allow: B, A',
      shows: ['b options A,B ×1']
    },
    {
      name: 'of an 18x and a 2xx apart',
      text: '0 a>b INVITE\n5 b>a 180 tt=x   Allow: A\n9 b>a 200 tt=x   Allow: A',
      shows: ['b answer A ×1', 'b provisional A ×1']
    },
    {
      name: 'of one list written twice, its methods once',
      text: '0 a>b OPTIONS b1\n5 b>a 200 OPTIONS b1   Allow: B, A, B\n9 a>b OPTIONS b2\n12 b>a 200 OPTIONS b2   Allow: B, A, B',
      shows: ['b options A,B ×2']
    },
    {
      name: 'without what is no method (RFC 3261 §25.1), or longer than any',
      text: `0 a>b OPTIONS\n5 b>a 200 OPTIONS   Allow: A, "B, C", ${'D'.repeat(32)}, ${'E'.repeat(33)}`,
      shows: [`b options A,${'D'.repeat(32)} ×1`]
    },
    {
      name: 'of no more methods than any Allow lists',
      text: `0 a>b OPTIONS\n5 b>a 200 OPTIONS   Allow: ${Array.from({ length: 40 }, (_, index) => `M${10 + index}`).join(', ')}`,
      shows: [`b options ${Array.from({ length: 32 }, (_, index) => `M${10 + index}`).join()} ×1`]
    },
    { name: 'of the sender of a request', text: '0 b>a INVITE   Allow: A\n5 a>b 486', shows: ['b request A ×1'] },
    { name: 'of our own equipment none', text: '0 a>b INVITE   Allow: A\n5 b>a 486', shows: [] },
    { name: 'absent is not empty', text: '0 a>b OPTIONS\n5 b>a 200 OPTIONS', shows: [] },
    { name: 'empty is a set', text: '0 a>b OPTIONS\n5 b>a 200 OPTIONS   Allow: ,', shows: ['b options  ×1'] },
    {
      name: 'a copy adds nothing',
      text: '0 a>b OPTIONS\n5 b>a 200 OPTIONS x3  Allow: A',
      shows: ['b options A ×1']
    }
  ])('$name', ({ text, shows }) => expect(allowedIn(text)).toEqual(shows))
})

describe('the evidence of any traffic', () => {
  const summed = (rows: readonly Evidence[]): Record<string, { count: number; callIds: string[] }> => {
    const sums: Record<string, { count: number; callIds: string[] }> = {}
    for (const each of rows) {
      if (each.kind === 'load') continue
      const { count, ...row } = each
      const callId = row.kind === 'method' ? row.callId : ''
      const sum = (sums[JSON.stringify({ ...row, callId: '' })] ??= { count: 0, callIds: [] })
      sum.count += count
      sum.callIds = [[...sum.callIds, callId].sort()[0]!]
    }
    return sums
  }

  it('sums to the same however often it is taken', () => {
    fc.assert(
      fc.property(traffic(), fc.integer({ min: 1, max: 9 }), (messages, every) => {
        expect(summed(evidenceOf(messages, everybody, every))).toEqual(summed(evidenceOf(messages, everybody)))
      })
    )
  })

  it('is the same of every message seen twice', () => {
    fc.assert(
      fc.property(traffic(), messages => {
        const copies = messages.map(each => ({ ...each, agent: 'tap', capturedAt: plus(each.capturedAt, micros(3)) }))
        const twice = [...messages, ...copies]
        expect(summed(evidenceOf(twice, everybody))).toEqual(summed(evidenceOf(messages, everybody)))
      })
    )
  })
})
