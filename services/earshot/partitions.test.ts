import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { defaultLimits } from '@earshot/calls'
import { carrierTraffic } from '@earshot/traffic'
import type { PeerRow } from '@earshot/peers'
import { epochMicros, type Captured } from '@earshot/units'
import { Analysis, type Summary } from './analysis.ts'
import { Cluster, parties, type Plan, type Shown } from './cluster.fixture.ts'

const start = epochMicros(1_767_225_600e6)

const plans = fc.record<Plan>({
  packetsPartitions: fc.integer({ min: 1, max: 4 }),
  callsPartitions: fc.integer({ min: 1, max: 4 }),
  collectors: fc.integer({ min: 1, max: 3 }),
  processes: fc.array(
    fc.record({ share: fc.integer({ min: 1, max: 10 }), batch: fc.constantFrom(1, 2, 3, 7, 20, 64) }),
    { minLength: 1, maxLength: 4 }
  ),
  failing: fc.constantFrom(0, 3, 20),
  repeated: fc.constantFrom(0, 2, 10),
  shuffledSeconds: fc.constantFrom(0, 1.9),
  seed: fc.nat()
})

const simple: Plan = {
  packetsPartitions: 1,
  callsPartitions: 1,
  collectors: 1,
  processes: [{ share: 1, batch: 64 }],
  failing: 0,
  repeated: 0,
  shuffledSeconds: 0,
  seed: 0
}

/** The first so many seconds of a carrier's traffic: some attempts are not over. */
function trafficOf(seed: number, lengthSeconds: number): Captured[] {
  const { messages } = carrierTraffic({ seed, start, durationSeconds: lengthSeconds, attemptsPerSecond: 2 })
  return [...messages].filter(({ capturedAt }) => capturedAt < start + lengthSeconds * 1e6)
}

function analysed(traffic: readonly Captured[]): Summary {
  const analysis = new Analysis({ parties, limits: defaultLimits })
  for (const captured of traffic) analysis.add(captured)
  return analysis.finish()
}

const figuresOf = ({ messages, calls, peers }: Pick<Shown, 'messages' | 'calls' | 'peers'>) => {
  const { notSip: _notSip, ...counts } = messages as { readonly notSip?: number }
  // Erlangs are over the span that was observed, which the watermarks of a cluster begin a little otherwise; what is said
  // of methods comes in steps of seconds, and so a little later.
  const rows = peers.map(({ capabilities: _capabilities, ...row }: PeerRow & { readonly capabilities?: object }) => ({
    ...row,
    figures: { ...row.figures, earlyMediaErlangs: null },
    capacity: { concurrent: row.capacity.concurrent, carriedErlangs: null }
  }))
  return { messages: counts, calls, peers: rows }
}

/** Without what is summed of records only: the end of a file makes a record of every attempt, live they are not over. */
const standingOf = <Figures extends { readonly peers: readonly PeerRow[] }>({ peers, ...others }: Figures) => ({
  ...others,
  peers: peers.map(({ diagnoses: _diagnoses, causeMapping: _causeMapping, ...row }) => row)
})

describe('a cluster of any size, whatever befalls it', () => {
  it('shows the figures of one partition, and of the offline analysis', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 15, max: 60 }), plans, async (seed, length, plan) => {
        const traffic = trafficOf(seed, length)
        const shown = await new Cluster(plan).shows(traffic)
        const embedded = await new Cluster(simple).shows(traffic)
        expect(figuresOf(shown)).toEqual(figuresOf(embedded))
        expect(standingOf(figuresOf(shown))).toEqual(standingOf(figuresOf(analysed(traffic))))
        expect(shown.now).toBe(embedded.now)
        expect(shown.counted).toEqual(embedded.counted)
        expect(shown.falls + embedded.falls).toBe(0)
      }),
      // An attempt that was challenged and then refused with 503 waits there for another try.
      { numRuns: 40, examples: [[644_117, 15, simple]] }
    )
  }, 120_000)
})
