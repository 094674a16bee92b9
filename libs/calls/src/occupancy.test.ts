import { describe, expect, it } from '@jest/globals'
import { ladder } from '@earshot/traffic'
import { plus, seconds, type Captured, type EpochMicros } from '@earshot/units'
import fc from 'fast-check'
import { newestOf, partiesOf } from './fold.fixture.ts'
import { Correlator, EvidenceTally, messagesOf, type CallsRecord, type LoadEvidence, type Parties } from './index.ts'
import { everybody, traffic } from './traffic.fixture.ts'

type Loads = { readonly rows: readonly LoadEvidence[]; readonly records: readonly CallsRecord[] }

/** What is told until the clock stands there, and by a correlator that was stopped and restored after so many messages. */
function loadsOf(captured: readonly Captured[], parties: Parties, until: EpochMicros, cutAfter = Infinity): Loads {
  const rows: LoadEvidence[] = []
  const records: CallsRecord[] = []
  const evidence = new EvidenceTally()
  const take = (): void => {
    for (const row of evidence.take()) if (row.kind === 'load') rows.push(row)
  }
  const fresh = (): Correlator =>
    new Correlator({ parties, evidence, keepsChanges: true, emit: record => records.push(record) })
  let correlator = fresh()
  for (const [index, observed] of messagesOf(captured).entries()) {
    if (index === cutAfter) {
      take()
      const changes = correlator.changes()
      correlator = fresh()
      for (const { key, value } of changes) if (value) correlator.restore(key, value)
    }
    correlator.process(observed)
  }
  correlator.advance(until)
  take()
  return { rows, records }
}

/** By peer and second of the ladder: 'b +5 attempts 1 calls 1'. */
function told(text: string): string[] {
  const captured = ladder(text)
  const start = captured[0]!.capturedAt / 1e6
  return loadsOf(captured, partiesOf(text), plus(newestOf(captured), seconds(300))).rows.map(
    ({ second, peer, attempts, calls }) => `${peer} +${second - start} ${attempts} ${calls}`
  )
}

describe('what occupies a peer (K-4)', () => {
  it.each([
    {
      name: 'an answered call from its INVITE to the final of its BYE',
      text: '0 a>b INVITE\n500 b>a 180 tt=x\n9s b>a 200 tt=x\n69s a>b BYE tt=x\n70100 b>a 200 BYE',
      tells: ['b +0 1 1', 'b +70 0 -1']
    },
    {
      name: 'a call whose BYE nobody answers until nothing can come any more',
      text: '0 a>b INVITE\n9s b>a 200 tt=x\n69s a>b BYE tt=x',
      tells: ['b +0 1 1', 'b +101 0 -1']
    },
    { name: 'a failed attempt to its final', text: '0 a>b INVITE\n2s b>a 486', tells: ['b +0 1 1', 'b +2 0 -1'] },
    {
      name: 'not between a challenge and the next INVITE, which begins no other attempt',
      text: '0 a>b INVITE b1\n1s b>a 401\n5s a>b INVITE b2 cseq=2\n8s b>a 603 b2 cseq=2',
      tells: ['b +0 1 1', 'b +1 0 -1', 'b +5 0 1', 'b +8 0 -1']
    },
    { name: 'an attempt without a response to its limit', text: '0 a>b INVITE', tells: ['b +0 1 1', 'b +32 0 -1'] },
    {
      name: 'a call that is answered after it was cancelled',
      text: '0 a>b INVITE\n1s b>a 180 tt=x\n3s a>b CANCEL\n3s b>a 487\n4s b>a 200 tt=x\n9s a>b BYE tt=x\n9s b>a 200 BYE',
      tells: ['b +0 1 1', 'b +3 0 -1', 'b +4 0 1', 'b +9 0 -1']
    },
    {
      name: 'who answers, from the first response on: the attempt was offered to the one that was called',
      text: 'a = 10.0.0.1:5060 ours\nb = 203.0.113.7:5060\nc = 203.0.113.8:5060\n0 a>b INVITE\n2s c>a 180 tt=x\n4s c>a 486 tt=x',
      tells: ['b +0 1 1', 'b +2 0 -1', 'c +2 0 1', 'c +4 0 -1']
    }
  ])('$name', ({ text, tells }) => expect(told(text)).toEqual(tells))
})

describe('what occupies peers in any traffic', () => {
  const summed = (rows: readonly LoadEvidence[]): ReadonlyMap<string, readonly [attempts: number, calls: number]> => {
    const sums = new Map<string, readonly [number, number]>()
    for (const { second, peer, direction, ...row } of rows) {
      const name = `${second} ${direction} ${peer}`
      const [attempts, calls] = sums.get(name) ?? [0, 0]
      sums.set(name, [attempts + row.attempts, calls + row.calls])
    }
    return sums
  }

  it('is what has begun and not ended, at every peer', () => {
    fc.assert(
      fc.property(traffic(), messages => {
        const { rows, records } = loadsOf(messages, everybody, plus(newestOf(messages), seconds(7200)))
        const left = new Map<string, number>()
        const count = (peer: string, by: number): void => void left.set(peer, (left.get(peer) ?? 0) + by)
        for (const { peer, direction, calls } of rows) count(`${direction} ${peer}`, -calls)
        for (const record of records) {
          if (!('direction' in record) || record.direction === 'internal') continue
          const by =
            record.kind === 'call_end' ? -1 : Number(record.kind === 'attempt' && record.outcome === 'answered')
          count(`${record.direction} ${record.peer}`, by)
        }
        expect([...left].filter(([, calls]) => calls !== 0)).toEqual([])
      }),
      { numRuns: 200 }
    )
  })

  it('is the same whenever the correlator is stopped and restored, and of every message seen twice', () => {
    fc.assert(
      fc.property(traffic(), fc.nat(60), (messages, cutAfter) => {
        const until = plus(newestOf(messages), seconds(7200))
        const whole = summed(loadsOf(messages, everybody, until).rows)
        expect(summed(loadsOf(messages, everybody, until, cutAfter).rows)).toEqual(whole)
        const copies = messages.map(each => ({ ...each, agent: 'tap' }))
        expect(summed(loadsOf([...messages, ...copies], everybody, until).rows)).toEqual(whole)
      }),
      { numRuns: 100 }
    )
  })
})
