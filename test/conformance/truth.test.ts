import { describe, expect, it } from '@jest/globals'
import { defaultLimits } from '@earshot/calls'
import { parseRegistry, partiesOf, type GroupRow, type PeerRow } from '@earshot/peers'
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

/** What the generator's truth says of the figures, and what they are. */
const ratiosOf = ({
  attempts,
  earlyMedia,
  figures: { judged, abr, earlyMediaRate, earlyMediaAsr, sdt, sdd }
}: PeerRow) => ({
  judged,
  attempts,
  abr,
  earlyMediaRate,
  earlyMediaAsr: earlyMedia.attempts > 0 ? earlyMediaAsr : 0,
  talks: [sdt.count, sdd.count],
  talkSeconds: ((sdt.mean ?? 0) * sdt.count).toFixed(3),
  disconnectSeconds: ((sdd.mean ?? 0) * sdd.count).toFixed(3)
})

const trueRatiosOf = ({ attempts, outcomes, earlyMedia, talk }: PeerTruth): ReturnType<typeof ratiosOf> => ({
  judged: attempts,
  attempts,
  abr: (outcomes.answered ?? 0) / attempts,
  earlyMediaRate: earlyMedia.attempts / attempts,
  earlyMediaAsr: (earlyMedia.outcomes.answered ?? 0) / Math.max(1, earlyMedia.attempts),
  talks: [talk.calls, talk.calls],
  talkSeconds: talk.seconds.toFixed(3),
  disconnectSeconds: talk.disconnectSeconds.toFixed(3)
})

const named = (peer: string, direction: string): string => `${peer} ${direction}`

describe('generated traffic, whose generator kept account of what it made', () => {
  it.each([1, 2, 3])('is counted to the unit, seed %i', seed => {
    const peers = carrierPeers.map(peer => ({ ...peer, group: 'everybody' }))
    const registry = parseRegistry(JSON.stringify({ peers }), 'carriers')
    const groupOf = (peer: string): string | undefined => registry.named(peer)?.group
    const analysis = new Analysis({ parties: partiesOf(() => registry), groupOf, limits: defaultLimits })
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

    const ratios = Object.fromEntries(summary.peers.map(row => [named(row.peer, row.direction), ratiosOf(row)]))
    const trueRatios = truth.peers.map(row => [named(row.peer, row.direction), trueRatiosOf(row)] as const)
    expect(ratios).toEqual(Object.fromEntries(trueRatios))

    // Whatever peers a call hunts over, it counts once in the group of all of them.
    const sum = (of: (row: GroupRow) => number): number => summary.groups.reduce((total, row) => total + of(row), 0)
    expect(sum(({ figures }) => figures.calls.judged)).toBe(truth.calls)
    const answered = truth.peers.reduce((total, { outcomes }) => total + (outcomes.answered ?? 0), 0)
    expect(sum(({ figures }) => figures.calls.answered)).toBe(answered)
  })
})
