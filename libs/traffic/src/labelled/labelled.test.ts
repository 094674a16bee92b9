import { describe, expect, it } from '@jest/globals'
import { labelledEvidence } from './labelled-evidence.ts'
import { LABELLED_STEP_SECONDS, labelledTraffic, type LabelledOptions, type LabelledPeer } from './labelled-traffic.ts'

const options: LabelledOptions = {
  seed: 5,
  weeks: 2,
  peers: 2,
  delayBounds: [1, 2, 4],
  healthyWeeks: 1,
  incidentsPerWeek: 20
}

const attemptsOf = (peer: LabelledPeer): number[] => Array.from(peer.steps(), ({ counts }) => counts.attempts)

describe('labelled traffic', () => {
  const peers = labelledTraffic(options)

  it('is the same of the same seed, each time', () => {
    const again = labelledTraffic(options)[1]!
    // As text, for jest compares many small objects slowly.
    expect(JSON.stringify([...again.steps()]) === JSON.stringify([...peers[1]!.steps()])).toBe(true)
    expect(labelledTraffic(options).map(({ labels }) => labels)).toEqual(peers.map(({ labels }) => labels))
    const other = labelledTraffic({ ...options, seed: 6 })[1]!
    expect(attemptsOf(other).slice(0, 100)).not.toEqual(attemptsOf(peers[1]!).slice(0, 100))
  })

  it('has counts that fit together', () => {
    const wrong = Array.from(peers[0]!.steps(), ({ counts }) => counts).filter(
      ({ attempts, seizures, answered, earlyMedia, answeredEarlyMedia, failedEarlyMedia, delays }) =>
        seizures > attempts ||
        answered > seizures ||
        answeredEarlyMedia + failedEarlyMedia > earlyMedia ||
        delays.reduce((a, b) => a + b, 0) !== seizures
    )
    expect(wrong).toEqual([])
  })

  it('has incidents apart from each other, after the healthy weeks', () => {
    const labels = peers.flatMap(peer => peer.labels)
    expect(labels.length).toBeGreaterThan(3)
    for (const { labels: own } of peers) {
      expect(own[0]?.start ?? Infinity).toBeGreaterThan(Date.UTC(2026, 0, 12) / 1e3)
      for (const [at, label] of own.entries()) expect(label.start).toBeGreaterThan(own[at - 1]?.end ?? 0)
    }
  })

  it('without incidents has none', () => {
    expect(labelledTraffic({ ...options, incidentsPerWeek: 0 }).flatMap(({ labels }) => labels)).toEqual([])
  })

  it('is silent in an absence and threefold in a spike', () => {
    for (const seed of [1]) {
      for (const peer of labelledTraffic({ ...options, seed })) {
        const steps = [...peer.steps()]
        for (const { signal, shape, kind, start, end, eventsIn5Minutes } of peer.labels) {
          if (signal !== 'attempts' || shape !== 'step') continue
          const within = steps.filter(({ at }) => at >= start && at + LABELLED_STEP_SECONDS <= end)
          const attempts = within.reduce((sum, { counts }) => sum + counts.attempts, 0)
          if (kind === 'absence') expect(attempts).toBe(0)
          else if (kind === 'spike') expect((300 * attempts) / (end - start) / eventsIn5Minutes).toBeGreaterThan(0.5)
        }
      }
    }
  })
})

describe('evidence of methods', () => {
  it('is rejected in a regression, and hardly else', () => {
    const { regressions, evidence } = labelledEvidence({ seed: 3, weeks: 4, peers: 1, regressionsPerWeek: 4 })
    const all = [...evidence()]
    expect(regressions.length).toBeGreaterThan(0)
    const isWrong = ({ at, peer, method }: (typeof all)[number]): boolean =>
      regressions.some(each => each.peer === peer && each.method === method && each.start <= at && at < each.end)
    expect(all.some(each => isWrong(each) && each.status !== 501)).toBe(false)
    const others = all.filter(each => !isWrong(each))
    expect(others.filter(({ status }) => status === 501).length / others.length).toBeLessThan(0.03)
  })

  it('without regressions has none', () => {
    expect(labelledEvidence({ seed: 3, weeks: 4, peers: 2, regressionsPerWeek: 0 }).regressions).toEqual([])
  })
})
