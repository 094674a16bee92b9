import { describe, expect, it } from '@jest/globals'
import { defaultLimits } from '@earshot/calls'
import { parseRegistry, partiesOf, type PeerRow } from '@earshot/peers'
import { carrierPeers, carrierTraffic, type PeerTruth } from '@earshot/traffic'
import { epochMicros } from '@earshot/units'
import { Analysis } from '../../services/earshot/analysis.ts'

type Figures = Pick<PeerRow, 'attempts' | 'outcomes' | 'classes' | 'earlyMedia' | 'responses183' | 'rejections'>

const counted = (counts: object): object => Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))

function comparable({ attempts, outcomes, classes, earlyMedia, responses183, rejections }: Figures): object {
  return {
    attempts,
    outcomes: counted(outcomes),
    classes: counted(classes),
    earlyMedia: {
      attempts: earlyMedia.attempts,
      outcomes: counted(earlyMedia.outcomes),
      // Sums of microseconds, added up in another order.
      seconds: earlyMedia.seconds.toFixed(3)
    },
    responses183,
    rejections: [...rejections].sort((a, b) => (a.method < b.method ? -1 : 1))
  }
}

const named = (peer: string, direction: string): string => `${peer} ${direction}`

describe('generated traffic, whose generator kept account of what it made', () => {
  it.each([1, 2, 3])('is counted to the unit, seed %i', seed => {
    const registry = parseRegistry(JSON.stringify({ peers: carrierPeers }), 'carriers')
    const analysis = new Analysis({ parties: partiesOf(() => registry), limits: defaultLimits })
    const { messages, truth } = carrierTraffic({
      seed,
      start: epochMicros(1.7e15),
      durationSeconds: 300,
      attemptsPerSecond: 10
    })
    for (const captured of messages) analysis.add(captured)
    const summary = analysis.finish()

    expect(summary.messages).toMatchObject({ ...truth.messages, unparsable: 0, orphans: 0, late: 0 })
    expect(summary.calls).toBe(truth.calls)
    const rows = Object.fromEntries(summary.peers.map(row => [named(row.peer, row.direction), comparable(row)]))
    const expected = truth.peers.map((row: PeerTruth) => [named(row.peer, row.direction), comparable(row)] as const)
    expect(rows).toEqual(Object.fromEntries(expected))
  })
})
